"""Who spoke of an erased person stays, without a word of her, where a rebuild would put her."""

from __future__ import annotations

from typing import Any

from hub.flows.erase import carry_on, request_erasure
from hub.flows.erase_subject import find_subject
from hub.flows.rebuild import rebuild
from hub.sdk.records import Customer
from tests.shop import SHOP, START, Shop, order, projections, viewed

VICTIM, EVE = "victim-canary@example.com", "eve@example.com"
KEY = "wc_order_of_eve_1"


async def erase(shop: Shop, who: str) -> None:
    assert await carry_on(shop.hub, await request_erasure(shop.hub, who, "test")) == "done"


async def same_again(shop: Shop) -> dict[str, list[tuple[Any, ...]]]:
    live = await projections(shop.hub)
    await rebuild(shop.hub)
    again = await projections(shop.hub)
    for table, rows in live.items():
        assert again[table] == rows, table
    return live


async def known_eve(shop: Shop) -> str:
    """A customer with a browser of her own, proved by the key of her order."""
    token = await shop.device()
    await shop.report(Customer(SHOP, "eve-1", START, email=EVE, first_name="Eve"))
    await shop.report(order("77", customer_id="eve-1", email=EVE, order_key=KEY))
    await shop.send({"type": "page", "properties": {"order_key": KEY}}, token=token)
    return token


async def test_a_known_customer_who_claimed_her_keeps_everything_but_the_claim(
    shop: Shop,
) -> None:
    token = await known_eve(shop)
    claim = {"type": "identify", "traits": {"email": VICTIM, "city": "Delft"}}
    await shop.send(claim, viewed("p1"), token=token)
    await shop.send({"type": "track", "event": "Seen", "properties": {"to": VICTIM.upper()}},
                    token=token)  # fmt: skip
    view = await shop.view(token)
    assert view.traits["city"].value == "Delft"
    await erase(shop, VICTIM)
    live = await same_again(shop)
    assert VICTIM not in repr(live).lower()
    rows = await shop.hub.database.fetch("SELECT body FROM log")
    assert VICTIM not in repr(rows).lower()
    view = await shop.view(token)
    assert (view.traits["city"].value, view.traits["first_name"].value) == ("Delft", "Eve")
    assert len(view.orders) == 1 and view.viewed


async def test_a_customer_loses_nothing_when_a_claimed_address_goes(shop: Shop) -> None:
    claim = {"type": "identify", "anonymousId": "stranger", "traits": {"email": VICTIM}}
    await shop.send(claim, viewed("p1"))
    # The address was the older part of the person; a customer without one is joined to it.
    user = {"type": "identify", "userId": "u-12345678", "anonymousId": "other"}
    await shop.send(user, source="server")
    both = {"type": "identify", "anonymousId": "third", "userId": "u-12345678",
            "traits": {"email": VICTIM}}  # fmt: skip
    await shop.send(both)
    await erase(shop, VICTIM)
    live = await same_again(shop)
    assert VICTIM not in repr(live)
    assert "u-12345678" in repr(live["person"]), "somebody else's account stays"


async def test_erasing_who_claimed_leaves_who_was_claimed(shop: Shop) -> None:
    await shop.report(Customer(SHOP, "v-1", START, email=VICTIM, first_name="Vic"))
    eve = await shop.device()
    claim = {"type": "identify", "userId": "v-1", "traits": {"email": VICTIM}}
    await shop.send(claim, viewed("p9"), token=eve)
    other = {"type": "identify", "anonymousId": "e", "traits": {"email": EVE}}
    await shop.send(other, {**claim, "anonymousId": "e"})
    await erase(shop, EVE)
    live = await same_again(shop)
    assert VICTIM in repr(live["person"]) and EVE not in repr(live)
    rows = await shop.hub.database.fetch("SELECT name FROM person WHERE email = ?", (VICTIM,))
    assert rows == [("Vic",)]


async def test_a_number_means_the_one_the_shop_knows(shop: Shop) -> None:
    eve = await shop.device()
    await shop.send(viewed("p1"), token=eve)
    await shop.report(Customer(SHOP, "v-1", START, email=VICTIM, first_name="Vic"))
    await shop.send({"type": "identify", "traits": {"email": VICTIM}}, token=eve)
    # Eve's browser is the older one: the person carries its number.
    rows = await shop.hub.database.fetch("SELECT id, email FROM person WHERE email <> ''")
    ((person_id, email),) = rows
    assert email == VICTIM
    subject = await find_subject(shop.hub, str(person_id))
    assert {n.who.type for n in subject.own} == {"customer", "email"}
    assert {n.who.type for n in subject.claimed} == {"device"}
