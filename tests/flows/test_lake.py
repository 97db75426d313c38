"""The lake on both databases: each entry once, whatever comes late, breaks off or is erased."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from hub.cli import cli
from hub.clock import FixedClock, to_ms
from hub.flows import lake as flow
from hub.flows.erase import carry_on, request_erasure
from hub.flows.lake import query, seal, seal_due, verify
from hub.flows.retention import retention
from hub.lake import files as files_module
from hub.lake import manifest as manifest_module
from hub.lake.manifest import LakeDamaged, load
from hub.settings import Retention
from hub.store.database import DAY_MS, LOG_COLUMNS
from tests.flows.privacy.people import furnish, make_person
from tests.shop import START, Shop, open_shop
from tests.unit.store.entries import entry

ALL = "SELECT * FROM events ORDER BY seq"


@pytest.fixture
async def shop(database_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    if database_url.startswith("sqlite:"):
        database_url = ""
    folder = tmp_path / "data"
    folder.mkdir()
    async with open_shop(folder, database_url, retention=Retention(behaviour_days=30)) as opened:
        yield opened


async def store(shop: Shop, name: str, days_ago: list[int]) -> None:
    """Entries received now, of these days."""
    found = [
        entry(f"{name}-{i}", subject=f"d{i % 3}", at=shop.now - ago * DAY_MS, body='{"é": "\\n"}')
        for i, ago in enumerate(days_ago)
    ]
    for each in found:
        each.received_at = shop.now
    if found:
        await shop.hub.writer.append(found)


async def same(shop: Shop) -> None:
    """The lake tells the log, each entry once."""
    log = await shop.hub.database.fetch(f"SELECT {LOG_COLUMNS} FROM log ORDER BY seq")
    assert (await query(shop.hub.settings, ALL))[1] == log
    assert await verify(shop.hub.settings) == []


def lake_files(shop: Shop) -> set[str]:
    return {file.name for file in flow.lake_folder(shop.hub.settings).glob("*.parquet")}


async def test_days_that_are_over_are_sealed_and_the_rest_is_read_live(shop: Shop) -> None:
    await store(shop, "a", [0, 0, 1])
    await same(shop)
    assert lake_files(shop) == set()
    shop.later(days=3)
    await store(shop, "b", [0, 0, 30])
    sealed = await seal(shop.hub.settings, shop.clock)
    assert sum(part.rows for part in sealed.parts) == sealed.border > 0
    await same(shop)
    assert (await seal(shop.hub.settings, shop.clock)) == sealed  # nothing new
    shop.later(days=3)
    assert (await seal(shop.hub.settings, shop.clock)).border == sealed.border + 3
    await same(shop)


async def test_full_days_get_a_file_and_late_events_join_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files_module, "DAY_ROWS", 3)
    await store(shop, "a", [0, 0, 0, 9])
    shop.later(days=4)
    first = await seal(shop.hub.settings, shop.clock)
    assert {part.day is None for part in first.parts} == {True, False}
    await store(shop, "b", [4, 13, 13])
    shop.later(days=4)
    parts = (await seal(shop.hub.settings, shop.clock)).parts
    assert len({part.day for part in parts}) == len(parts)  # no day is in two files
    await same(shop)


STORY = st.lists(
    st.tuples(st.lists(st.integers(0, 12), max_size=6), st.integers(0, 3), st.booleans()),
    min_size=1, max_size=6,
)  # fmt: skip


@given(STORY)
@settings(max_examples=4, phases=[Phase.explicit, Phase.generate])
def test_files_and_open_end_are_the_log(story: list[tuple[list[int], int, bool]]) -> None:
    """After any mixture of late events, days and seals."""

    async def run() -> None:
        with tempfile.TemporaryDirectory() as name:
            async with open_shop(Path(name)) as shop:
                for i, (ago, days, sealing) in enumerate(story):
                    await store(shop, str(i), ago)
                    shop.later(days=days)
                    if sealing:
                        await seal(shop.hub.settings, shop.clock)
                await same(shop)

    before, files_module.DAY_ROWS = files_module.DAY_ROWS, 2
    try:
        asyncio.run(run())
    finally:
        files_module.DAY_ROWS = before


@pytest.mark.parametrize("place", ["before the manifest", "after the manifest"])
async def test_a_seal_that_breaks_off(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    await store(shop, "a", [0, 1])
    shop.later(days=4)
    await seal(shop.hub.settings, shop.clock)
    await store(shop, "b", [0, 5])
    shop.later(days=4)
    part = "sync_file" if place == "after the manifest" else "sweep"
    real = manifest_module.save

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    if place == "before the manifest":
        monkeypatch.setattr(files_module, "save", die)
    else:
        monkeypatch.setattr(manifest_module, part, die)
    with pytest.raises(KeyboardInterrupt):
        await seal(shop.hub.settings, shop.clock)
    left = lake_files(shop)
    monkeypatch.setattr(files_module, "save", real)
    monkeypatch.undo()
    assert len(left) > 1  # what the next one finds
    await same(shop)
    await seal(shop.hub.settings, shop.clock)
    await same(shop)
    named = {p.name for p in load(flow.lake_folder(shop.hub.settings)).parts}
    assert lake_files(shop) == named


def canaries(shop: Shop, text: str) -> int:
    """How often a text is in the files of the lake, read and raw."""
    found = 0
    for file in flow.lake_folder(shop.hub.settings).iterdir():
        found += file.read_bytes().count(text.encode())
        if file.suffix == ".parquet":
            with duckdb.connect() as db:
                rows = db.execute(f"SELECT * FROM '{file}'").fetchall()
            found += str(rows).count(text)
    return found


@pytest.mark.parametrize("crash", [False, True])
async def test_an_erased_person_is_in_no_file(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crash: bool
) -> None:
    await furnish(shop)
    await make_person(shop, "ann", tmp_path, 1)
    await make_person(shop, "bob", tmp_path, 2)
    shop.later(days=5)
    await seal(shop.hub.settings, shop.clock)
    assert canaries(shop, "canary-ann") > 0
    number = await request_erasure(shop.hub, "canary-ann-mail@example.com", "test")
    if crash:  # after the database, before the files

        async def die(*_: Any) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr("hub.flows.erase_here.settle", die)
            await carry_on(shop.hub, number)
    else:
        await carry_on(shop.hub, number)
        assert canaries(shop, "canary-ann") == 0
    await same(shop)  # who opens the lake next carries it out
    assert canaries(shop, "canary-ann") == 0
    assert canaries(shop, "canary-bob") > 0


async def test_retention_reaches_the_files(shop: Shop) -> None:
    await store(shop, "a", [0, 1, 2])
    shop.later(days=5)
    await seal(shop.hub.settings, shop.clock)
    shop.later(days=60)
    await shop.settle()
    assert any(line.rows for line in await retention(shop.hub) if line.table == "log")
    await same(shop)
    assert (await query(shop.hub.settings, "SELECT count(*) FROM events WHERE kind = 'balance'"))[
        1
    ] != [(0,)]


async def test_a_changed_file_is_told(shop: Shop) -> None:
    await store(shop, "a", [0, 1])
    shop.later(days=5)
    await seal(shop.hub.settings, shop.clock)
    folder = flow.lake_folder(shop.hub.settings)
    name = lake_files(shop).pop()
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[:-1] + b"X")
    assert any("was changed" in line for line in await verify(shop.hub.settings))
    (folder / name).unlink()
    assert any("is missing" in line for line in await verify(shop.hub.settings))
    (folder / "manifest.json").write_text("{")
    with pytest.raises(LakeDamaged, match="hub lake seal"):
        await verify(shop.hub.settings)


@pytest.mark.parametrize(
    "sql",
    ["SELECT * FROM read_text('{file}')", "COPY events TO '{file}'", "SELECT 1; SELECT 2",
     "INSTALL httpfs", "SET enable_external_access = true", "SELECT * FROM nowhere"],
)  # fmt: skip
async def test_a_query_reads_events_and_nothing_else(lite: Shop, tmp_path: Path, sql: str) -> None:
    other = tmp_path.parent / f"{tmp_path.name}.txt"
    await asyncio.to_thread(other.write_text, "mine")
    with pytest.raises(ValueError, match=r".+"):
        await query(lite.hub.settings, sql.format(file=other))
    assert await asyncio.to_thread(other.read_text) == "mine"


async def test_each_night_once_a_lake_was_begun(lite: Shop) -> None:
    lite.later(hours=(30 - lite.clock.now().hour) % 24)
    assert not await seal_due(lite.hub)
    await store(lite, "a", [0])
    lite.later(days=4)
    await seal(lite.hub.settings, lite.clock)
    assert await seal_due(lite.hub)
    assert not await seal_due(lite.hub)
    assert to_ms(lite.clock.now() - timedelta(days=2)) > 0


def test_the_commands(tmp_path: Path) -> None:
    async def fill() -> None:
        clock = FixedClock(START - timedelta(days=30))
        async with open_shop(tmp_path / "data", clock=clock) as shop:
            await store(shop, "a", [0, 1])

    (tmp_path / "data").mkdir()
    asyncio.run(fill())

    def call(*words: str) -> str:
        told = CliRunner().invoke(cli, ["lake", *words, "--data", str(tmp_path / "data")])
        return told.output.strip()

    assert call("seal").endswith("up to log entry 2.")
    assert call("verify") == "The lake is whole."
    assert "Product Viewed" in call("query", "SELECT name, count(*) FROM events GROUP BY 1")
    assert call("query", "DROP VIEW events").startswith("Error: one SELECT")
