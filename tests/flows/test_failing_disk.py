"""The N-th write, sync or cut of a file fails, for every N: SQLite and the store get over it."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hub.store import sqlite as driver
from hub.store.database import StoreUnavailable
from hub.store.migrate import migrate_sqlite
from hub.store.sqlite import SqliteDatabase, connect
from hub.store.writer import Writer
from tests.benchmarks.bench_powercuts import Damage, _look, projector, story
from tests.benchmarks.disk import Recorder, recording

SENT = 8
MOST = 2000  # changes of files in one run, by far


async def run(file: Path, disk: Recorder, n: int) -> dict[int, int]:
    """Entries are sent until each was acknowledged: seq -> number. The n-th change fails."""
    disk.left, disk.failed = n, ""
    for _ in range(2):  # a process that can not open its database is started again
        try:
            with closing(connect(file)) as connection:
                migrate_sqlite(connection)
            break
        except sqlite3.OperationalError:
            continue
    acked: dict[int, int] = {}
    draw = random.Random(1)
    for _ in range(2):
        database = SqliteDatabase(file)
        views = projector(database)
        writer = Writer(database, views.wake)
        writer.start()
        await views.start()
        for first in range(0, SENT, 4):
            numbers = range(first, first + 4)
            entries = [story(number, draw) for number in numbers]
            while True:
                try:
                    outcomes = await writer.append(entries)
                except StoreUnavailable:
                    continue
                break
            acked |= {o.seq: number for o, number in zip(outcomes, numbers, strict=True)}
            while views.seq < max(acked):
                views.wake()
                await asyncio.sleep(0)
            if first == 0:
                await _forgotten(database)
        await writer.close()
        await views.close()
        await database.close()
    return acked


async def _forgotten(database: SqliteDatabase) -> None:
    while True:
        try:
            await database.forget(())
        except StoreUnavailable:
            continue
        return


async def every_change_fails_once(
    folder: Path, step: int, monkeypatch: pytest.MonkeyPatch, made: Path | None = None
) -> None:
    """`made`: an empty database to begin with; else making its tables may fail too."""
    monkeypatch.setattr(driver, "CHECKPOINT_BYTES", 30_000)
    failed = set()
    for n in range(1, MOST, step):
        place = folder / str(n)
        place.mkdir(parents=True)
        if made is not None:
            shutil.copy(made, place / "hub.db")
        with recording(f"failing-{n}") as disk:
            acked = await run(place / "hub.db", disk, n)
            missed = not disk.failed
            failed.add(disk.failed)
        assert sorted(acked.values()) == list(range(SENT)), n
        damage = Damage(cuts=1)
        _look(place / "hub.db", acked, damage)
        assert (damage.lost, damage.broken) == (0, []), f"change {n}: {disk.failed}"
        with closing(connect(place / "hub.db")) as connection:
            assert connection.execute("SELECT COUNT(*) FROM log").fetchone() == (SENT,)
        if missed:
            assert {"write", "sync", "truncate"} <= failed or step > 1
            return
    raise AssertionError("some change failed in each run")


async def test_some_changes_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await every_change_fails_once(tmp_path, 61, monkeypatch)


@pytest.mark.full
async def test_every_change_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tmp_path / "made.db"
    with closing(connect(made)) as connection:
        migrate_sqlite(connection)
    await every_change_fails_once(tmp_path / "all", 1, monkeypatch, made)
    await every_change_fails_once(tmp_path / "first", 7, monkeypatch)
