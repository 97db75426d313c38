"""The N-th write fails, for every N: a shopper's events, the shop's order and all that follows from
them are there exactly once in the end, and no refusal goes without a record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from hub.catalogue.sightings import sighting_entry
from hub.flows.rebuild import rebuild
from hub.sdk.records import Identifier
from hub.store.database import StoreUnavailable
from tests.flows.failing import Failing, Mode
from tests.shop import SHOP, Shop, banner, order, product, projections, viewed
from tests.web.door import Door, open_door

MOST = 40  # writes of one journey, by far
SOLD = "Order Completed"
COUNTS = "when: {all: [{did: {event: Product Viewed, count: {at_least: 2}}}]}"


class Journey:
    """One shopper looks, signs in and buys; the shop's server and its connector report it. Each
    sender tries again until it is answered."""

    def __init__(self, door: Door, number: int) -> None:
        self.door, self.number = door, number
        self.refusals: list[httpx.Response] = []

    async def run(self) -> None:
        n = self.number
        who = {"anonymousId": f"a{n}"}
        views = [{**viewed(f"p{i}"), **who, "messageId": f"{n}-{i}"} for i in range(3)]
        await self._sent(lambda: self.door.batch([*views, {"type": "none"}]))
        signed = {"userId": f"u{n}", "messageId": f"{n}-i", "traits": {"email": f"u{n}@a.example"}}
        await self._sent(lambda: self._told("identify", {**signed, **who}, "server"))
        sold = {"order_id": f"o{n}", "total": 19.95, "currency": "EUR"}
        bought = {"userId": f"u{n}", "messageId": f"{n}-o", "properties": sold}
        await self._sent(lambda: self._told("track", {**bought, "event": SOLD}, "server"))
        for status in ("paid", "fulfilled"):
            await self._reported(order(f"o{n}", status=status, email=f"u{n}@a.example"))
        await self._reported(product(f"p{n}"))

    async def _told(self, kind: str, event: dict[str, Any], source: str) -> httpx.Response:
        key = self.door.shop.sources[source].write_key
        return await self.door.post(f"/v1/{kind}", {**event, "writeKey": key})

    async def _sent(self, send: Callable[[], Awaitable[httpx.Response]]) -> None:
        while (answer := await send()).status_code != 200:
            self.refusals.append(answer)
            assert answer.status_code == 503 and answer.headers["Retry-After"]
            assert len(self.refusals) < 10
        await settled(self.door.shop)  # each step has its own turn of the projector

    async def _reported(self, record: Any) -> None:
        shop = self.door.shop
        entry = sighting_entry(
            record, None, source_id=shop.sources["connector"].id, received_at=shop.now
        )
        while True:
            try:
                await shop.hub.writer.append([entry])
            except StoreUnavailable:
                continue
            break
        await settled(shop)


async def settled(shop: Shop) -> None:
    """As `Shop.settle`, without the pause of the projector after a fault."""
    ((last,),) = await shop.hub.database.fetch("SELECT MAX(seq) FROM log")
    async with asyncio.timeout(30):
        while shop.hub.views.seq < last:
            shop.hub.views.wake()  # type: ignore[attr-defined]
            await asyncio.sleep(0.001)


async def check(shop: Shop, journeys: int) -> None:
    """Everything once: entries, accounts, counters, orders, and views as a rebuild makes them."""
    fetch = shop.hub.database.fetch
    ((events, keys),) = await fetch(
        "SELECT (SELECT COUNT(*) FROM log WHERE kind = 'event'), COUNT(DISTINCT seq) FROM dedupe"
    )
    assert events == 5 * journeys
    assert keys == 8 * journeys
    counted = dict(await fetch("SELECT outcome, SUM(n) FROM intake_count GROUP BY outcome"))
    assert counted["stored"] == 8 * journeys
    for n in range(journeys):
        state = await shop.person_of(Identifier(SHOP, "anonymous", f"a{n}"))
        assert (state.events, state.seen["Product Viewed"].n) == (5, 3)
        assert [o.name for o in state.orders.values()] == ["Order Completed"]
    orders = await fetch("SELECT order_id, total, status FROM shop_order ORDER BY id")
    assert sorted(orders) == sorted((f"o{n}", 1995, "fulfilled") for n in range(journeys))
    assert not shop.hub.views.aside
    live = await projections(shop.hub)
    await rebuild(shop.hub)
    assert await projections(shop.hub) == live


async def test_every_answer_is_lost_once(lite: Shop, caplog: pytest.LogCaptureFixture) -> None:
    await every_write_fails_once("unknown", lite, caplog)


@pytest.mark.full
@pytest.mark.parametrize("mode", ["away", "unknown", "fault"])
async def test_every_write_fails_once(
    mode: Mode, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    await every_write_fails_once(mode, shop, caplog)


async def every_write_fails_once(mode: Mode, shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    await shop.widget("counting", banner(extra=[COUNTS]))
    failing = Failing(shop.hub.database)
    failed = []
    async with open_door(shop) as door:
        for number in range(MOST):
            failing.arm(number + 1, mode)
            journey = Journey(door, number)
            before = len(caplog.records)
            await journey.run()
            await settled(shop)
            if not failing.failed:
                failing.arm(0, mode)
                break
            failed.append(failing.failed)
            recorded = [r for r in caplog.records[before:] if r.levelname in ("ERROR", "WARNING")]
            assert recorded or not journey.refusals, [r.text for r in journey.refusals]
    assert not failing.failed, failed
    assert {"append", "write"} <= set(failed)
    await check(shop, number + 1)
