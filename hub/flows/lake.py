"""lake: sealed days of the log as Parquet, a copy that follows the database.

In this version the entries stay in the database too. A change of an entry is put down in the lake
before the database changes, and carried out after: a crash in between loses nothing of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson

from hub.clock import to_ms
from hub.core import Hub
from hub.lake.files import COLUMNS, Files
from hub.lake.manifest import (
    MANIFEST,
    Manifest,
    clear_dirty,
    load,
    locked,
    mark_dirty,
    read_dirty,
    sweep,
)
from hub.lake.parquet import literal, sha256
from hub.sdk.clock import Clock
from hub.settings import Settings
from hub.store.database import DAY_MS, LOG_COLUMNS
from hub.store.snapshot import Snapshot, open_snapshot

OPEN_DAYS = 2
NIGHT_HOUR = 5  # after the retention
CHUNK = 500_000  # entries in one go: what is held in memory is bounded
ROWS_SQL = f"SELECT {LOG_COLUMNS} FROM log WHERE seq > ? AND seq <= ? ORDER BY seq"  # noqa: S608
# The last entry before the first one that is younger: entries after it are never sealed, so that
# one seq is the border.
BORDER_SQL = "SELECT COALESCE(MIN(seq), 0) - 1 FROM log WHERE received_at >= ? AND seq > ?"
END_SQL = "SELECT COALESCE(MAX(seq), 0) FROM log"


def lake_folder(settings: Settings) -> Path:
    """Where the lake of a hub is."""
    return settings.data_dir / "lake"


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[Files]:
    """The lake, for us alone; what a crash left is put right."""
    folder = lake_folder(settings)
    lock = locked(folder)
    await asyncio.to_thread(lock.__enter__)
    try:
        manifest = load(folder)
        sweep(folder, manifest)
        files = Files(folder, manifest)
        try:
            await _settle(settings, files)
            yield files
        finally:
            files.close()
        # Not when it broke off: what the file names may be newer than what we know.
        sweep(folder, files.manifest)
    finally:
        lock.__exit__(None, None, None)


async def seal(settings: Settings, clock: Clock) -> Manifest:
    """Take in what was received before the newest two days. Raises LakeDamaged, NothingToSave."""
    now = to_ms(clock.now())
    until = (now // DAY_MS - OPEN_DAYS) * DAY_MS
    async with _open(settings) as files, open_snapshot(settings.url) as snapshot:
        end = await _one(snapshot, END_SQL)
        border = await _one(snapshot, BORDER_SQL, until, files.manifest.border)
        target = end if border < 0 else border
        while files.manifest.border < target:
            upto = min(target, files.manifest.border + CHUNK)
            lines = lake_folder(settings) / "rows.ndjson"
            await _pour(snapshot, files.manifest.border, upto, lines)
            await asyncio.to_thread(files.add, lines, upto)
        return files.manifest


def mark(settings: Settings, nodes: Iterable[int], seqs: Iterable[int]) -> None:
    """Before the database changes: the entries of these nodes, and these, will not be the same."""
    mark_dirty(lake_folder(settings), nodes, seqs)


async def settle(settings: Settings) -> None:
    """After the database changed: write the files anew that hold what was marked."""
    async with _open(settings):
        pass


async def _settle(settings: Settings, files: Files) -> None:
    folder = lake_folder(settings)
    dirty, size = read_dirty(folder)
    touched = await asyncio.to_thread(files.touched, dirty) if size else []
    if touched:
        async with open_snapshot(settings.url) as snapshot:
            for part in touched:
                lines = folder / "rows.ndjson"
                await _pour(snapshot, part.first - 1, part.last, lines)
                await asyncio.to_thread(files.again, part, lines)
    if size:
        clear_dirty(folder, size)


async def verify(settings: Settings) -> list[str]:
    """What is wrong: files that were changed, entries that differ. Nothing: it is whole."""
    folder = lake_folder(settings)
    async with _open(settings) as files:
        for part in files.manifest.parts:
            file = folder / part.name
            if not file.is_file():
                return [f"{part.name} is missing: remove {folder} and run `hub lake seal`"]
            if await asyncio.to_thread(sha256, file) != part.sha256:
                return [f"{part.name} was changed: remove {folder} and run `hub lake seal`"]
        async with open_snapshot(settings.url) as snapshot:
            lines = folder / "rows.ndjson"
            await _pour(snapshot, files.manifest.border, files.manifest.border, lines)
            db = files.events(lines)
            found = db.execute("SELECT * FROM events ORDER BY seq")
            async for block in snapshot.blocks(ROWS_SQL, (0, files.manifest.border)):
                ours = found.fetchmany(len(block))
                for real, copy in zip(block, ours, strict=False):
                    if real != copy:
                        return [f"entry {real[0]} differs: remove {folder}, run `hub lake seal`"]
                if len(ours) < len(block):
                    return [f"entry {block[len(ours)][0]} is missing from the lake"]
            more = found.fetchone()
            return [f"entry {more[0]} is not in the log"] if more else []


async def query(settings: Settings, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Answer one SELECT over `events`, sealed days and open end. Raises ValueError."""
    import duckdb

    folder = lake_folder(settings)
    async with _open(settings) as files, open_snapshot(settings.url) as snapshot:
        end = await _one(snapshot, END_SQL)
        lines = folder / "rows.ndjson"
        await _pour(snapshot, files.manifest.border, end, lines)

        def ask() -> tuple[list[str], list[tuple[Any, ...]]]:
            db = files.events(lines)
            statements = db.extract_statements(sql)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise ValueError("one SELECT over `events`, and nothing else")
            # A text from elsewhere must read no other file of this machine.
            allowed = ", ".join(literal(folder / p.name) for p in files.manifest.parts)
            db.execute(f"SET allowed_paths = [{allowed}]")
            db.execute("SET enable_external_access = false")
            db.execute("SET lock_configuration = true")
            found = db.execute(sql)
            return [column[0] for column in found.description or ()], found.fetchall()

        try:
            return await asyncio.to_thread(ask)
        except duckdb.Error as error:
            raise ValueError(str(error)) from error


async def _one(snapshot: Snapshot, sql: str, *params: int) -> int:
    async for block in snapshot.blocks(sql, params):
        return int(block[0][0])
    return 0


async def _pour(snapshot: Snapshot, after: int, upto: int, file: Path) -> None:
    """The entries after one seq up to another, as lines of JSON."""
    names = list(COLUMNS)

    def add(block: list[tuple[Any, ...]]) -> None:
        lines = [dict(zip(names, row, strict=True)) for row in block]
        stream.write(b"".join(orjson.dumps(x, option=orjson.OPT_APPEND_NEWLINE) for x in lines))

    with file.open("wb") as stream:
        async for block in snapshot.blocks(ROWS_SQL, (after, upto)):
            await asyncio.to_thread(add, block)


async def seal_due(hub: Hub) -> bool:
    """Once a night, on a hub whose lake somebody began: `hub lake seal`."""
    local = hub.clock.now().astimezone(hub.workspace.zone)
    if local.hour < NIGHT_HOUR or not (lake_folder(hub.settings) / MANIFEST).exists():
        return False
    slot, now = f"{local:%Y-%m-%d}", to_ms(hub.clock.now())
    async with hub.database.transaction() as transaction:
        first = await transaction.execute(
            "INSERT INTO job_run (job, slot, started_at, finished_at, counts) "
            "VALUES (?, ?, ?, 0, '{}') ON CONFLICT (job, slot) DO NOTHING",
            ("lake", slot, now),
        )
    if not first:
        return False
    made = await seal(hub.settings, hub.clock)
    counts = orjson.dumps({"border": made.border, "files": len(made.parts)}).decode()
    await hub.database.write([(
        "UPDATE job_run SET finished_at = ?, counts = ? WHERE job = ? AND slot = ?",
        [(to_ms(hub.clock.now()), counts, "lake", slot)],
    )])  # fmt: skip
    return True
