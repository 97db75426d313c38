"""A recommender of a plugin: what it is told, with and without consent, and what is shown of it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.shop import Shop, open_shop, product, viewed

PLUGIN = """
from hub.sdk.hookspecs import hookimpl
requires_sdk = ">=1.0,<2"
told = []

class SameCategory:
    name, title, needs_visitor = "same_category", "Of the same category", False

    def rank(self, visit, shop):
        told.append((visit.product, visit.category, visit.locale, visit.limit, dict(visit.seen)))
        product = shop.get(visit.product)
        for category in product.categories if product else [visit.category]:
            yield from shop.in_category(category)

@hookimpl
def register_recommenders():
    return [SameCategory()]
"""
WIDGET = (
    "type: recommendations\nname: Alike\nslot: top\nrecommend: {strategy: same_category, "
    "limit: 2, fallback: none}\ncontent: {en: {title: Alike}}\n"
)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    folder = tmp_path / "plugins" / "trial_alike"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(PLUGIN)
    async with open_shop(tmp_path / "data", plugins_path=[folder.parent]) as opened:
        await opened.report(
            product("c1", categories=("chairs",)), product("t1", categories=("tables",)),
            product("c2", categories=("chairs",), stock="no"),
            product("c3", categories=("chairs", "new")), product("c4", categories=("chairs",)),
            product("c5", categories=("chairs",)),
        )  # fmt: skip
        await opened.widget("alike", WIDGET)
        yield opened


def told(shop: Shop) -> Any:
    return sys.modules["trial_alike"].told[-1]


async def picked(shop: Shop, token: str = "", **request: Any) -> list[str]:
    lines = (await shop.ask(token, **request))["decisions"]
    return [card["product_id"] for line in lines for card in line["products"]]


async def test_it_ranks_and_the_hub_leaves_out_what_can_not_be_shown(shop: Shop) -> None:
    assert await picked(shop, product={"product_id": "c1"}, locale="nl-BE") == ["c3", "c4"]
    assert told(shop) == ("c1", "", "nl-BE", 2, {})
    assert await picked(shop, category="tables") == ["t1"]
    assert await picked(shop, category="nowhere") == []
    assert await shop.shown(category="nowhere") == []


async def test_a_product_that_changes_its_category_is_found_there_only(shop: Shop) -> None:
    shop.later(minutes=1)
    await shop.report(product("t1", categories=("chairs",), updated_at=shop.clock.now()))
    assert await picked(shop, category="tables") == []
    await shop.widget("alike", WIDGET.replace("limit: 2", "limit: 9"), version=1)
    assert await picked(shop, product={"product_id": "c5"}) == ["c1", "c3", "c4", "t1"]


async def test_earlier_visits_are_told_with_consent_only(shop: Shop) -> None:
    agreed = await shop.device()
    refused = await shop.device({"analytics": True, "personalisation": False})
    for token in (agreed, refused):
        await shop.send(viewed("c3"), viewed("t1"), token=token)
    await picked(shop, agreed, recent=["c4", "unknown"])
    assert next(iter(told(shop)[4])) == "c4"
    assert set(told(shop)[4]) == {"c4", "c3", "t1"}
    await picked(shop, refused, recent=["c4"])
    assert list(told(shop)[4]) == ["c4"]
    await picked(shop, recent=["c5", "c4"])
    assert list(told(shop)[4]) == ["c5", "c4"]
