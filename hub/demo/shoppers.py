"""Simulated shoppers: they play the plan of `plans` against a hub's real HTTP endpoints."""

from __future__ import annotations

import asyncio
import ipaddress
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from hub.demo.browsing import Page, page_of
from hub.demo.catalogue import DemoProduct
from hub.demo.counter import PlaceOrder
from hub.demo.plans import Action, Person, sessions
from hub.sdk.clock import Clock

Wait = Callable[[float], Awaitable[None]]
_MOST_BROWSERS = 300


@dataclass(slots=True)
class Tally:
    """What happened, counted."""

    actions: int = 0
    events: int = 0
    devices: int = 0
    decided: int = 0
    clicks: int = 0
    signups: int = 0
    orders: int = 0
    refused: int = 0  # the hub answered 4xx or 5xx
    unreachable: int = 0


@dataclass(slots=True)
class _Browser:
    """One person's browser: what the snippet would keep in it."""

    token: str | None = None
    asked: bool = False
    signed_up: bool = False
    visit: int = 0
    recent: list[str] = field(default_factory=list)
    basket: list[dict[str, Any]] = field(default_factory=list)


def loopback_origin(hub_origin: str) -> str:
    """The origin, if it is on this machine; ValueError otherwise: nobody else gets made-up data."""
    parts = urlsplit(hub_origin)
    host = parts.hostname or ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if parts.scheme not in ("http", "https") or not local or parts.username:
        raise ValueError(
            f"hub_origin: shoppers visit this machine only, not {host or hub_origin!r}"
        )
    return f"{parts.scheme}://{parts.netloc}"


async def shop(  # noqa: PLR0917 (the wiring of a simulation, called in one place)
    hub_origin: str,
    write_key: str,
    catalogue: Sequence[DemoProduct],
    rate_per_minute: float,
    seed: int,
    clock: Clock,
    stop: asyncio.Event,
    *,
    consent_rate: float = 0.8,
    place_order: PlaceOrder | None = None,
    shop_origin: str = "http://127.0.0.1:8001",
    limit: int | None = None,
    wait: Wait | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Tally:
    """Lets shoppers act, `rate_per_minute` pages a minute, until `stop` is set or `limit` pages."""
    if not 0 < rate_per_minute <= 6000:
        raise ValueError("rate_per_minute: between 0 and 6000 pages a minute")
    origin = loopback_origin(hub_origin)
    # No proxy and no redirect may carry made-up shoppers away from this machine.
    async with httpx.AsyncClient(
        base_url=origin, timeout=10, trust_env=False, follow_redirects=False, transport=transport
    ) as client:
        crowd = _Crowd(client, write_key, tuple(catalogue), clock, place_order, shop_origin)
        for action in sessions(catalogue, seed, consent_rate):
            if stop.is_set() or (limit is not None and crowd.tally.actions >= limit):
                break
            await crowd.act(action)
            await (wait or _waiting(stop))(60 / rate_per_minute)
    return crowd.tally


def _waiting(stop: asyncio.Event) -> Wait:
    async def wait(seconds: float) -> None:
        try:
            await asyncio.wait_for(stop.wait(), seconds)
        except TimeoutError:
            return

    return wait


class _Crowd:
    """The browsers of all shoppers, and the calls that the snippet makes in them."""

    def __init__(  # noqa: PLR0917
        self,
        client: httpx.AsyncClient,
        write_key: str,
        catalogue: tuple[DemoProduct, ...],
        clock: Clock,
        place_order: PlaceOrder | None,
        shop_origin: str,
    ) -> None:
        self._client, self._key, self._goods = client, write_key, catalogue
        self._clock, self._place, self._shop = clock, place_order, shop_origin
        self._browsers: OrderedDict[int, _Browser] = OrderedDict()
        self.tally = Tally()

    def _browser(self, action: Action) -> _Browser:
        browser = self._browsers.setdefault(action.person.number, _Browser())
        self._browsers.move_to_end(action.person.number)
        while len(self._browsers) > _MOST_BROWSERS:
            self._browsers.popitem(last=False)
        if browser.visit != action.visit:
            browser.visit, browser.recent, browser.basket = action.visit, [], []
        return browser

    async def act(self, action: Action) -> None:
        """One page: ask for decisions, answer the consent question once, tell the events."""
        self.tally.actions += 1
        browser = self._browser(action)
        order = await self._order(action, browser) if action.kind == "order" else None
        page = page_of(action, self._goods, self._shop, browser.basket, order)
        if page is None:
            return
        answer = await self._decide(action, browser, page)
        if page.product_id:
            browser.recent = [page.product_id, *browser.recent][:20]
        if action.line:
            browser.basket.append(action.line)
        await self._consent(action.person, browser, answer)
        await self._tell(browser, page, [*page.events, *self._seen(action, answer)])
        await self._sign_up(action, browser, page, answer)

    async def _order(self, action: Action, browser: _Browser) -> dict[str, Any] | None:
        if self._place is None or not browser.basket:
            return None
        body = {
            "status": "processing",
            "set_paid": True,
            "customer_id": 0,
            "created_via": "checkout",
            "billing": action.person.billing,
            "line_items": browser.basket,
        }
        order = await self._place(body)
        self.tally.orders += 1
        browser.basket = []
        return order

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The hub's answer, {} when it refused or could not be reached."""
        content = msgspec.json.encode({"writeKey": self._key, **body})
        try:
            got = await self._client.post(
                path, content=content, headers={"content-type": "text/plain"}
            )
        except httpx.TransportError:
            self.tally.unreachable += 1
            return {}
        if got.status_code != 200:
            self.tally.refused += 1
            return {}
        answer = msgspec.json.decode(got.content)
        return answer if isinstance(answer, dict) else {}

    async def _decide(self, action: Action, browser: _Browser, page: Page) -> dict[str, Any]:
        width = {"phone": 390, "tablet": 820, "desktop": 1440}[action.person.device]
        answer = await self._post(
            "/v1/decide",
            {
                "token": browser.token,
                "page": page.context,
                "product": {"product_id": page.product_id} if page.product_id else None,
                "category": page.category or None,
                "slots": page.slots,
                "recent": browser.recent,
                "locale": "en",
                "device": {"type": action.person.device, "width": width},
            },
        )
        self.tally.decided += len(answer.get("decisions") or [])
        return answer

    async def _consent(self, person: Person, browser: _Browser, answer: dict[str, Any]) -> None:
        if browser.asked or not answer:
            return
        browser.asked = True
        if not person.consents:
            return
        asked = (answer.get("site") or {}).get("consent") or {}
        got = await self._post(
            "/v1/device",
            {
                "consent": {
                    "purposes": {"analytics": True, "personalisation": person.eager > 0.15},
                    "text_version": str(asked.get("text_version", "")),
                    "source": "banner",
                }
            },
        )
        browser.token = got.get("token") or None
        self.tally.devices += browser.token is not None

    async def _tell(self, browser: _Browser, page: Page, told: list[dict[str, Any]]) -> None:
        if browser.token is None:
            return
        at = self._clock.now().isoformat().replace("+00:00", "Z")
        context = {"page": page.context, "locale": "en"}
        stem = f"demo-{browser.token[:12]}-{browser.visit}-{self.tally.actions}"
        batch = [
            {
                "properties": {},
                "traits": {},
                **event,
                "messageId": f"{stem}-{n}",
                "originalTimestamp": at,
                "context": context,
            }
            for n, event in enumerate(told)
        ]
        body = {"token": browser.token, "batch": batch, "sentAt": at}
        answer = await self._post("/v1/batch", body)
        self.tally.events += int(answer.get("accepted") or 0)

    def _seen(self, action: Action, answer: dict[str, Any]) -> list[dict[str, Any]]:
        """Each decision shown is a view; now and then one is clicked."""
        told = []
        for shown in answer.get("decisions") or []:
            properties = {
                "promotion_id": shown["widget"],
                "version": shown["version"],
                "decision_id": answer.get("id"),
                "creative": shown["type"],
            }
            told.append(("Promotion Viewed", properties))
            if action.luck < 0.08 and shown["type"] != "popup":
                told.append(("Promotion Clicked", properties))
                self.tally.clicks += 1
        return [{"type": "track", "event": name, "properties": p} for name, p in told]

    async def _sign_up(
        self, action: Action, browser: _Browser, page: Page, answer: dict[str, Any]
    ) -> None:
        shown = [d for d in answer.get("decisions") or [] if d["type"] == "popup"]
        if not shown or browser.signed_up or action.luck > 0.1 + 0.3 * action.person.eager:
            return
        popup = shown[0]
        body = {
            "token": browser.token,
            "widget": popup["widget"],
            "version": popup["version"],
            "email": action.person.billing["email"],
            "text_version": str(popup["content"].get("text_version", "")),
            "locale": "en",
            "page": {"url": page.context["url"]},
        }
        browser.signed_up = True
        self.tally.signups += bool(await self._post("/v1/subscribe", body))
