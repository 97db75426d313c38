"""The dictionary of what arrives: beside the projector, through restarts, rebuilds, erasures."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core import Hub
from hub.flows.dictionary_read import KindPage, kind_page, list_kinds
from hub.flows.erase import carry_on, request_erasure
from hub.flows.retention import retention
from hub.settings import Retention
from hub.store.database import StoreUnavailable
from tests.conftest import empty
from tests.flows.test_rebuild import CALM
from tests.shop import Shop, open_shop, viewed


async def table(hub: Hub) -> list[tuple[Any, ...]]:
    await hub.dictionary.caught_up()
    rows = await hub.database.fetch(
        "SELECT source_id, scope, name, n, first_seen, last_seen, data FROM seen_kind"
    )
    return sorted((*row[:6], orjson.loads(row[6])) for row in rows)


async def page(shop: Shop, name: str) -> KindPage:
    await shop.hub.dictionary.caught_up()
    (line,) = [k for k in (await list_kinds(shop.hub)).kinds if k.name == name]
    found = await kind_page(shop.hub, line.id)
    assert found is not None
    return found


async def test_what_arrives_is_in_the_dictionary(database_url: str, tmp_path: Path) -> None:
    async with open_shop(tmp_path, database_url) as shop:
        await shop.send(
            {**viewed("p1", price=5), "anonymousId": "a"}, {**viewed("p2"), "anonymousId": "b"}
        )
        shop.later(days=40)
        await shop.send({**viewed("p2"), "anonymousId": "a"}, source="server")
        await shop.send({"type": "identify", "userId": "7", "traits": {"email": "x@y.example"}},
                        source="server")  # fmt: skip
        found = await page(shop, "Identified")
        assert found.kind.source == "server"
        assert (await page(shop, "Traits")).fields[0].personal == "email"
        await shop.hub.dictionary.caught_up()
        mine = [k for k in (await list_kinds(shop.hub)).kinds if k.name == "Product Viewed"]
        assert {(k.source, k.n, k.recent) for k in mine} == {("server", 1, 1), ("browser", 2, 0)}
        (old,) = [k for k in mine if k.source == "browser"]
        shown = await kind_page(shop.hub, old.id)
        assert shown is not None
        assert {f.path: (f.n, f.share, f.examples) for f in shown.fields} == {
            "product_id": (2, 1.0, ["p1", "p2"]), "price": (1, 0.5, ["5"]),
        }  # fmt: skip
        for query, n in (("viewed", 2), ("PRICE", 1), ("zzz", 0), ("%", 0), ("", 4)):
            assert len((await list_kinds(shop.hub, query)).kinds) == n, query


async def test_it_goes_on_by_itself_and_after_a_restart(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.send({**viewed("p1"), "anonymousId": "a"})
        async with asyncio.timeout(30):
            while not (await list_kinds(shop.hub)).kinds:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    async with open_shop(tmp_path) as shop:
        await shop.send({**viewed("p9"), "anonymousId": "a"})
        assert [f.examples for f in (await page(shop, "Product Viewed")).fields] == [["p1", "p9"]]


async def test_a_write_that_failed_counts_nothing_twice(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.send({**viewed("p1"), "anonymousId": "a"})
        await shop.hub.dictionary.caught_up()
        await shop.send({**viewed("p1"), "anonymousId": "a"})
        write = shop.hub.database.write

        async def full(*_: Any, **__: Any) -> None:
            raise StoreUnavailable("the disk is full")

        shop.hub.database.write = full  # type: ignore[method-assign]
        with pytest.raises(StoreUnavailable):
            await shop.hub.dictionary.caught_up()
        shop.hub.database.write = write  # type: ignore[method-assign]
        assert (await page(shop, "Product Viewed")).kind.n == 2


NAMES = st.sampled_from(["Product Viewed", "Made Up", "ann@example.com", "x"])
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5),
    st.sampled_from(["p1", "a@b.example", "123456782"]),
    st.lists(st.dictionaries(st.sampled_from("ab"), st.integers(0, 3)), max_size=2),
    st.dictionaries(st.sampled_from(["a", "b.c", "ü"]), st.text("xyz", max_size=3), max_size=2),
)  # fmt: skip
EVENTS = st.lists(
    st.tuples(NAMES, st.dictionaries(st.sampled_from(["id", "note", "email"]), VALUES),
              st.sampled_from(["browser", "server"]), st.booleans(), st.integers(0, 20)),
    max_size=12,
)  # fmt: skip


async def live_then_rebuilt(story: Sequence[tuple[Any, ...]], url: str = "") -> None:
    if url:
        await empty(url)
    with tempfile.TemporaryDirectory() as folder:
        async with open_shop(Path(folder), url) as shop:
            for name, properties, source, cut, days in story:
                shop.later(days=days)
                event = {"type": "track", "event": name, "userId": "1", "properties": properties}
                await shop.send(event, source=source)
                if cut:
                    await shop.hub.dictionary.caught_up()
            live = await table(shop.hub)
            assert sum(row[3] for row in live) == len(story)
            await shop.hub.dictionary.again()
            assert await table(shop.hub) == live


@settings(CALM, max_examples=15)
@given(EVENTS)
def test_a_rebuild_gives_the_same(story: list[tuple[Any, ...]]) -> None:
    asyncio.run(live_then_rebuilt(story))


@settings(CALM, max_examples=3)
@given(EVENTS)
def test_a_rebuild_gives_the_same_on_postgres(
    postgres_database: str, story: list[tuple[Any, ...]]
) -> None:
    asyncio.run(live_then_rebuilt(story, postgres_database))


async def test_an_erased_persons_values_are_no_examples(database_url: str, tmp_path: Path) -> None:
    async with open_shop(tmp_path, database_url) as shop:
        event = {"type": "track", "event": "Sized"}
        await shop.send(
            {**event, "userId": "canary-ann-77", "properties": {"ring": "canary-ring-17"}},
            {
                "type": "identify",
                "userId": "canary-ann-77",
                "traits": {"email": "ann@shop.example"},
            },
            {**event, "userId": "bob-8", "properties": {"ring": "of canary-ann-77"}},
            {**event, "userId": "bob-8", "properties": {"ring": "r18"}},
            source="server",
        )
        said = (await page(shop, "Sized")).fields[0].examples
        assert said == ["canary-ring-17", "of canary-ann-77", "r18"]
        number = await request_erasure(shop.hub, "ann@shop.example", "test")
        await carry_on(shop.hub, number, at_once=True)
        assert (await page(shop, "Sized")).fields[0].examples == ["r18"]
        await shop.send({**event, "userId": "bob-8", "properties": {"ring": "r19"}},
                        source="server")  # fmt: skip
        found = await page(shop, "Sized")
        assert (found.fields[0].examples, found.kind.n) == (["r18", "r19"], 4)


async def test_old_examples_go_with_the_behaviour_they_came_from(tmp_path: Path) -> None:
    async with open_shop(tmp_path, retention=Retention(behaviour_days=10)) as shop:
        await shop.send({**viewed("p1"), "anonymousId": "a"})
        shop.later(days=11)
        await shop.send({**viewed("p2"), "anonymousId": "a"})
        assert (await page(shop, "Product Viewed")).fields[0].examples == ["p1", "p2"]
        await retention(shop.hub, dry=True)
        assert (await page(shop, "Product Viewed")).fields[0].examples == ["p1", "p2"]
        done = {r.table: r.rows for r in await retention(shop.hub)}
        assert done["seen_kind"] == 1
        assert (await page(shop, "Product Viewed")).fields[0].examples == ["p2"]
