"""Simulated shoppers: a deterministic plan, the real calls, and only on this machine."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import httpx
import pytest

from hub.demo.catalogue import catalogue
from hub.demo.plans import sessions
from hub.demo.shoppers import loopback_origin, shop
from hub.demo.woo_orders import order_from, order_key

GOODS = catalogue()
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class StillClock:
    def now(self) -> datetime:
        return NOW


class Hub:
    """Answers as the hub's wire says, and keeps what it was sent."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.minted = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        assert request.headers["content-type"] == "text/plain"
        self.calls.append((request.url.path, body))
        match request.url.path:
            case "/v1/device":
                self.minted += 1
                return httpx.Response(200, json={"token": f"did{self.minted:09d}.mac.1"})
            case "/v1/batch":
                return httpx.Response(200, json={"success": True, "accepted": len(body["batch"])})
            case "/v1/decide":
                return httpx.Response(200, json=self.decided())
        return httpx.Response(200, json={"ok": True})

    def decided(self) -> dict[str, Any]:
        popup = {
            "slot": None,
            "widget": "newsletter",
            "version": 2,
            "type": "popup",
            "content": {"text_version": "n-3"},
        }
        site = {"consent": {"mode": "own", "text_version": "c-1"}}
        return {"id": "d1", "site": site, "decisions": [popup]}


async def no_wait(seconds: float) -> None:
    return None


async def run(hub: Any, limit: int = 300, **more: Any) -> Any:
    numbers = iter(range(50_000, 60_000))

    async def place(body: dict[str, Any]) -> dict[str, Any]:
        number = next(numbers)
        return order_from(GOODS, body, number, order_key(random.Random(number)), NOW)

    return await shop(
        "http://127.0.0.1:8000",
        "k",
        GOODS,
        600,
        7,
        StillClock(),
        more.pop("stop", asyncio.Event()),
        place_order=place,
        limit=limit,
        wait=no_wait,
        transport=httpx.MockTransport(hub),
        **more,
    )


def test_the_plan_is_the_same_for_the_same_seed() -> None:
    first = list(islice(sessions(GOODS, 7), 500))
    assert first == list(islice(sessions(GOODS, 7), 500))
    assert first != list(islice(sessions(GOODS, 8), 500))


def test_visits_have_two_to_twelve_pages_and_people_have_tastes() -> None:
    actions = list(islice(sessions(GOODS, 7), 4000))
    ended = {a.visit for a in actions if a.last}
    lengths = Counter(a.visit for a in actions if a.visit in ended)
    assert min(lengths.values()) >= 2 and max(lengths.values()) <= 12
    liked = [a.category in a.person.likes for a in actions if a.kind == "product"]
    assert sum(liked) / len(liked) > 0.7
    kinds = Counter(a.kind for a in actions)
    assert kinds["product"] > kinds["add"] > kinds["order"] > 0
    assert kinds["search"] and kinds["login"]
    visits = Counter(a.person.number for a in actions if a.last)
    assert max(visits.values()) > 1


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_the_consent_rate_is_kept(rate: float) -> None:
    people = {a.person.consents for a in islice(sessions(GOODS, 7, rate), 300)}
    assert people == {bool(rate)}


async def test_without_consent_nothing_is_minted_or_told() -> None:
    hub = Hub()
    tally = await run(hub, consent_rate=0.0)
    assert {path for path, _ in hub.calls} <= {"/v1/decide", "/v1/subscribe"}
    assert all(body["token"] is None for path, body in hub.calls if path == "/v1/decide")
    assert tally.devices == tally.events == 0


async def test_the_calls_follow_the_wire() -> None:
    hub = Hub()
    tally = await run(hub, limit=600)
    assert tally.orders and tally.signups and tally.devices and tally.refused == 0
    assert all(body["writeKey"] == "k" for _, body in hub.calls)
    batches = [body for path, body in hub.calls if path == "/v1/batch"]
    assert all(body["token"] for body in batches)
    events = [event for body in batches for event in body["batch"]]
    assert tally.events == len(events)
    assert len({e["messageId"] for e in events}) == len(events)
    names = Counter(e["event"] for e in events if e["type"] == "track")
    assert {"Product Viewed", "Product Added", "Order Completed", "Promotion Viewed"} <= set(names)
    order = next(e for e in events if e.get("event") == "Order Completed")["properties"]
    assert order["order_key"].startswith("wc_order_") and order["products"]
    signed = next(body for path, body in hub.calls if path == "/v1/subscribe")
    assert signed["text_version"] == "n-3" and signed["email"].endswith("example.test")


async def test_two_runs_send_the_same() -> None:
    one, two = Hub(), Hub()
    await run(one, limit=120)
    await run(two, limit=120)
    assert one.calls == two.calls


async def test_a_stop_ends_it_and_a_broken_hub_is_only_counted() -> None:
    stopped = asyncio.Event()
    stopped.set()
    assert (await run(Hub(), stop=stopped)).actions == 0
    refusing = await run(lambda request: httpx.Response(503, text="no"), limit=20)
    assert refusing.refused == 20 and refusing.events == 0

    def unreachable(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    assert (await run(unreachable, limit=20)).unreachable == 20


@pytest.mark.parametrize(
    "origin",
    [
        "https://shop.example.test",
        "http://10.0.0.5:8000",
        "http://0.0.0.0:8000",
        "http://127.0.0.1@evil.test",
        "http://127.0.0.1.evil.test",
        "ftp://127.0.0.1",
        "",
    ],
)
def test_shoppers_never_leave_this_machine(origin: str) -> None:
    with pytest.raises(ValueError, match="this machine"):
        loopback_origin(origin)


def test_this_machine_has_several_names() -> None:
    for origin in ("http://127.0.0.1:80", "http://localhost:8000", "http://[::1]:8000"):
        assert loopback_origin(origin) == origin
