"""The projector goes on whatever a page sends, and readers never see less than was promised."""

from __future__ import annotations

import asyncio
from pathlib import Path

import orjson
import pytest

from hub.clock import to_ms
from hub.flows import accept
from hub.flows.device import ConsentChoice, ConsentRequest, change_consent, mint_device
from hub.sdk.records import Identifier
from hub.store.database import Entry
from tests.shop import BOTH, START, Shop, open_shop, order, product, viewed

HOSTILE = [
    viewed("http://["), viewed("https://a]b/"), viewed("x" * 5000), viewed(5), viewed({"a": [1]}),
    {"type": "track", "event": "Order Completed", "properties": {
        "order_id": "1" * 500, "currency": "ßßß", "total": "1e999999999", "email": "x@y.z",
        "products": [{"price": "0." + "1" * 60, "quantity": 1e300}, {"price": "NaN"}, 5, None,
                     {"quantity": True, "price": True, "name": "n" * 9999}]}},
    {"type": "track", "event": "Order Completed", "properties": {
        "order_id": {"a": 1}, "products": {"a": 1}, "total": [], "currency": {}}},
    {"type": "track", "event": "Order Completed", "properties": {
        "order_id": "7", "products": [{"price": 1e11, "quantity": 999999}] * 450}},
    {"type": "track", "event": "Promotion Viewed", "properties": {"promotion_id": "w" * 5000}},
    {"type": "identify", "userId": "u" * 512, "traits": {"phone": "9" * 900, "name": "n" * 900,
     "first_name": "f" * 900, "email": "a" * 240 + "@example.com"}},
    {"type": "group", "groupId": "g"}, {"type": "alias", "previousId": "p"},
    {"type": "page", "name": "x" * 3000, "category": "c" * 3000},
]  # fmt: skip


async def test_hostile_events_stop_nothing(shop: Shop) -> None:
    token = await shop.device()
    answer = await shop.send(*HOSTILE, token=token)
    assert answer.rejected == []
    await shop.send(viewed("p1"), token=token)
    assert not shop.hub.views.aside
    assert shop.hub.views.stuck == ""
    assert "linen:p1" in (await shop.view(token)).viewed


async def test_an_entry_that_can_not_be_projected_is_put_aside(shop: Shop) -> None:
    token = await shop.device()
    now = to_ms(START)
    broken = Entry(
        "record", "order", Identifier("linen", "customer", "c1"), (), now, now,
        shop.sources["connector"].id, '{"record":{"shop":"linen","order_id":"1"}}',
    )  # fmt: skip
    await shop.hub.writer.append([broken])
    await shop.send(viewed("p1"), token=token)
    (aside,) = shop.hub.views.aside
    assert aside[0] == 3
    assert "ValidationError" in aside[1]
    assert (await shop.view(token)).seen["Product Viewed"].n == 1


async def test_a_page_can_not_grow_a_profile_without_end(lite: Shop) -> None:
    token = await lite.device()
    for start in range(0, 1000, 200):
        await lite.send(
            *({"type": "track", "event": "Order Completed",
               "properties": {"order_id": f"o{n}"}} for n in range(start, start + 200)),
            *({"type": "track", "event": f"e{n}", "properties": {}}
              for n in range(start, start + 200)),
            *({"type": "track", "event": "Promotion Viewed", "properties": {"promotion_id": str(n)}}
              for n in range(start, start + 200)),
            token=token,
        )  # fmt: skip
    state = await lite.view(token)
    assert state.events == 3000
    assert (len(state.seen), len(state.shown), len(state.orders)) == (200, 200, 500)


async def test_states_are_read_again_from_the_tables(shop: Shop) -> None:
    token = await shop.device()
    await shop.report(product("p1", sku="sku-1"))
    await shop.send(viewed("sku-1"), token=token)
    before = await shop.view(token)
    shop.hub.views.restart(shop.hub.views.seq)
    assert await shop.view(token) == before
    assert before.viewed == {"linen:p1": to_ms(START)}


async def test_a_closed_hub_keeps_everything(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        token = await shop.device()
        await shop.report(product("p1", sku="sku-1"), order("1", customer_id="c1"))
        await shop.send(viewed("sku-1"), token=token)
        before = await shop.view(token)
    async with open_shop(tmp_path) as shop:
        assert await shop.view(token) == before
        assert shop.hub.catalogue.resolve("linen", "sku-1") == "p1"
        assert shop.hub.recommender.popular("linen", lambda _: True, shop.now) == ["p1"]


async def test_readers_beside_the_projector_lose_no_event(shop: Shop) -> None:
    tokens = [await shop.device() for _ in range(4)]
    source = shop.sources["browser"]
    stop = asyncio.Event()

    async def read() -> None:
        while not stop.is_set():
            for token in tokens:
                await shop.ask(token)
            await asyncio.sleep(0)

    async def forget() -> None:
        while not stop.is_set():
            async with shop.hub.views.lock:
                shop.hub.views.restart(shop.hub.views.seq)
            await asyncio.sleep(0.01)

    readers = [asyncio.create_task(read()), asyncio.create_task(forget())]
    for n in range(30):
        for token in tokens:
            events = [{**viewed(f"p{n}-{i}"), "messageId": f"{n}-{i}"} for i in range(3)]
            raw = orjson.dumps({"batch": events[: n % 3 + 1], "token": token})
            await accept.accept_batch(shop.hub, source, raw)
    stop.set()
    await asyncio.gather(*readers)
    await shop.settle()
    # The same messageIds from one source: the first device's are stored, the others' are twins.
    seen = [(await shop.view(token)).events for token in tokens]
    assert seen == [60, 0, 0, 0]


async def test_withdrawal_holds_at_once(shop: Shop) -> None:
    source = shop.sources["browser"]
    for _ in range(10):
        token = await mint_device(shop.hub, source, ConsentChoice(BOTH, "v1", "banner"))
        no = ConsentRequest("", token, {"analytics": False, "personalisation": False})
        assert await change_consent(shop.hub, source, no) is False
        consents = (await shop.view(token)).consents
        assert consents["personalisation/site"].state == "withdrawn"


async def test_waiting_for_what_never_comes_ends(lite: Shop) -> None:
    with pytest.raises(TimeoutError):
        await lite.hub.views.reached(10**9, timeout=0.05)
