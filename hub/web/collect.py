"""The hot paths, as a raw ASGI callable: collecting events and deciding pages."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import TypeVar

import msgspec
import orjson

from hub.clock import to_ms
from hub.core import Hub, SourceRow
from hub.flows.accept import accept_batch, accept_one, encode, reject
from hub.flows.decide import answer_page, read_request
from hub.flows.device import (
    ConsentRequest,
    DeviceRequest,
    LinkRequest,
    change_consent,
    link_device,
    mint_device,
)
from hub.flows.installed import note_page
from hub.flows.shop_sign_in import sign_in
from hub.flows.subscribe import SubscribeRequest, subscribe
from hub.ingest.events import LETTERS
from hub.ingest.limits import EVENT_BYTES, BadInput
from hub.meters import RouteMeter
from hub.store.database import StoreUnavailable
from hub.store.lanes import Overloaded, caller
from hub.web.device_cookie import Keeper, keeping
from hub.web.door import Allowance, Door, network_in
from hub.web.request_id import HEADER, current, new_id
from hub.web.sdk_routes import merge
from hub.web.wire import (
    CORS,
    Gone,
    Receive,
    Scope,
    Send,
    UnknownKey,
    answer,
    find_source,
    read_body,
    refusal,
)

log = logging.getLogger("hub.web")

# (hub, source, body, token) -> JSON
Handler = Callable[[Hub, SourceRow, bytes, str], Awaitable[bytes]]
_BROWSER_BYTES = 64 * 1024
Headers = tuple[tuple[bytes, bytes], ...]
T = TypeVar("T")


class _Route(msgspec.Struct, frozen=True):
    name: str
    handler: Handler
    meter: RouteMeter


class Collect:
    """Answers the public routes itself and hands everything else to `app`."""

    def __init__(
        self,
        hub: Hub,
        app: Callable[[Scope, Receive, Send], Awaitable[None]],
        door: Door | None = None,
    ) -> None:
        self._hub = hub
        self._app = app
        self._door = door or Door()
        self._routes = {
            path: _Route(name, handler, hub.meters.route(name))
            for path, (name, handler) in _routes(hub).items()
        }
        root = hub.settings.root
        self._routes |= {root + path: route for path, route in self._routes.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.get(scope["path"]) if scope["type"] == "http" else None
        if route is None:
            await self._app(scope, receive, send)
        elif scope["method"] == "POST":
            await self._post(route, scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": CORS})
            await send({"type": "http.response.body", "body": b""})
        else:
            await answer(send, 405, refusal("method: use POST"), ((b"allow", b"POST, OPTIONS"),))

    async def _post(self, route: _Route, scope: Scope, receive: Receive, send: Send) -> None:
        extra: Headers = ()
        started = perf_counter()
        hold = False
        keeper: Keeper | None = None
        try:
            network = network_in(scope)
            body = await self._body(scope, receive, network)
            started = perf_counter()  # how slowly a client sends is not our time
            source, token = find_source(self._hub, scope, body)
            keeper, token = keeping(self._hub, scope, route.name, source, token)
            with self._door.inside(source, network):
                self._hub.seen[source.id] = to_ms(self._hub.clock.now())
                status, result = 200, await route.handler(self._hub, source, body, token)
            if keeper:
                extra = keeper.lines(token, result)
        except BadInput as error:
            status, result = 400, refusal(str(error))
        except UnknownKey:
            self._hub.unknown_keys += 1
            reason = "writeKey: no source has this key; copy the snippet line again"
            status, result = 401, refusal(reason)
        except Overloaded as error:
            hold = True
            status, result, extra = (
                429,
                refusal(f"{error}: send it again later"),
                _again(error.after),
            )
        except (StoreUnavailable, TimeoutError) as error:
            status, result, extra = 503, refusal(f"{error}: send it again later"), _again()
        except Gone:
            return
        except Exception:  # never a 4xx for a fault of ours, and never a stack trace outside
            name = new_id()
            current.set(name)
            log.exception("a request to %s failed", route.name)
            reason = "the hub had a fault: send it again later"
            status, result, extra = 503, refusal(reason), (*_again(), (HEADER, name.encode()))
        route.meter.done(status, perf_counter() - started)
        if hold:
            await self._door.hold()
        extra += keeper.grants() if keeper and status != 200 else ()
        await answer(send, status, result, extra)

    async def _body(self, scope: Scope, receive: Receive, network: str) -> bytes:
        """The body; one that is too large or cut off is counted where a header names the key."""
        try:
            with self._door.reading(network) as reading:
                return await read_body(scope, receive, took=reading.took)
        except BadInput as error:
            with contextlib.suppress(UnknownKey):
                source, _ = find_source(self._hub, scope, b"{}")
                reject(self._hub, source, str(error), b"", to_ms(self._hub.clock.now()))
            raise


def _again(seconds: int = 5) -> Headers:
    """When to come back."""
    return ((b"retry-after", b"%d" % seconds),)


def _one(kind: str) -> Handler:
    async def handler(hub: Hub, source: SourceRow, body: bytes, token: str) -> bytes:
        return encode(await accept_one(hub, source, body, kind=kind, token=token))

    return handler


async def _batch(hub: Hub, source: SourceRow, body: bytes, _: str) -> bytes:
    return encode(await accept_batch(hub, source, body))


async def _decide(hub: Hub, source: SourceRow, body: bytes, _: str) -> bytes:
    if len(body) > EVENT_BYTES:
        raise BadInput(f"body: larger than {EVENT_BYTES} bytes")
    request = read_request(body)
    note_page(hub, source, request.page.url)
    return orjson.dumps(await answer_page(hub, source, request))


async def _device(hub: Hub, source: SourceRow, body: bytes, earlier: str) -> bytes:
    request = _read(body, DeviceRequest)
    return orjson.dumps({"token": await mint_device(hub, source, request.consent, earlier)})


async def _consent(hub: Hub, source: SourceRow, body: bytes, _: str) -> bytes:
    keep = await change_consent(hub, source, _read(body, ConsentRequest))
    return orjson.dumps({"ok": True, "keep": keep})


async def _link(hub: Hub, source: SourceRow, body: bytes, _: str) -> bytes:
    request = _read(body, LinkRequest)
    if request.jwt:
        return msgspec.json.encode(await sign_in(hub, source, request))
    return orjson.dumps({"linked": await link_device(hub, source, request)})


def _subscribe(allowance: Allowance) -> Handler:
    """Each call may send a mail to somebody else: few of them for one network."""

    async def handler(hub: Hub, source: SourceRow, body: bytes, _: str) -> bytes:
        request = _read(body, SubscribeRequest)
        network = caller.get()
        await subscribe(hub, source, request, lambda now: allowance.spend(network, now))
        return b'{"ok":true}'

    return handler


def _read(body: bytes, kind: type[T]) -> T:
    if len(body) > _BROWSER_BYTES:
        raise BadInput(f"body: larger than {_BROWSER_BYTES} bytes")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadInput(f"body: {error}") from error


def _routes(hub: Hub) -> dict[str, tuple[str, Handler]]:
    """By path: under which name it is counted, and who answers."""
    routes: dict[str, tuple[str, Handler]] = {
        "/v1/decide": ("decide", _decide),
        "/v1/device": ("device", _device),
        "/v1/consent": ("consent", _consent),
        "/v1/link": ("link", _link),
        "/v1/subscribe": ("subscribe", _subscribe(Allowance(hub.settings.subscribe_per_hour))),
        "/v1/merge": ("event", merge),
    }
    for letter, kind in LETTERS.items():
        for path in (f"/v1/{kind}", f"/v1/{letter}", f"/{letter}"):
            routes[path] = ("event", _one(kind))
    for path in ("/v1/batch", "/v1/b", "/b", "/v1/import", "/beacon/v1/batch"):
        routes[path] = ("batch", _batch)
    return routes
