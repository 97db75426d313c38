"""What published tracking libraries ask for besides the collect routes: settings, pixels, numbers
about themselves. Rare calls, kept out of the hot paths."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub import __version__
from hub.clock import to_ms
from hub.core import Hub, SourceRow
from hub.flows.accept import accept_one, encode
from hub.ingest.limits import EVENT_BYTES, BadInput
from hub.store.database import StoreUnavailable
from hub.store.lanes import Overloaded
from hub.web.door import Door, network_in
from hub.web.wire import CORS, UnknownKey, find_source

log = logging.getLogger("hub.web")
_CORS = {name.decode(): value.decode() for name, value in CORS}
_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
# One transparent pixel.
_GIF = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
_PIXEL_FIELDS = ("event", "name", "category", "userId", "anonymousId", "messageId", "timestamp",
                 "originalTimestamp", "sentAt")  # fmt: skip
_PIXEL_GROUPS = ("properties", "traits", "context")
_IDENTIFYING = {"user_id": "userId", "anonymous_id": "anonymousId"}
_AS_TRAIT = ("email", "phone")

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(hub: Hub, door: Door) -> list[BaseRoute]:
    """The routes by which a library of Segment or RudderStack finds a hub it can work with."""
    return [
        _open("/v1/projects/{key}/settings", "GET", _segment_settings(hub)),
        _open("/projects/{key}/settings", "GET", _segment_settings(hub)),
        _open("/sourceConfig/", "GET", _rudder_settings(hub)),
        _open("/sourceConfig", "GET", _rudder_settings(hub)),
        _open("/m", "POST", _thrown_away),
        _open("/v1/m", "POST", _thrown_away),
        _open("/rsaMetrics", "POST", _thrown_away),
        _open("/version", "GET", _version),
        _open("/pixel/v1/track", "GET", _pixel(hub, door, "track")),
        _open("/pixel/v1/page", "GET", _pixel(hub, door, "page")),
    ]


async def merge(hub: Hub, source: SourceRow, body: bytes, token: str) -> bytes:
    """RudderStack's merge call, kept as an identify call that names the same identifiers."""
    return encode(await accept_one(hub, source, _as_identify(body), kind="identify", token=token))


class _Property(msgspec.Struct):
    type: str
    value: str | int


class _Merge(msgspec.Struct):
    mergeProperties: list[_Property]
    userId: str | int | None = None
    anonymousId: str | int | None = None
    messageId: str | None = None
    timestamp: str | None = None
    originalTimestamp: str | None = None
    sentAt: str | None = None
    context: dict[str, Any] | None = None


def _as_identify(body: bytes) -> bytes:
    if len(body) > EVENT_BYTES:
        raise BadInput(f"event: {len(body)} bytes, at most {EVENT_BYTES} are allowed")
    try:
        said = msgspec.json.decode(body, type=_Merge)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"mergeProperties: {error}") from error
    event = msgspec.structs.asdict(said)
    del event["mergeProperties"]
    event = {name: value for name, value in event.items() if value is not None}
    traits: dict[str, Any] = {}
    for line in said.mergeProperties:
        place = event if line.type in _IDENTIFYING else traits
        name = _IDENTIFYING.get(line.type, line.type)
        if line.type not in _IDENTIFYING and line.type not in _AS_TRAIT:
            known = ", ".join((*_IDENTIFYING, *_AS_TRAIT))
            raise BadInput(f"mergeProperties: '{line.type[:40]}' is not one of {known}")
        if str(place.setdefault(name, line.value)) != str(line.value):
            raise BadInput(f"mergeProperties: {line.type} is named twice with two values")
    return orjson.dumps({**event, "traits": traits})


def _open(path: str, method: str, endpoint: Endpoint) -> Route:
    """A route that any page may call. A HEAD request, which Starlette adds to GET, does nothing."""

    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_CORS)
        if request.method == "HEAD":
            return Response(headers=_HEADERS)
        return await endpoint(request)

    return Route(path, answer, methods=[method, "OPTIONS"])


def _segment_settings(hub: Hub) -> Endpoint:
    """Where to send events to; nothing for the browser to forward by itself."""

    async def answer(request: Request) -> Response:
        key = request.path_params["key"]
        source = hub.keys.get(key)
        if source is None or not source.enabled:
            hub.unknown_keys += 1
            return _json({"error": "no source has this write key"}, 404)
        url = urlsplit(hub.settings.origin)
        return _json(
            {
                "integrations": {
                    "Segment.io": {
                        "apiKey": key,
                        "apiHost": f"{url.netloc}{url.path}/v1",
                        "protocol": url.scheme,
                        "unbundledIntegrations": [],
                        "addBundledMetadata": False,
                        "maybeBundledConfigIds": {},
                        "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
                    }
                },
                "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
                "edgeFunction": {},
                "analyticsNextEnabled": True,
                "middlewareSettings": {},
                "enabledMiddleware": {},
                "metrics": {"sampleRate": 0},
                "legacyVideoPluginsEnabled": False,
                "remotePlugins": [],
            }
        )

    return answer


def _rudder_settings(hub: Hub) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            source, _ = find_source(hub, request.scope, b"{}")
        except UnknownKey:
            hub.unknown_keys += 1
            return _json({"message": "no source has this write key"}, 401)
        quiet = {"errors": {"enabled": False}, "metrics": {"enabled": False}}
        return _json(
            {
                "source": {
                    "id": str(source.id),
                    "name": source.name,
                    "writeKey": source.write_key,
                    "enabled": True,
                    "config": {"statsCollection": quiet},
                    "connections": [],
                    "destinations": [],
                    "workspaceId": "hub",
                    "dataplanes": {},
                }
            }
        )

    return answer


async def _thrown_away(_: Request) -> Response:
    """What a library reports of itself; not even read."""
    return _json({"success": True})


async def _version(_: Request) -> Response:
    return _json({"version": __version__})


def _pixel(hub: Hub, door: Door, kind: str) -> Endpoint:
    """An event out of the address. The picture comes in any case; rejected events are counted."""

    async def answer(request: Request) -> Response:
        status, headers = 200, dict(_HEADERS)
        try:
            source, _ = find_source(hub, request.scope, b"{}")
            with door.inside(source, network_in(request.scope)):
                hub.seen[source.id] = to_ms(hub.clock.now())
                raw = orjson.dumps(_from_query(dict(request.query_params)))
                await accept_one(hub, source, raw, kind=kind)
        except BadInput:
            pass
        except UnknownKey:
            hub.unknown_keys += 1
        except (Overloaded, StoreUnavailable, TimeoutError):
            status, headers["Retry-After"] = 503, "5"
        except Exception:  # a fault of ours is never the sender's: it may send again
            log.exception("a pixel failed")
            status, headers["Retry-After"] = 503, "5"
        return Response(_GIF, status, headers, "image/gif")

    return answer


def _from_query(query: dict[str, str]) -> dict[str, Any]:
    """`event=Seen&properties.sku=7` as the event it stands for."""
    event: dict[str, Any] = {name: query[name] for name in _PIXEL_FIELDS if query.get(name)}
    for name, value in query.items():
        group, dot, field = name.partition(".")
        if dot and field and group in _PIXEL_GROUPS:
            event.setdefault(group, {})[field] = value
    return event


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, _HEADERS, "application/json")
