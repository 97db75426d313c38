"""A wrong merge is undone, stays undone whatever comes in again, and can be allowed again."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from hub.flows.decide import node_of
from hub.flows.people import person_page
from hub.flows.rebuild import rebuild
from hub.flows.timeline import timeline
from hub.flows.unmerge import CanNotPart, list_merges, release, unmerge
from hub.sdk.records import Customer, Identifier, Link
from hub.store.database import Entry
from tests.conftest import empty
from tests.flows.stories import STORIES, stories
from tests.flows.test_rebuild import CALM, CUTS, tell
from tests.shop import SHOP, START, Shop, open_shop, order, projections, viewed

ANN, BOB = Identifier("", "email", "ann@example.com"), Identifier("", "email", "bob@example.com")
C1, C2 = Identifier(SHOP, "customer", "c1"), Identifier(SHOP, "customer", "c2")
BY = "eve@shop.example"
# What a merge may not leave behind when it is undone.
HELD = ("node_state", "node_person", "person", "consent", "shop_order", "order_line", "order_event")


async def number(shop: Shop, who: Identifier) -> int:
    found = await node_of(shop.hub, who)
    assert found is not None
    return found


async def person_id(shop: Shop, who: Identifier) -> int:
    node = await number(shop, who)
    rows = await shop.hub.database.fetch(
        "SELECT person_id FROM node_person WHERE node_id = ?", (node,)
    )
    return int(rows[0][0])


async def two(shop: Shop) -> None:
    """Ann and Bob, each with an order."""
    await shop.report(
        Customer(SHOP, "c1", START, email=ANN.value, first_name="Ann"),
        order("1000", customer_id="c1", email=ANN.value),
        Customer(SHOP, "c2", START, email=BOB.value, first_name="Bob"),
        order("1001", customer_id="c2", email=BOB.value),
    )


async def mistake(shop: Shop) -> None:
    """The shop's server says with its secret key that Bob's address is Ann's."""
    event = {"type": "identify", "userId": "u1", "traits": {"email": ANN.value}}
    other = {"type": "identify", "userId": "u1", "traits": {"email": BOB.value}}
    await shop.send(event, other, source="server")


async def held(shop: Shop) -> dict[str, Any]:
    found = await projections(shop.hub)
    return {table: found[table] for table in HELD}


async def test_two_people_come_back_whole(shop: Shop) -> None:
    await two(shop)
    event = {"type": "identify", "userId": "u1", "traits": {"email": ANN.value}}
    await shop.send(event, source="server")
    before = await held(shop)
    ann, bob = await person_id(shop, ANN), await person_id(shop, BOB)
    past = await timeline(shop.hub, bob)
    later = START + timedelta(hours=1)
    wrong = Customer(SHOP, "c1", later, email=BOB.value, first_name="Ann")
    await shop.report(wrong)  # the shop puts Bob's address on Ann's account
    assert await person_id(shop, BOB) == ann
    (merge,) = [
        m for m in (await list_merges(shop.hub, ann)).merges
        if {m.a.value, m.b.value} == {"c1", BOB.value}
    ]  # fmt: skip
    assert (merge.strength, merge.source_id, merge.said) == (
        "verified", shop.sources["connector"].id, "customer",
    )  # fmt: skip
    await unmerge(shop.hub, merge.a.node_id, merge.b.node_id, by=BY)
    assert (await person_id(shop, ANN), await person_id(shop, BOB)) == (ann, bob)
    after = await held(shop)
    assert after["node_person"] == before["node_person"]
    assert after["consent"] == before["consent"]
    assert [m.name for m in (await timeline(shop.hub, bob)).moments if m.kind == "event"] == [
        m.name for m in past.moments if m.kind == "event"
    ]
    page = await person_page(shop.hub, bob)
    assert page is not None and page.person.name == "Bob"


async def test_saying_it_again_does_not_join_them_before_staff_allows_it(shop: Shop) -> None:
    await two(shop)
    await mistake(shop)
    assert await person_id(shop, ANN) == await person_id(shop, BOB)
    ann, bob, u1 = [
        await number(shop, i) for i in (ANN, BOB, Identifier(SHOP, "user", "u1"))
    ]  # fmt: skip
    await unmerge(shop.hub, u1, bob, by=BY)
    assert await person_id(shop, ANN) != await person_id(shop, BOB)
    await mistake(shop)
    await shop.send(viewed("p1", email=BOB.value), source="server")
    assert await person_id(shop, ANN) != await person_id(shop, BOB)
    (kept,) = (await list_merges(shop.hub, await person_id(shop, BOB))).apart
    assert {kept.a.node_id, kept.b.node_id} == {u1, bob}
    assert kept.by == BY
    await release(shop.hub, bob, u1, by=BY)
    assert await person_id(shop, ANN) == await person_id(shop, BOB)
    with pytest.raises(CanNotPart, match="not kept apart"):
        await release(shop.hub, bob, u1, by=BY)
    with pytest.raises(CanNotPart, match="no link joins"):
        await unmerge(shop.hub, ann, bob, by=BY)


async def test_it_holds_after_a_start_anew(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await two(shop)
        await mistake(shop)
        await unmerge(shop.hub, await number(shop, BOB), by=BY)
    async with open_shop(tmp_path) as shop:
        await mistake(shop)
        await two(shop)
        assert await person_id(shop, ANN) != await person_id(shop, BOB)
        live = await projections(shop.hub)
        await rebuild(shop.hub)
        assert await projections(shop.hub) == live
        await mistake(shop)
        assert await person_id(shop, ANN) != await person_id(shop, BOB)


async def test_a_device_joined_by_an_order_key_is_split_off(shop: Shop) -> None:
    token = await shop.device()
    key = "wc_order_secret1"
    page = {"type": "page", "properties": {"order_key": key}}
    await shop.report(order("1000", customer_id="c1", email=ANN.value, order_key=key))
    await shop.send(page, viewed("p1"), token=token)
    device = await shop.node(token)
    assert (await shop.view(token)).orders
    await unmerge(shop.hub, device, by=BY)
    assert not (await shop.view(token)).orders
    await shop.send(page, token=token)
    assert not (await shop.view(token)).orders


async def parted_story(story: list[Any], cuts: list[bool], url: str = "") -> None:
    """After any story, two of its people are joined by mistake and parted again."""
    if url:
        await empty(url)
    with tempfile.TemporaryDirectory() as folder:
        async with open_shop(Path(folder), url) as shop:
            await two(shop)
            await tell(shop, story, cuts)
            if await person_id(shop, ANN) == await person_id(shop, BOB):
                return
            before = await held(shop)
            ann, bob = await number(shop, ANN), await number(shop, BOB)
            await _join(shop)
            assert await person_id(shop, ANN) == await person_id(shop, BOB)
            joined = await held(shop)
            await unmerge(shop.hub, ann, bob, by=BY)
            assert await held(shop) == before
            await _join(shop)
            assert await held(shop) == before
            live = await projections(shop.hub)
            await rebuild(shop.hub)
            assert await projections(shop.hub) == live
            await release(shop.hub, ann, bob, by=BY)
            assert await held(shop) == joined


async def _join(shop: Shop) -> None:
    entry = Entry("link", "mail link", ANN, (Link(BOB, "verified"),), shop.now, shop.now,
                  shop.sources["connector"].id, "{}")  # fmt: skip
    await shop.hub.writer.append([entry])
    await shop.settle()


@settings(CALM, max_examples=15)
@given(STORIES, CUTS)
def test_what_was_parted_is_as_before(story: list[Any], cuts: list[bool]) -> None:
    asyncio.run(parted_story(story, cuts))


@settings(CALM, max_examples=3)
@given(STORIES, CUTS)
def test_what_was_parted_is_as_before_on_postgres(
    postgres_database: str, story: list[Any], cuts: list[bool]
) -> None:
    asyncio.run(parted_story(story, cuts, postgres_database))


@pytest.mark.full
@settings(CALM, max_examples=stories(100))
@given(STORIES, CUTS)
def test_what_was_parted_is_as_before_in_many_stories(story: list[Any], cuts: list[bool]) -> None:
    asyncio.run(parted_story(story, cuts))
