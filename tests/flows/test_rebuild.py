"""The log is the truth: what was projected live is what a rebuild makes of the log."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hub.flows.rebuild import rebuild
from tests.conftest import empty
from tests.flows.stories import STORIES, entry_of, stories
from tests.shop import Shop, banner, open_shop, projections

CUTS = st.lists(st.booleans(), min_size=25, max_size=25)
WHEN = "{all: [{did: {event: Product Viewed, count: {at_least: 2}}}]}"


async def tell(
    shop: Shop, story: Sequence[tuple[Any, ...]], cuts: Sequence[bool], first: int = 0
) -> None:
    """Append the story, and let it be projected wherever it is cut. `first`: number of its first
    step; the same numbers are the same messages."""
    sources = {kind: row.id for kind, row in shop.sources.items()}
    waiting = []
    for number, (step, cut) in enumerate(zip(story, cuts, strict=False), first):
        waiting.append(entry_of(step, number, sources))
        if cut:
            await shop.hub.writer.append(waiting)
            await shop.settle()
            waiting = []
    await shop.hub.writer.append(waiting)
    await shop.settle()


async def live_then_rebuilt(story: list[tuple[Any, ...]], cuts: list[bool], url: str = "") -> None:
    if url:
        await empty(url)
    with tempfile.TemporaryDirectory() as folder:
        async with open_shop(Path(folder), url) as shop:
            await shop.widget("twice", banner(extra=[f"when: {WHEN}"]))
            await tell(shop, story, cuts)
            assert not shop.hub.views.aside
            live = await projections(shop.hub)
            planned = await shop.hub.database.fetch("SELECT key, state FROM outbox")
            await rebuild(shop.hub)
            assert await projections(shop.hub) == live
            assert await shop.hub.database.fetch("SELECT key, state FROM outbox") == planned
        async with open_shop(Path(folder), url) as shop:  # read again from the tables
            await tell(shop, story, [True] * 25)
            live = await projections(shop.hub)
            await rebuild(shop.hub)
            assert await projections(shop.hub) == live


CALM = settings(
    phases=[p for p in Phase if p not in (Phase.shrink, Phase.explain)],
    max_examples=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


@CALM
@given(STORIES, CUTS)
def test_rebuilt_is_live(story: list[tuple[Any, ...]], cuts: list[bool]) -> None:
    asyncio.run(live_then_rebuilt(story, cuts))


@settings(CALM, max_examples=4)
@given(STORIES, CUTS)
def test_rebuilt_is_live_on_postgres(
    postgres_database: str, story: list[tuple[Any, ...]], cuts: list[bool]
) -> None:
    asyncio.run(live_then_rebuilt(story, cuts, postgres_database))


@pytest.mark.full
@settings(CALM, max_examples=stories(200))
@given(STORIES, CUTS)
def test_rebuilt_is_live_in_many_stories(story: list[tuple[Any, ...]], cuts: list[bool]) -> None:
    asyncio.run(live_then_rebuilt(story, cuts))


@pytest.mark.full
@settings(CALM, max_examples=stories(50))
@given(STORIES, CUTS)
def test_rebuilt_is_live_in_many_stories_on_postgres(
    postgres_database: str, story: list[tuple[Any, ...]], cuts: list[bool]
) -> None:
    asyncio.run(live_then_rebuilt(story, cuts, postgres_database))
