"""A person as she was known at a moment: the same code over the log up to then."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from hub.flows import as_of
from hub.flows.as_of import TooMuch, person_then
from hub.flows.corrections import correct_trait, release_trait
from hub.flows.people import person_page
from hub.flows.unmerge import list_merges, unmerge
from hub.sdk.records import Customer, Identifier
from tests.flows.stories import STORIES, stories
from tests.flows.test_corrections import ANN, BY, ann, person
from tests.flows.test_rebuild import CALM, tell
from tests.shop import SHOP, START, Shop, open_shop, order, viewed


async def test_yesterday_is_what_was_known_yesterday(shop: Shop) -> None:
    token = await shop.device()
    await shop.send(viewed("p1"), token=token)
    await shop.report(ann(), order("1000", customer_id="c1", email=ANN.value))
    who = await person(shop)
    morning = shop.now
    shop.later(hours=1)
    await shop.report(ann(30, first_name="Anne"))
    await correct_trait(shop.hub, who, "phone", "+31 20 0", by=BY)
    noon = shop.now
    shop.later(hours=1)
    await release_trait(shop.hub, who, "phone", by=BY)
    early = await person_then(shop.hub, who, morning)
    assert early is not None
    facts = {t.key: t.value for t in early.traits}
    assert (early.name, facts["phone"]) == ("Ann", "+31201234567")
    assert [(o.order_id, o.provisional) for o in early.orders] == [("1000", False)]
    middle = await person_then(shop.hub, who, noon)
    assert middle is not None
    assert {t.key: (t.value, t.corrected) for t in middle.traits}["phone"] == ("+31 20 0", True)
    assert middle.name == "Anne"
    assert await person_then(shop.hub, who, morning - 1) is None
    assert await person_then(shop.hub, 10**9, noon) is None


async def test_who_was_one_person_then_is_one_person_there(shop: Shop) -> None:
    bob = Identifier("", "email", "bob@example.com")
    await shop.report(ann(), Customer(SHOP, "c2", START, email=bob.value, first_name="Bob"))
    apart = shop.now
    shop.later(hours=1)
    await shop.report(Customer(SHOP, "c1", START + timedelta(hours=1), email=bob.value))
    joined = shop.now
    shop.later(hours=1)
    both = await person(shop)
    wrong = next(
        m for m in (await list_merges(shop.hub, both)).merges
        if {m.a.value, m.b.value} == {"c1", bob.value}
    )  # fmt: skip
    await unmerge(shop.hub, wrong.a.node_id, wrong.b.node_id, by=BY)
    counts = {}
    for moment in (apart, joined, shop.now):
        then = await person_then(shop.hub, await person(shop), moment)
        assert then is not None
        counts[moment] = sorted(i.value for i in then.identifiers)
    assert bob.value in counts[joined]
    assert counts[apart] == counts[shop.now] == sorted([ANN.value, "c1"])


async def test_more_than_a_page_can_go_through_is_said(
    lite: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lite.report(ann(), ann(1), ann(2))
    monkeypatch.setattr(as_of, "MAX_ENTRIES", 2)
    with pytest.raises(TooMuch, match="export"):
        await person_then(lite.hub, await person(lite), lite.now)


@settings(CALM, max_examples=stories(25))
@given(STORIES)
def test_as_of_now_is_now(story: list[tuple[Any, ...]]) -> None:
    """Whatever happened, the picture of this moment is what the hub holds."""

    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with open_shop(Path(folder)) as shop:
                await tell(shop, story, [False] * 25)
                rows = await shop.hub.database.fetch("SELECT id FROM person ORDER BY id")
                for (person_id,) in rows:
                    then = await person_then(shop.hub, person_id, shop.now + 86_400_000)
                    page = await person_page(shop.hub, person_id)
                    assert page is not None
                    assert then is not None
                    assert then.traits == page.traits
                    assert then.events == page.person.events
                    assert [(i.type, i.value, i.trusted) for i in then.identifiers] == [
                        (i.type, i.value, i.trusted) for i in page.identifiers
                    ]
                    told = sorted(msgspec.structs.astuple(o)[:3] for o in then.orders)
                    assert told == sorted((o.shop, o.order_id, o.status) for o in page.orders)

    asyncio.run(run())
