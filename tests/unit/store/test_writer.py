"""Group commit: callers share transactions, and each hears of its own fate only."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.store.database import Database, StoreUnavailable
from hub.store.lanes import QUEUE_ENTRIES, Overloaded
from hub.store.orm import close_orm, open_orm
from hub.store.sqlite import SqliteDatabase
from hub.store.writer import Writer
from tests.unit.store.entries import DAY, entry


@pytest.fixture
async def writer(database: Database) -> AsyncIterator[Writer]:
    opened = Writer(database)
    opened.start()
    yield opened
    await opened.close()


async def test_each_caller_gets_the_answers_to_its_own_entries(
    writer: Writer, database: Database
) -> None:
    async def call(n: int) -> list[int]:
        wanted = [entry(f"{n}-{i}", subject=f"{n}-{i}") for i in range(n % 4 + 1)]
        outcomes = await writer.append(wanted)
        rows = await database.fetch(
            "SELECT n.value FROM log l JOIN node n ON n.id = l.node_id "
            f"WHERE l.seq IN ({','.join(str(o.seq) for o in outcomes)}) ORDER BY l.seq"
        )
        assert [row[0] for row in rows] == [f"{n}-{i}" for i in range(n % 4 + 1)]
        return [o.seq for o in outcomes]

    found = await asyncio.gather(*(call(n) for n in range(100)))
    assert sorted(seq for part in found for seq in part) == list(range(1, 251))


async def test_twins_in_flight_together_are_stored_once(writer: Writer) -> None:
    outcomes = await asyncio.gather(*(writer.append([entry("same")]) for _ in range(30)))
    assert sum(not o.duplicate for (o,) in outcomes) == 1
    assert {o.seq for (o,) in outcomes} == {1}


async def test_nothing_is_asked_of_the_database_for_nothing(writer: Writer) -> None:
    assert await writer.append([]) == []


async def test_a_full_queue_says_so_and_takes_nothing(database: Database) -> None:
    writer = Writer(database)  # not started: the queue only fills
    full = asyncio.create_task(writer.append([entry(f"m{n}") for n in range(QUEUE_ENTRIES)]))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await writer.append([entry("one more")])
    writer.start()
    assert len(await full) == QUEUE_ENTRIES
    assert not (await writer.append([entry("one more")]))[0].duplicate
    await writer.close()


async def test_after_closing_nothing_is_taken(database: Database) -> None:
    writer = Writer(database)
    writer.start()
    waiting = [asyncio.create_task(writer.append([entry(f"m{n}")])) for n in range(10)]
    await asyncio.sleep(0)
    await writer.close()
    assert len([await task for task in waiting]) == 10
    with pytest.raises(Overloaded):
        await writer.append([entry("late")])


async def test_one_bad_entry_fails_its_own_caller_only(writer: Writer, database: Database) -> None:
    poison = entry("poison")
    poison.name = None  # type: ignore[assignment]
    answers = await asyncio.gather(
        writer.append([entry("a")]),
        writer.append([poison, entry("with the poison")]),
        writer.append([entry("b")]),
        return_exceptions=True,
    )
    assert isinstance(answers[1], StoreUnavailable)
    assert not isinstance(answers[0], BaseException)
    assert not isinstance(answers[2], BaseException)
    assert not (await writer.append([entry("c")]))[0].duplicate
    rows = await database.fetch("SELECT COUNT(*) FROM log")
    assert rows == [(3,)]


async def test_a_caller_that_went_away_does_not_disturb_the_others(writer: Writer) -> None:
    gone = asyncio.create_task(writer.append([entry("gone")]))
    stays = asyncio.create_task(writer.append([entry("stays")]))
    await asyncio.sleep(0)
    gone.cancel()
    assert not (await stays)[0].duplicate
    # What was taken is stored all the same: the client will ask again and hear "duplicate".
    assert (await writer.append([entry("gone")]))[0].duplicate


async def test_counts_are_written_without_any_event(writer: Writer, database: Database) -> None:
    writer.count((DAY, 1, "rejected", "userId"))
    writer.count((DAY, 1, "rejected", "userId"), 2)
    await writer.close()
    rows = await database.fetch("SELECT outcome, reason, n FROM intake_count")
    assert rows == [("rejected", "userId", 3)]


@pytest.fixture
async def small_disk(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    database = SqliteDatabase(tmp_path / "hub.db")
    await open_orm(f"sqlite:///{tmp_path / 'hub.db'}", database.lock)
    yield database
    await close_orm()
    await database.close()


async def limit(database: SqliteDatabase, more_pages: int) -> None:
    def run(connection: sqlite3.Connection) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages + more_pages}")

    async with database.lock:
        await database.in_writer(run)


async def test_a_full_disk_is_said_and_survived(small_disk: SqliteDatabase) -> None:
    writer = Writer(small_disk)
    writer.start()
    await limit(small_disk, 20)
    acked, refused = [], 0
    for n in range(60):
        writer.count((DAY, 1, "rejected", "type"))
        try:
            (outcome,) = await writer.append([entry(f"m{n}", body='{"a":"' + "x" * 4000 + '"}')])
            acked.append(outcome.seq)
        except StoreUnavailable as error:
            assert "disk is full" in str(error)
            refused += 1
    assert acked
    assert refused
    assert await small_disk.fetch("SELECT COUNT(*) FROM log") == [(len(acked),)]  # reads go on
    with pytest.raises(StoreUnavailable):
        await small_disk.write([("INSERT INTO used_token (jti, at) VALUES (?, ?)",
                                 [(f"{n:0500}", n) for n in range(500)])])  # fmt: skip
    await limit(small_disk, 10_000)
    again = [
        (await writer.append([entry(f"m{n}", body='{"a":"' + "x" * 4000 + '"}')]))[0]
        for n in range(60)
    ]
    assert sum(o.duplicate for o in again) == len(acked)
    assert [o.seq for o in again if o.duplicate] == acked
    rows = await small_disk.fetch("SELECT seq FROM log ORDER BY seq")
    assert [row[0] for row in rows] == list(range(1, 61))
    await writer.close()
    kept = await small_disk.fetch("SELECT SUM(n) FROM intake_count WHERE outcome = 'rejected'")
    assert kept == [(60,)]


async def test_a_full_disk_at_commit_leaves_no_transaction_open(
    small_disk: SqliteDatabase,
) -> None:
    await limit(small_disk, 0)
    with pytest.raises(StoreUnavailable):
        async with small_disk.transaction() as transaction:
            for n in range(200):
                await transaction.execute(
                    "INSERT INTO used_token (jti, at) VALUES (?, ?)", (f"{n:0500}", n)
                )
    await limit(small_disk, 10_000)
    await small_disk.append([entry("after")])
    assert await small_disk.fetch("SELECT COUNT(*) FROM used_token") == [(0,)]
