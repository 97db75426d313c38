"""What anybody can say with the public key changes nothing for anybody else."""

from __future__ import annotations

import asyncio
import copy
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hub.flows.device import LinkRequest, consent_entry, link_device
from hub.flows.subscribe import SubscribeRequest, subscribe
from hub.ingest.limits import BadInput
from hub.profiles.state import request_key
from hub.sdk.records import Customer, Identifier
from tests.flows.stories import stories
from tests.shop import SHOP, START, Shop, open_shop, order, product, viewed

POPUP = """
type: popup
name: News
slot: overlay
content:
  en: {title: News, button: Send, consent_label: I agree, text_version: v1, success: Thanks}
"""
EMAIL = "ann@example.com"
KEY = "wc_order_secret1"
ANN = [
    Identifier(SHOP, "customer", "c1"), Identifier(SHOP, "user", "u1"),
    Identifier("", "email", EMAIL),
]  # fmt: skip


async def ann(shop: Shop) -> str:
    """A known customer with a device of her own, proved by the key of her order."""
    token = await shop.device()
    await shop.widget("news", POPUP)
    customer = Customer(SHOP, "c1", START, email=EMAIL, first_name="Ann", traits={"vip": True})
    bought = order("1000", customer_id="c1", email=EMAIL, order_key=KEY)
    await shop.report(customer, bought, product("p1"))
    page = {"type": "page", "properties": {"order_key": KEY}}
    await shop.send(viewed("p1"), page, token=token)
    server = {"type": "identify", "userId": "u1", "anonymousId": "a1", "traits": {"email": EMAIL}}
    await shop.send(server, source="server")
    granted = {"purpose": "marketing", "channel": "email", "basis": "consent", "proved": True}
    entry = consent_entry(
        source_id=shop.sources["browser"].id, subject=ANN[2], state="granted", at=shop.now,
        body=granted,
    )  # fmt: skip
    await shop.hub.writer.append([entry])
    await shop.settle()
    view = await shop.view(token)
    assert {"first_name", "vip"} <= set(view.traits)
    return token


async def proved(shop: Shop, token: str) -> dict[str, Any]:
    """Everything that must stay as it is."""
    rows = await shop.hub.database.fetch(
        "SELECT n.type, n.value, p.core_id, p.trusted FROM node_person p JOIN node n "
        "ON n.id = p.node_id WHERE p.trusted OR n.value = ? ORDER BY n.id",
        (shop.hub.signer.device(token),),
    )
    person = await shop.person_of(ANN[2])
    hers = set(await nodes(shop))
    people = [await shop.hub.views.person_view(node) for node in hers]
    known = {key: trait.value for key, trait in person.traits.items() if trait.trusted}
    email = (await shop.hub.database.fetch(
        "SELECT email, name, phone FROM person WHERE id = ("
        "SELECT person_id FROM node_person p JOIN node n ON n.id = p.node_id "
        "WHERE n.type = 'email' AND n.value = ?)", (EMAIL,),
    ))  # fmt: skip
    view = copy.deepcopy(await shop.view(token))
    # That somebody asked is on record; it decides nothing.
    view.consents.pop(request_key("marketing", "email"), None)
    return {
        "identifiers": rows, "traits": known, "row": email,
        "consent": person.consents["marketing/email"],
        "view": view, "shown": await shop.shown(token),
        "together": all(set(members) >= hers for _, members in people),
    }  # fmt: skip


async def nodes(shop: Shop) -> list[int]:
    rows = await shop.hub.database.fetch(
        "SELECT id FROM node WHERE (type = 'customer' AND value = 'c1') "
        "OR (type = 'user' AND value = 'u1') OR (type = 'email' AND value = ?)",
        (EMAIL,),
    )
    return [row[0] for row in rows]


WHO = st.sampled_from(["own device", "anonymous", "her anonymous id", "as her", "forged token"])
NAMES = st.fixed_dictionaries(
    {},
    optional={
        "userId": st.sampled_from(["u1", "c1", "u9"]),
        "traits": st.fixed_dictionaries(
            {},
            optional={
                "email": st.sampled_from([EMAIL, "eve@example.com"]),
                "first_name": st.just("Eve"),
                "vip": st.just(False),
                "phone": st.just("+316"),
            },
        ),
    },
)
EVENTS = st.sampled_from(
    [
        {"type": "identify"}, viewed("p2"), {"type": "alias", "previousId": "u1"},
        {"type": "track", "event": "Promotion Viewed", "properties": {"promotion_id": "news"}},
        {"type": "track", "event": "Order Completed",
         "properties": {"order_id": "1000", "total": 1, "email": EMAIL}},
        {"type": "track", "event": "Order Completed",
         "properties": {"order_id": "2000", "order_key": "wc_order_guessed9"}},
        {"type": "track", "event": "Order Refunded", "properties": {"order_id": "1000"}},
        {"type": "group", "groupId": "u1", "properties": {"email": EMAIL}},
    ]
)  # fmt: skip
ATTACK = st.one_of(
    st.tuples(st.just("event"), WHO, EVENTS, NAMES),
    st.tuples(st.just("subscribe"), WHO, st.just(EMAIL), st.just(None)),
    st.tuples(st.just("link"), WHO, st.sampled_from(["", "a.b", KEY]), st.just(None)),
)
ATTACKS = st.lists(ATTACK, min_size=1, max_size=12)


async def attack(shop: Shop, attacks: list[tuple[Any, ...]], hers: str) -> None:
    own = await shop.device()
    forged = hers.rpartition(".")[0][:-1] + "x." + hers.rpartition(".")[2]
    for kind, who, what, names in attacks:
        token = {"own device": own, "forged token": forged}.get(who, "")
        if kind == "event":
            ids = {"anonymous": {"anonymousId": "eve"}, "her anonymous id": {"anonymousId": "a1"},
                   "as her": {"userId": "u1"}, "forged token": {"anonymousId": "f"}}  # fmt: skip
            await shop.send({**what, **names, **ids.get(who, {})}, token=token)
        elif kind == "subscribe":
            request = SubscribeRequest("", "news", 1, what, token=token or None)
            await subscribe(shop.hub, shop.sources["browser"], request)
        else:
            assert not await link_device(
                shop.hub, shop.sources["browser"], LinkRequest("", token, what)
            )
    await shop.settle()


async def nothing_changes(attacks: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_shop(Path(folder)) as shop:
            token = await ann(shop)
            before = await proved(shop, token)
            assert before["together"]
            await attack(shop, attacks, token)
            after = await proved(shop, token)
            for what, value in before.items():
                assert after[what] == value, what
            assert not shop.hub.views.aside  # type: ignore[attr-defined]


CALM = settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck),
    phases=[p for p in Phase if p not in (Phase.shrink, Phase.explain)],
)  # fmt: skip


@CALM
@given(ATTACKS)
def test_no_claim_changes_what_is_proved(attacks: list[tuple[Any, ...]]) -> None:
    asyncio.run(nothing_changes(attacks))


@pytest.mark.full
@settings(CALM, max_examples=stories(200))
@given(ATTACKS)
def test_no_claim_changes_what_is_proved_in_many_tries(attacks: list[tuple[Any, ...]]) -> None:
    asyncio.run(nothing_changes(attacks))


async def test_a_stranger_can_not_fill_her_place(lite: Shop) -> None:
    token = await ann(lite)
    claims = [
        {"type": "identify", "anonymousId": f"eve-{n}", "traits": {"email": EMAIL}}
        for n in range(400)
    ]
    await lite.send(*claims)
    phone = await lite.device()
    await lite.send({"type": "page", "properties": {"order_key": KEY}}, token=phone)
    assert (await lite.view(phone)).traits["first_name"].value == "Ann"
    assert (await lite.view(token)).traits["first_name"].value == "Ann"


async def test_an_order_number_shows_nobody_anything(lite: Shop) -> None:
    await ann(lite)
    eve = await lite.device()
    claim = {"type": "track", "event": "Order Completed", "properties": {"order_id": "1000"}}
    await lite.send(claim, token=eve)
    view = await lite.view(eve)
    assert (view.orders, view.traits) == ({}, {})


async def test_a_key_is_proof_only_once_the_shop_reports_it(shop: Shop) -> None:
    token = await shop.device()
    key = {"type": "page", "properties": {"order_key": KEY}}
    await shop.send(key, token=token)
    assert (await shop.view(token)).orders == {}
    await shop.report(order("1000", customer_id="c1", email=EMAIL, order_key=KEY))
    orders = (await shop.view(token)).orders
    assert [line.name for line in orders.values()] == ["Order Completed"]


async def test_two_pages_with_the_same_made_up_key_stay_apart(shop: Shop) -> None:
    one, two = await shop.device(), await shop.device()
    page = {"type": "page", "properties": {"cart_token": "made-up-by-eve-1"}}
    await shop.send(page, viewed("p1"), token=one)
    await shop.send(page, token=two)
    assert (await shop.view(two)).viewed == {}


async def test_a_source_that_ignores_identity_says_none(lite: Shop) -> None:
    quiet = msgspec.structs.replace(lite.sources["browser"], browser_identify="ignore")
    lite.sources["browser"] = quiet
    await lite.send({"type": "identify", "anonymousId": "a", "traits": {"email": EMAIL}})
    rows = await lite.hub.database.fetch("SELECT type FROM node")
    assert rows == [("anonymous",)]


@pytest.mark.parametrize("email", ["", "x", "a@b", "a@b.c\r\nBcc: d@e.f"])
async def test_a_malformed_address_is_refused(lite: Shop, email: str) -> None:
    await lite.widget("news", POPUP)
    with pytest.raises(BadInput, match="email"):
        request = SubscribeRequest("", "news", 1, email)
        await subscribe(lite.hub, lite.sources["browser"], request)
