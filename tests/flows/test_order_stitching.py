"""An order finds the browser that placed it, without anybody signed in; and a stranger who types
somebody's address into a checkout learns nothing of her."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hub_woocommerce import mapping, shapes

from hub.flows.rebuild import rebuild
from hub.sdk.records import Customer, Identifier, Order
from tests.flows.test_unmerge import person_id
from tests.shop import SHOP, START, Shop, order, projections, viewed

ANN = Identifier("", "email", "ann@example.com")
KEY = "a-key-of-sixteen"


def page(kind: str, key: str) -> dict[str, Any]:
    return {"type": "page", "properties": {kind: key}}


async def same_again(shop: Shop) -> None:
    assert not shop.hub.views.aside
    live = await projections(shop.hub)
    await rebuild(shop.hub)
    assert await projections(shop.hub) == live


@pytest.mark.parametrize("kind", ["order_key", "cart_token", "checkout_token"])
@pytest.mark.parametrize("first", ["the page", "the shop"])
async def test_a_guests_order_joins_the_browser_by_any_key(
    shop: Shop, kind: str, first: str
) -> None:
    token = await shop.device()
    await shop.send(viewed("p1"), token=token)
    bought = order("1000", email=ANN.value, first_name="Ann", **{kind: KEY})
    if first == "the shop":
        await shop.report(bought)
    await shop.send(page(kind, KEY), token=token)
    if first == "the page":
        assert (await shop.view(token)).orders == {}
        await shop.report(bought)
    view = await shop.view(token)
    assert set(view.orders) == {f"{SHOP}:1000|Order Completed|"}
    assert view.traits["first_name"].value == "Ann"
    person = await shop.person_of(ANN)
    assert len(person.viewed) == 1
    await same_again(shop)


async def test_every_recorded_order_of_woocommerce_finds_its_browser(lite: Shop) -> None:
    """Each from a browser of its own; whoever is a customer had signed in."""
    orders: list[Order] = [mapping.order(row, SHOP) for row in shapes.recorded_orders()]
    found = 0
    for bought in orders:
        token = await lite.device()
        event = {
            "type": "track", "event": "Order Completed",
            "properties": {"order_id": bought.order_id, "order_key": bought.order_key},
        }  # fmt: skip
        await lite.send(viewed("p1"), event, token=token)
        await lite.report(bought)
        subject = Identifier(SHOP, "customer", bought.customer_id)
        if not bought.customer_id:
            subject = Identifier("", "email", bought.email.lower())
        device = Identifier("", "device", lite.hub.signer.device(token))
        assert await person_id(lite, device) == await person_id(lite, subject), bought.order_id
        found += 1
    assert found == len(orders) > 5
    await same_again(lite)


async def ann(shop: Shop) -> str:
    """A customer with an account and a browser of her own."""
    token = await shop.device()
    customer = Customer(SHOP, "c1", START, email=ANN.value, first_name="Ann", traits={"vip": True})
    await shop.report(customer, order("1000", customer_id="c1", email=ANN.value, order_key=KEY))
    await shop.send(page("order_key", KEY), viewed("p1"), token=token)
    assert (await shop.view(token)).traits["vip"].value is True
    return token


async def test_a_guest_who_types_her_address_sees_nothing_of_her(shop: Shop) -> None:
    hers, eve = await ann(shop), await shop.device()
    await shop.report(order("2000", email=ANN.value, order_key="eves-own-order-key"))
    await shop.send(page("order_key", "eves-own-order-key"), viewed("p9"), token=eve)
    view = await shop.view(eve)
    assert (view.traits, view.orders, list(view.viewed)) == ({}, {}, [f"{SHOP}:p9"])
    assert f"{SHOP}:p9" not in (await shop.view(hers)).viewed
    await same_again(shop)


async def test_a_guest_order_proves_nothing_of_an_address_that_has_a_browser(lite: Shop) -> None:
    first, second = await lite.device(), await lite.device()
    for n, token in enumerate((first, second)):
        key = f"{n}-key-of-this-order"
        await lite.report(order(f"{n}", email=ANN.value, first_name="Ann", order_key=key))
        await lite.send(page("order_key", key), viewed(f"p{n}"), token=token)
    assert (await lite.view(first)).traits["first_name"].value == "Ann"
    assert list((await lite.view(second)).viewed) == [f"{SHOP}:p1"]
    # Staff see that it may well be she.
    assert set((await lite.person_of(ANN)).viewed) == {f"{SHOP}:p0", f"{SHOP}:p1"}


async def test_an_account_that_types_her_address_is_not_she(shop: Shop) -> None:
    hers, eve = await ann(shop), await shop.device()
    await shop.report(
        Customer(SHOP, "c9", START, email="eve@example.com", first_name="Eve"),
        order("2000", customer_id="c9", email=ANN.value, order_key="eves-own-order-key"),
    )
    await shop.send(page("order_key", "eves-own-order-key"), token=eve)
    assert (await shop.view(eve)).traits["first_name"].value == "Eve"
    assert "vip" not in (await shop.view(eve)).traits
    c9 = await person_id(shop, Identifier(SHOP, "customer", "c9"))
    assert c9 != await person_id(shop, ANN)
    assert (await shop.view(hers)).traits["first_name"].value == "Ann"
    await same_again(shop)


async def test_the_address_of_a_first_order_is_the_buyers_own(lite: Shop) -> None:
    await lite.report(order("1", customer_id="c1", email=ANN.value))
    assert await person_id(lite, ANN) == await person_id(lite, Identifier(SHOP, "customer", "c1"))
    changed = msgspec.structs.replace(order("2", customer_id="c1"), email="work@example.com")
    await lite.report(changed)
    assert await person_id(lite, Identifier("", "email", "work@example.com")) != await person_id(
        lite, ANN
    )
