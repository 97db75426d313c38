"""Whatever happened before: erase somebody, and what is live is what a rebuild makes of the log."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hub.flows.erase import carry_on, request_erasure
from hub.flows.rebuild import rebuild
from tests.conftest import empty
from tests.flows.privacy.people import revenue
from tests.flows.stories import ADDRESSES, STORIES, stories
from tests.flows.test_rebuild import CUTS, tell
from tests.shop import open_shop, projections

CALM = settings(
    phases=[p for p in Phase if p not in (Phase.shrink, Phase.explain)],
    max_examples=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
WHOM = st.integers(0, 5)


async def erased_is_rebuilt(
    story: list[tuple[Any, ...]], after: list[tuple[Any, ...]], cuts: list[bool], whom: int,
    url: str = "",
) -> None:  # fmt: skip
    if url:
        await empty(url)
    with tempfile.TemporaryDirectory() as folder:
        async with open_shop(Path(folder), url) as shop:
            await tell(shop, story, cuts)
            people = await shop.hub.database.fetch("SELECT id, email FROM person ORDER BY id")
            if not people:
                return
            person_id, email = people[whom % len(people)]
            books = await revenue(shop)
            number = await request_erasure(shop.hub, email or str(person_id), "test")
            assert await carry_on(shop.hub, number) == "done"
            assert await revenue(shop) == books
            if email:
                await _gone(shop, email)
            await tell(shop, after, cuts, first=100)
            if email:
                await _gone(shop, email)
            assert not shop.hub.views.aside
            live = await projections(shop.hub)
            await rebuild(shop.hub)
            again = await projections(shop.hub)
            for table, rows in live.items():
                assert again[table] == rows, table


async def _gone(shop: Any, email: str) -> None:
    assert email in ADDRESSES
    for table, column in (("node", "value"), ("log", "body"), ("person", "search"),
                          ("node_state", "state"), ("outbox", "payload")):  # fmt: skip
        rows = await shop.hub.database.fetch(f"SELECT {column} FROM {table}")
        assert not [row for row in rows if email in str(row[0])], (table, email)


@CALM
@given(STORIES, STORIES, CUTS, WHOM)
def test_erased_is_rebuilt(
    story: list[tuple[Any, ...]], after: list[tuple[Any, ...]], cuts: list[bool], whom: int
) -> None:
    asyncio.run(erased_is_rebuilt(story, after, cuts, whom))


@settings(CALM, max_examples=4)
@given(STORIES, STORIES, CUTS, WHOM)
def test_erased_is_rebuilt_on_postgres(
    postgres_database: str, story: list[tuple[Any, ...]], after: list[tuple[Any, ...]],
    cuts: list[bool], whom: int,
) -> None:  # fmt: skip
    asyncio.run(erased_is_rebuilt(story, after, cuts, whom, postgres_database))


@pytest.mark.full
@settings(CALM, max_examples=stories(180))
@given(STORIES, STORIES, CUTS, WHOM)
def test_erased_is_rebuilt_in_many_stories(
    story: list[tuple[Any, ...]], after: list[tuple[Any, ...]], cuts: list[bool], whom: int
) -> None:
    asyncio.run(erased_is_rebuilt(story, after, cuts, whom))


@pytest.mark.full
@settings(CALM, max_examples=stories(40))
@given(STORIES, STORIES, CUTS, WHOM)
def test_erased_is_rebuilt_in_many_stories_on_postgres(
    postgres_database: str, story: list[tuple[Any, ...]], after: list[tuple[Any, ...]],
    cuts: list[bool], whom: int,
) -> None:  # fmt: skip
    asyncio.run(erased_is_rebuilt(story, after, cuts, whom, postgres_database))
