"""The rules of merging on a real log: who is shared, what is refused, and that a rebuild agrees."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from hub.flows.erase import carry_on, request_erasure
from hub.flows.rebuild import rebuild
from hub.flows.refusals import list_refusals
from hub.sdk.records import Customer, Identifier
from hub.settings import Merging
from tests.conftest import empty
from tests.flows.stories import STORIES, stories
from tests.flows.test_rebuild import CALM, CUTS, tell
from tests.flows.test_unmerge import number, person_id
from tests.shop import SHOP, START, Shop, open_shop, order, projections

TILL = "till@shop.example"
TIGHT = Merging(accounts=1, accounts_per_browser=1, emails=1, browsers=2)


def account(n: int, email: str = TILL) -> Customer:
    return Customer(SHOP, f"c{n}", START, email=email, first_name=f"Number {n}")


def named(n: int) -> Identifier:
    return Identifier(SHOP, "customer", f"c{n}")


async def people(shop: Shop) -> set[frozenset[str]]:
    rows = await shop.hub.database.fetch(
        "SELECT p.person_id, n.value FROM node_person p JOIN node n ON n.id = p.node_id"
    )
    found: dict[int, set[str]] = {}
    for person, value in rows:
        found.setdefault(person, set()).add(value)
    return {frozenset(values) for values in found.values()}


async def test_an_address_of_the_till_makes_no_giant(shop: Shop) -> None:
    for n in range(5):
        await shop.report(account(n))
    assert len(await people(shop)) == 1
    await shop.report(account(5), account(6))
    alone = {frozenset({TILL}), *(frozenset({f"c{n}"}) for n in range(7))}
    assert await people(shop) == alone
    assert not shop.hub.views.aside
    (mark,) = [r for r in (await list_refusals(shop.hub)).refusals if r.shared]
    assert (mark.a.value, mark.reason) == (TILL, "shared by too many accounts: 6")
    assert mark.person_a == await number(shop, Identifier("", "email", TILL))
    live = await projections(shop.hub)
    await rebuild(shop.hub)
    assert await projections(shop.hub) == live
    await shop.report(account(7), order("1000", email=TILL))
    assert frozenset({"c7"}) in await people(shop)


async def test_the_order_of_arrival_does_not_matter_to_what_is_shared(lite: Shop) -> None:
    """Six accounts of one address, each with an address of its own, in two orders and slices."""
    found = []
    for backwards in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            async with open_shop(Path(folder)) as shop:
                records = [account(n, f"own{n}@x.example") for n in range(6)]
                records += [account(n) for n in range(6)]
                if backwards:
                    records.reverse()
                    await shop.report(*records)
                else:
                    for record in records:
                        await shop.report(record)
                found.append(await people(shop))
    assert found[0] == found[1]
    assert frozenset({TILL}) in found[0]


async def test_a_browser_of_many_accounts_belongs_to_nobody(shop: Shop) -> None:
    for n in range(3):
        event = {"type": "identify", "userId": f"u{n}", "anonymousId": "kiosk"}
        await shop.send(event, source="server")
        kiosk = await person_id(shop, Identifier(SHOP, "anonymous", "kiosk"))
        first = await person_id(shop, Identifier(SHOP, "user", "u0"))
        assert (kiosk == first) == (n < 2)
    assert {frozenset({"kiosk"}), frozenset({"u1"})} <= await people(shop)
    live = await projections(shop.hub)
    await rebuild(shop.hub)
    assert await projections(shop.hub) == live


async def test_two_customers_on_one_browser_stay_two(shop: Shop) -> None:
    """She buys, then he does: the keys of both orders are proved in one browser."""
    token = await shop.device()
    keys = ["wc_order_hers1234", "wc_order_his12345"]
    for n, key in enumerate(keys):
        record = order(f"{n}", customer_id=f"c{n}", email=f"{n}@x.example", order_key=key)
        await shop.report(record)
        await shop.send({"type": "page", "properties": {"order_key": key}}, token=token)
    hers, his = await person_id(shop, named(0)), await person_id(shop, named(1))
    assert hers != his
    assert set((await shop.view(token)).orders) == {f"{SHOP}:0|Order Completed|"}
    refused = (await list_refusals(shop.hub)).refusals
    assert {"too weak a proof to join two customers"} == {r.reason for r in refused}


async def test_a_role_address_joins_nobody_and_own_junk_neither(tmp_path: Path) -> None:
    async with open_shop(tmp_path, merging=Merging(junk=["desk-?@shop.example"])) as shop:
        await shop.report(
            account(1, "noreply@shop.example"), account(2, "noreply@shop.example"),
            account(3, "desk-4@shop.example"), account(4, "desk-4@shop.example"),
        )  # fmt: skip
        assert {frozenset({f"c{n}"}) for n in range(1, 5)} <= await people(shop)
        assert len((await list_refusals(shop.hub)).refusals) == 4
        assert len((await list_refusals(shop.hub, limit=3)).refusals) == 3


async def test_who_is_shared_stays_so_when_a_neighbour_is_erased(lite: Shop) -> None:
    await lite.report(*(account(n) for n in range(6)))
    gone = await person_id(lite, named(0))
    request = await request_erasure(lite.hub, str(gone), "ann@shop.example")
    await carry_on(lite.hub, request, at_once=True, here=True)
    await lite.report(account(8), account(9))
    assert {frozenset({"c8"}), frozenset({"c9"})} <= await people(lite)


async def same_everywhere(story: list[tuple[object, ...]], cuts: list[bool], url: str = "") -> None:
    """Tight rules, so that nearly every story runs into them."""
    if url:
        await empty(url)
    with tempfile.TemporaryDirectory() as folder:
        async with open_shop(Path(folder), url, merging=TIGHT) as shop:
            await tell(shop, story, cuts)
            assert not shop.hub.views.aside
            live = await projections(shop.hub)
            await rebuild(shop.hub)
            assert await projections(shop.hub) == live
            for person in await people(shop):
                assert sum(value.startswith("c") and len(value) == 2 for value in person) <= 1
                assert sum("@" in value for value in person) <= 1


@CALM
@given(STORIES, CUTS)
def test_tight_rules_are_kept_and_rebuilt_alike(
    story: list[tuple[object, ...]], cuts: list[bool]
) -> None:
    asyncio.run(same_everywhere(story, cuts))


@settings(CALM, max_examples=4)
@given(STORIES, CUTS)
def test_tight_rules_on_postgres(
    postgres_database: str, story: list[tuple[object, ...]], cuts: list[bool]
) -> None:
    asyncio.run(same_everywhere(story, cuts, postgres_database))


@pytest.mark.full
@settings(CALM, max_examples=stories(150))
@given(STORIES, CUTS)
def test_tight_rules_in_many_stories(story: list[tuple[object, ...]], cuts: list[bool]) -> None:
    asyncio.run(same_everywhere(story, cuts))
