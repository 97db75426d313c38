"""Another program holds SQLite's file: nobody waits for it in vain twice; the WAL has an end."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from hub.store import sqlite
from hub.store.database import StoreUnavailable
from hub.store.orm import close_orm, open_orm
from hub.store.sqlite import LOCKED_MS, SqliteDatabase
from hub.store.writer import Writer
from tests.unit.store.entries import entry

PATIENCE_MS = 200


@pytest.fixture
async def database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[SqliteDatabase]:
    monkeypatch.setitem(sqlite.PRAGMAS, "busy_timeout", PATIENCE_MS)
    opened = SqliteDatabase(tmp_path / "hub.db")
    await open_orm(f"sqlite:///{tmp_path / 'hub.db'}", opened.lock)
    yield opened
    await close_orm()
    await opened.close()


@pytest.fixture
def other(database: SqliteDatabase) -> Iterator[sqlite3.Connection]:
    """Another program that has the file open."""
    connection = sqlite3.connect(database.path, isolation_level=None)
    yield connection
    connection.close()


async def patience(database: SqliteDatabase) -> int:
    async with database.lock:
        row = await database.in_writer(lambda c: c.execute("PRAGMA busy_timeout").fetchone())
    return int(row[0])


async def test_after_one_wait_in_vain_nobody_waits_long(
    database: SqliteDatabase, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.append([entry("before")])
    assert await patience(database) == PATIENCE_MS
    monkeypatch.setattr(sqlite, "LOCKED_SECONDS", 3600.0)
    other.execute("BEGIN IMMEDIATE")
    for _ in range(3):
        with pytest.raises(StoreUnavailable, match="locked by another program"):
            await database.append([entry("during")])
        assert await patience(database) == LOCKED_MS
    assert await database.fetch("SELECT COUNT(*) FROM log") == [(1,)]
    assert await database.get("SELECT 1") == [(1,)]
    other.execute("ROLLBACK")
    await database.append([entry("after")])
    await database.forget(())
    assert await patience(database) == LOCKED_MS  # a checkpoint changes nothing about it
    monkeypatch.setattr(sqlite, "LOCKED_SECONDS", 0.0)
    assert await patience(database) == PATIENCE_MS


async def test_callers_hear_of_it_and_what_was_taken_is_there(
    database: SqliteDatabase, other: sqlite3.Connection
) -> None:
    writer = Writer(database)
    writer.start()
    other.execute("BEGIN IMMEDIATE")
    answers = await asyncio.gather(
        *(writer.append([entry(f"during {n}")]) for n in range(200)), return_exceptions=True
    )
    assert all(isinstance(answer, StoreUnavailable) for answer in answers)
    assert writer.waiting == 0
    assert writer.failed_at is not None
    other.execute("ROLLBACK")
    stored = [(await writer.append([entry(f"during {n}")]))[0] for n in range(200)]
    assert not any(outcome.duplicate for outcome in stored)  # a refusal stored nothing
    await writer.close()


async def test_the_wal_has_an_end_though_somebody_reads_an_old_state(
    database: SqliteDatabase, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "CHECKPOINT_BYTES", 100_000)
    monkeypatch.setattr(sqlite, "WAL_BYTES", 1_000_000)
    await database.append([entry("first")])
    other.execute("BEGIN")
    other.execute("SELECT COUNT(*) FROM log").fetchone()
    taken = 0
    with pytest.raises(StoreUnavailable, match="reading the database for too long"):
        while taken < 1000:
            await database.append([entry(f"m{taken}", body="x" * 20_000)])
            taken += 1
    assert 1_000_000 < database._wal_bytes() < 1_200_000
    with pytest.raises(StoreUnavailable):
        await database.append([entry("refused")])
    other.execute("ROLLBACK")
    await database.append([entry("after")])
    assert database._wal_bytes() < 100_000
    assert await database.fetch("SELECT COUNT(*) FROM log") == [(taken + 2,)]


async def test_a_read_of_this_process_does_not_hold_an_erasure_up(tmp_path: Path) -> None:
    opened = SqliteDatabase(tmp_path / "hub.db")
    try:
        await opened.write(
            [("CREATE TABLE some (n INT)", [()]), ("INSERT INTO some VALUES (1)", [()])]
        )
        slow = (
            "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 300000) "
            "SELECT COUNT(*) FROM c, some"
        )
        reading = asyncio.create_task(opened.fetch(slow))
        await asyncio.sleep(0)  # it is under way
        await opened.forget(())
        assert await reading == [(300_000,)]
        assert await opened.fetch("SELECT n FROM some") == [(1,)]
    finally:
        await opened.close()
