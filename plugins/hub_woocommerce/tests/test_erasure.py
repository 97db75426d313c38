"""Where a person still stands in the shop: accounts, guest orders, and nobody else's."""

from __future__ import annotations

from hub.sdk.push import Erased, can_erase
from hub.sdk.records import Identifier

from .conftest import WooRig


async def ask(rig: WooRig, *names: Identifier) -> Erased:
    assert can_erase(rig.connector)
    return await rig.connector.erase(rig.context(), names)


async def test_an_account_and_guest_orders_are_found(rig: WooRig) -> None:
    rig.shop.create_order([(10, 1)], email="Guest+1@Example.test")
    rig.shop.create_order([(10, 1)], email="not-guest+1@example.test")
    said = await ask(rig, Identifier("", "email", "guest+1@example.test"))
    assert (said.state, said.reference.count("order ")) == ("manual", 1)
    assert "Tools > Erase Personal Data" in said.note
    assert "guest+1@example.test" in said.note
    assert "not-guest" not in said.note


async def test_an_account_leads_to_its_own_address(rig: WooRig) -> None:
    row = rig.shop.tables.customers[60]
    said = await ask(rig, Identifier("woo", "customer", "60"))
    assert row["email"] in said.note
    assert "account 60" in said.reference


async def test_orders_in_the_trash_count(rig: WooRig) -> None:
    rig.shop.create_order([(10, 1)], email="gone@example.test")
    number = max(rig.shop.tables.orders)
    rig.shop.set_order_status(number, "trash")
    said = await ask(rig, Identifier("", "email", "gone@example.test"))
    assert said.reference == f"order {number}"


async def test_the_customer_of_another_shop_is_somebody_else(rig: WooRig) -> None:
    assert (await ask(rig, Identifier("another", "customer", "60"))).state == "nothing"
    assert (await ask(rig, Identifier("woo", "customer", "60/../61"))).state == "nothing"
    assert (await ask(rig, Identifier("woo", "customer", "99999"))).state == "nothing"
