"""Staff correct a fact: it stands above every system until it is released; its past is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hub.flows.corrections import CanNotCorrect, correct_trait, release_trait
from hub.flows.decide import node_of
from hub.flows.people import find_people, living_person, person_page
from hub.flows.rebuild import rebuild
from hub.flows.trait_history import trait_history
from hub.flows.unmerge import list_merges, unmerge
from hub.sdk.records import Customer, Identifier
from tests.shop import SHOP, START, Shop, projections

ANN = Identifier("", "email", "ann@example.com")
BY = "eve@shop.example"


async def person(shop: Shop, who: Identifier = ANN) -> int:
    node = await node_of(shop.hub, who)
    assert node is not None
    found = await living_person(shop.hub, node)
    assert found is not None
    return found


async def facts(shop: Shop, person_id: int) -> dict[str, Any]:
    page = await person_page(shop.hub, person_id)
    assert page is not None
    return {t.key: t.value for t in page.traits}


def ann(minutes: int = 0, **more: Any) -> Customer:
    moment = START + timedelta(minutes=minutes)
    more = {"first_name": "Ann", "phone": "+31201234567", **more}
    return Customer(SHOP, "c1", moment, email=ANN.value, **more)


async def test_a_correction_wins_until_it_is_released(shop: Shop) -> None:
    await shop.report(ann())
    who = await person(shop)
    shop.later(minutes=1)
    await correct_trait(shop.hub, who, "first_name", "Anna", by=BY)
    await shop.report(ann(5, first_name="ANN"))
    assert (await facts(shop, who))["first_name"] == "Anna"
    assert (await find_people(shop.hub, "anna")).people[0].name == "Anna"
    await correct_trait(shop.hub, who, "phone", None, by=BY)
    assert "phone" not in await facts(shop, who)
    before = await projections(shop.hub)
    await rebuild(shop.hub)
    assert await projections(shop.hub) == before
    await release_trait(shop.hub, who, "first_name", by=BY)
    await release_trait(shop.hub, who, "phone", by=BY)
    found = await facts(shop, who)
    assert (found["first_name"], found["phone"]) == ("ANN", "+31201234567")
    with pytest.raises(CanNotCorrect, match="not corrected"):
        await release_trait(shop.hub, who, "phone", by=BY)


async def test_a_correction_vouches_for_nobody(shop: Shop) -> None:
    """Else staff would make a claimed address a proved one by mending a name."""
    claim = {"type": "identify", "anonymousId": "a1", "userId": "u9", "traits": {"name": "X"}}
    await shop.send(claim)
    who = await person(shop, Identifier(SHOP, "user", "u9"))
    await correct_trait(shop.hub, who, "name", "Y", by=BY)
    line = (await find_people(shop.hub)).people[0]
    assert (line.id, line.trusted) == (who, False)
    assert (await facts(shop, who))["name"] == "Y"


async def test_a_correction_goes_with_its_own_person_when_a_merge_is_undone(shop: Shop) -> None:
    other = Identifier("", "email", "bob@example.com")
    await shop.report(ann(), Customer(SHOP, "c2", START, email=other.value, first_name="Bob"))
    bob = await person(shop, other)
    await correct_trait(shop.hub, bob, "first_name", "Robert", by=BY)
    await shop.report(Customer(SHOP, "c1", START + timedelta(hours=1), email=other.value))
    both = await person(shop)
    assert both == await person(shop, other)
    assert (await facts(shop, both))["first_name"] == "Robert"
    wrong = next(
        m for m in (await list_merges(shop.hub, both)).merges
        if {m.a.value, m.b.value} == {"c1", other.value}
    )  # fmt: skip
    await unmerge(shop.hub, wrong.a.node_id, wrong.b.node_id, by=BY)
    assert (await facts(shop, await person(shop)))["first_name"] == "Ann"
    assert (await facts(shop, await person(shop, other)))["first_name"] == "Robert"


@pytest.mark.parametrize(("key", "value", "field"), [
    ("", "x", "key"), ("a" * 129, "x", "key"), ("a\n", "x", "key"), ("email", "x@y.zz", "key"),
    ("n", float("inf"), "value"), ("n", 2**60, "value"), ("n", "x" * 1025, "value"),
    ("n", "a\0", "value"), ("n", ["a"], "value"), ("n", {"a": 1}, "value"),
])  # fmt: skip
async def test_what_can_not_be_corrected_is_refused_by_field(
    lite: Shop, key: str, value: Any, field: str
) -> None:
    await lite.report(ann())
    with pytest.raises(CanNotCorrect) as refused:
        await correct_trait(lite.hub, await person(lite), key, value, by=BY)
    assert refused.value.field == field
    with pytest.raises(LookupError):
        await correct_trait(lite.hub, 10**9, "name", "x", by=BY)


async def test_the_past_of_a_fact_names_who_said_what(shop: Shop) -> None:
    await shop.report(ann())
    await shop.report(ann(1))
    who = await person(shop)
    await shop.report(ann(2, first_name="Anne"))
    shop.later(minutes=3)
    await correct_trait(shop.hub, who, "first_name", "Anna", by=BY)
    past = await trait_history(shop.hub, who, "first_name")
    assert past is not None
    assert [(v.value, v.how, v.times, v.by, v.counts) for v in past.values] == [
        ("Anna", "corrected", 1, BY, True),
        ("Anne", "told", 1, "", False),
        ("Ann", "told", 2, "", False),
    ]
    assert past.corrected
    assert past.values[1].source_id == shop.sources["connector"].id
    await release_trait(shop.hub, who, "first_name", by=BY)
    past = await trait_history(shop.hub, who, "first_name")
    assert past is not None
    assert [v.value for v in past.values if v.counts] == ["Anne"]
    assert past.values[0].how == "released"
    pages, before = [], ""
    while True:
        page = await trait_history(shop.hub, who, "first_name", before, limit=1)
        assert page is not None
        pages += [v.value for v in page.values]
        before = page.next
        if not before:
            break
    assert pages == [v.value for v in past.values]
    assert await trait_history(shop.hub, 10**9, "first_name") is None
