"""Orders through the whole hub: many sightings, one purchase."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from hub.sdk.records import Identifier, Refund, RefundSighting
from tests.shop import SHOP, START, Shop, order, projections

KEY = "wc_order_secret1"


def told(order_id: str = "1000", **properties: Any) -> dict[str, Any]:
    return {
        "type": "track", "event": "Order Completed",
        "properties": {"order_id": order_id, "total": 19.95, "currency": "EUR", **properties},
    }  # fmt: skip


async def orders(shop: Shop) -> list[tuple[Any, ...]]:
    return await shop.hub.database.fetch(
        "SELECT order_id, status, total, refunded, provisional FROM shop_order ORDER BY order_id"
    )


async def moments(shop: Shop) -> list[tuple[Any, ...]]:
    return await shop.hub.database.fetch("SELECT name, ref FROM order_event ORDER BY name, ref")


async def test_a_pages_order_waits_for_the_shop(shop: Shop) -> None:
    token = await shop.device()
    await shop.send(told(order_key=KEY), token=token)
    assert [(row[1], bool(row[4])) for row in await orders(shop)] == [("pending", True)]
    await shop.report(order("1000", customer_id="c1", email="ann@example.com", order_key=KEY))
    await shop.send(told(order_key=KEY, total=1), token=token)
    assert [(row[2], bool(row[4])) for row in await orders(shop)] == [(1995, False)]
    assert await moments(shop) == [("Order Completed", "")]
    person = await shop.person_of(Identifier("", "email", "ann@example.com"))
    assert len(person.orders) == 1
    rows = await shop.hub.database.fetch("SELECT orders FROM person WHERE email <> ''")
    assert rows == [(1,)]


async def test_a_servers_order_counts(shop: Shop) -> None:
    await shop.send({**told(), "userId": "u1"}, source="server")
    assert [(row[1], bool(row[4])) for row in await orders(shop)] == [("paid", False)]
    assert await moments(shop) == [("Order Completed", "")]


SIGHTINGS = (
    order("1000", status="pending", updated_at=START - timedelta(hours=5), customer_id="c1"),
    order("1000", updated_at=START - timedelta(hours=4), email="ann@example.com"),
    order("1000", status="fulfilled", updated_at=START - timedelta(hours=3), customer_id="c1"),
    RefundSighting(SHOP, "1000", (Refund("r1", 500, START - timedelta(hours=2)),)),
    order("1000", status="refunded", updated_at=START - timedelta(hours=1), customer_id="c1"),
)
SAME = ("shop_order", "order_line", "order_event")


async def state_of(shop: Shop) -> list[Any]:
    """The order without the numbers of places in the log."""
    return [
        await orders(shop), await moments(shop),
        await shop.hub.database.fetch("SELECT position, product_id, quantity FROM order_line"),
    ]  # fmt: skip


@pytest.mark.parametrize("number", [*range(0, 120, 24), pytest.param(-1, marks=pytest.mark.full)])
async def test_any_sequence_with_twins_ends_alike(lite: Shop, number: int) -> None:
    every = list(itertools.permutations(SIGHTINGS))
    for chosen in every if number < 0 else [every[number]]:
        await lite.hub.database.write(
            [(f"DELETE FROM {t}", [()]) for t in ("dedupe", *SAME, "node_state")]
        )
        lite.hub.views.restart(lite.hub.views.seq)
        for sighting in chosen:
            await lite.report(sighting, sighting)
        assert await state_of(lite) == [
            [("1000", "refunded", 1995, 500, 0)],
            [("Order Completed", ""), ("Order Refunded", "r1")],
            [(0, "p1", 2)],
        ]
    assert set(SAME) <= set(await projections(lite.hub))


async def test_an_order_moves_to_its_real_buyer(shop: Shop) -> None:
    eve = await shop.device()
    await shop.send(told(), token=eve)
    assert len((await shop.view(eve)).orders) == 1
    await shop.report(order("1000", customer_id="c1"))
    assert (await shop.view(eve)).orders == {}
    ann = await shop.person_of(Identifier(SHOP, "customer", "c1"))
    assert [line.name for line in ann.orders.values()] == ["Order Completed"]


@pytest.mark.parametrize(
    ("currency", "total", "minor"),
    [("EUR", 19.95, 1995), ("EUR", "19,95", 1995), ("JPY", 1995, 1995), ("KWD", 1.9954, 1995),
     ("EUR", 0.285, 29), ("EUR", "1e999999999", 0), ("EUR", True, 0), ("EUR", None, 0)],
)  # fmt: skip
async def test_money_of_a_page(lite: Shop, currency: str, total: Any, minor: int) -> None:
    await lite.send(told(currency=currency, total=total), token=await lite.device())
    assert [row[2] for row in await orders(lite)] == [minor]
    assert not lite.hub.views.aside  # type: ignore[attr-defined]
