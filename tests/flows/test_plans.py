"""The tracking plan of a source, from the page to the counts, in force after a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.flows import plans
from hub.flows.letters_replay import list_groups, list_letters, replay
from hub.flows.plans import list_faults, plan_from_arrived, plan_text, set_plan
from hub.ingest.plan import InvalidPlan
from tests.shop import Shop, open_shop

BY = "ann@shop.example"
PLAN = """mode: {mode}
events:
  Product Viewed:
    required: [product_id]
    properties:
      product_id: {{type: string}}
"""
GOOD = {"type": "track", "event": "Product Viewed", "userId": "7",
        "properties": {"product_id": "p1"}}  # fmt: skip
BAD = {**GOOD, "properties": {"product_id": 5, "note": "canary"}}
ALIAS = {**GOOD, "event": "view_item", "properties": {"items": [{"item_id": "p1"}]}}


async def put(shop: Shop, text: str) -> None:
    await set_plan(shop.hub, shop.sources["server"].id, text, by=BY)
    shop.sources = {row.kind: row for row in shop.hub.sources.values()}


async def found(shop: Shop) -> list[tuple[str, str, str, int]]:
    lines = await list_faults(shop.hub, shop.sources["server"].id)
    return [(f.name, f.path, f.rule, f.n) for f in lines]


async def stored(shop: Shop) -> int:
    rows = await shop.hub.database.fetch("SELECT COUNT(*) FROM log WHERE kind = 'event'")
    return int(rows[0][0])


async def test_warn_counts_and_takes(database_url: str, tmp_path: Path) -> None:
    async with open_shop(tmp_path, database_url) as shop:
        await put(shop, PLAN.format(mode="warn"))
        answer = await shop.send(GOOD, BAD, BAD, ALIAS, source="server")
        assert (answer.accepted, answer.rejected) == (4, [])
        await shop.send(BAD)  # another source has no plan
        assert await found(shop) == [("Product Viewed", "product_id", "type", 2)]
    async with open_shop(tmp_path, database_url) as shop:  # in force, and the count goes on
        await shop.send(BAD, source="server")
        assert await found(shop) == [("Product Viewed", "product_id", "type", 3)]
        assert "canary" not in str(
            await shop.hub.database.fetch("SELECT name, path, rule FROM plan_fault")
        )
        await put(shop, "")
        await shop.send(BAD, source="server")
        assert (await found(shop), await plan_text(shop.hub, shop.sources["server"].id)) == ([], "")


async def test_reject_says_why_and_keeps_it_for_later(shop: Shop) -> None:
    await put(shop, PLAN.format(mode="reject"))
    answer = await shop.send(GOOD, BAD, source="server")
    assert answer.accepted == 1
    assert answer.rejected == [{"i": 1, "reason": "plan: 'product_id' another type than planned"}]
    assert await stored(shop) == 1
    (group,) = await list_groups(shop.hub)
    assert group.n == 1
    (letter,) = await list_letters(shop.hub, group.id)
    await put(shop, PLAN.format(mode="warn"))
    await replay(shop.hub, letter.id, by=BY)
    assert await stored(shop) == 2


async def test_a_plan_made_from_what_arrived_lets_all_of_it_in(shop: Shop) -> None:
    await shop.send(GOOD, BAD, source="server")
    text = await plan_from_arrived(shop.hub, shop.sources["server"].id)
    await put(shop, text.replace("mode: warn", "mode: reject"))
    answer = await shop.send(GOOD, BAD, source="server")
    assert answer.rejected == []
    odd = {**GOOD, "properties": {"product_id": True}}
    assert len((await shop.send(odd, source="server")).rejected) == 1


async def test_a_flood_of_odd_fields_stays_within_bounds(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "FAULTS", 10)
    await put(
        shop,
        "mode: warn\nevents: {A: {patternProperties: {'.': {type: 'null'}}}}\nunplanned: report\n",
    )
    for i in range(6):
        event = {"type": "track", "event": "A", "userId": "1"}
        fields = {f"k{i}_{n}": 1 for n in range(9)} | {"ann@example.com": 1}
        await shop.send({**event, "properties": fields}, source="server")
        await shop.send({**event, "event": f"B{i}"}, source="server")
    lines = await found(shop)
    assert len(lines) <= 12
    assert sum(n for *_, n in lines) == 6 * 10 + 6
    assert "ann@example.com" not in str(lines)


@pytest.mark.parametrize(
    ("text", "said"),
    [("mode: [", "plan"), ("- 1", "plan"), ("mode: warn\nevents: {1: {}}", "plan"),
     ("mode: warn\nevents: &a {A: {x: *a}}", "plan"), ("x" * 600_000, "longer than")],
)  # fmt: skip
async def test_a_text_that_is_no_plan_changes_nothing(lite: Shop, text: str, said: str) -> None:
    await put(lite, PLAN.format(mode="warn"))
    with pytest.raises(InvalidPlan, match=said):
        await put(lite, text)
    assert await plan_text(lite.hub, lite.sources["server"].id) == PLAN.format(mode="warn")
