"""export of everything: every table at one moment, as JSON lines or Parquet, beside a running hub.

The folder appears whole or not at all; manifest.json says what it holds.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from hub import __version__
from hub.clock import to_ms
from hub.flows.audit import note
from hub.flows.export_tables import LEFT_OUT, Column, Plan, line_of, plan_tables
from hub.lake.parquet import lines_of, open_duckdb, sha256, sync_file, write_parquet
from hub.privacy.keys import PrivacyKeys
from hub.sdk.clock import Clock
from hub.settings import Settings, load_secret
from hub.store.database import Database
from hub.store.orm import sqlite_path
from hub.store.postgres import PostgresDatabase
from hub.store.snapshot import Snapshot, open_snapshot
from hub.store.sqlite import SqliteDatabase

Format = Literal["ndjson", "parquet"]
MANIFEST = "manifest.json"
MARK = ".regulars-export"  # says that a half-written folder is ours to remove
NOTE = (
    "All tables are of one moment. Times are UTC; null means never. Money is in minor units. "
    "Rows are in the order of `order`. The log (log.*) is the truth: to read it in again, send "
    "its lines in the order of seq; people, orders, consents and products follow from it. "
    "Secrets are not in here. An erasure does not reach this copy: remove it when it is no "
    "longer needed."
)
Progress = Callable[[int], None]


class Exists(Exception):
    """Something stands in the way; the message says what to name instead."""


class Part(msgspec.Struct, frozen=True):
    """One file of an export. `withheld`: columns of secrets that were left out."""

    table: str
    file: str
    rows: int
    bytes: int
    sha256: str
    order: str
    columns: tuple[Column, ...]
    withheld: tuple[str, ...]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`last_seq`: the newest entry of the log at that moment."""

    version: str = __version__
    made_at: datetime
    format: str
    last_seq: int
    since: datetime | None
    until: datetime | None
    parts: list[Part]
    left_out: dict[str, str]
    note: str = NOTE


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What to export. `what`: groups or tables, none for all; `since` <= at < `until`."""

    format: Format = "ndjson"
    what: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


async def export_all(
    settings: Settings,
    clock: Clock,
    to: Path,
    asked: Asked,
    *,
    by: str,
    progress: Progress = lambda rows: None,
) -> Manifest:
    """Write the folder `to`, which must not be there yet or be empty.

    Raises Exists, UnknownName, NothingToSave, DatabaseDamaged, OSError; nothing is left then.
    """
    plans = plan_tables(asked.what)
    to = Path(os.path.abspath(to))  # noqa: ASYNC240
    part = _begin(settings, to)
    try:
        parts = []
        async with open_snapshot(settings.url) as snapshot:
            last = await _last_seq(snapshot)
            for plan in plans:
                parts.append(await _table(snapshot, plan, asked, part, progress))
        made = Manifest(
            made_at=clock.now(), format=asked.format, last_seq=last, since=asked.since,
            until=asked.until, parts=parts, left_out=LEFT_OUT,
        )  # fmt: skip
        _finish(part, made)
        await _note(settings, clock, by, made, asked)  # before anything can be taken away
        part.rename(to)
        sync_file(to.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return made


def _begin(settings: Settings, to: Path) -> Path:
    if to.is_relative_to(settings.data_dir.absolute()):
        raise Exists(f"{to} is inside the data folder: name a folder outside of it")
    if to.is_symlink() or (to.exists() and not (to.is_dir() and not any(to.iterdir()))):
        raise Exists(f"{to} is there already: name another folder")
    to.parent.mkdir(parents=True, exist_ok=True)
    part = to.with_name(to.name + ".part")
    if part.exists() or part.is_symlink():
        if part.is_symlink() or not (part / MARK).is_file():
            raise Exists(f"{part} stands in the way: move it, or name another folder")
        shutil.rmtree(part)
    part.mkdir(mode=0o700)
    (part / MARK).touch(0o600)
    return part


def _create(file: Path) -> Any:
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _finish(part: Path, made: Manifest) -> None:
    with _create(part / MANIFEST) as stream:
        stream.write(msgspec.json.format(msgspec.json.encode(made)))
        stream.flush()
        os.fsync(stream.fileno())
    (part / MARK).unlink()
    sync_file(part)


async def _last_seq(snapshot: Snapshot) -> int:
    async for block in snapshot.blocks("SELECT COALESCE(MAX(seq), 0) FROM log"):
        return int(block[0][0])
    return 0


async def _table(
    snapshot: Snapshot, plan: Plan, asked: Asked, folder: Path, progress: Progress
) -> Part:
    lines = folder / f"{plan.table}.ndjson"
    rows, digest = await _lines(snapshot, plan, asked, lines, progress)
    file = lines
    if asked.format == "parquet":
        file = folder / f"{plan.table}.parquet"
        await asyncio.to_thread(_to_parquet, plan, lines, file)
        lines.unlink()
        digest = await asyncio.to_thread(sha256, file)
    return Part(plan.table, file.name, rows, file.stat().st_size, digest, plan.order,
                plan.columns, plan.withheld)  # fmt: skip


async def _lines(
    snapshot: Snapshot, plan: Plan, asked: Asked, file: Path, progress: Progress
) -> tuple[int, str]:
    sql, params = _query(plan, asked)
    rows, digest = 0, hashlib.sha256()
    with _create(file) as stream:
        async for block in snapshot.blocks(sql, tuple(params)):
            text = b"".join([line_of(plan, row) for row in block])
            digest.update(text)
            await asyncio.to_thread(stream.write, text)
            rows += len(block)
            progress(len(block))
        stream.flush()
        os.fsync(stream.fileno())
    return rows, digest.hexdigest()


def _query(plan: Plan, asked: Asked) -> tuple[str, Sequence[int]]:
    where, params = [], []
    if plan.dated and asked.since:
        where.append(f't."{plan.dated}" >= ?')
        params.append(to_ms(asked.since))
    if plan.dated and asked.until:
        where.append(f't."{plan.dated}" < ?')
        params.append(to_ms(asked.until))
    cut = f" WHERE {' AND '.join(where)}" if where else ""
    return f'{plan.sql}{cut} ORDER BY t."{plan.order}"', params


def _to_parquet(plan: Plan, lines: Path, file: Path) -> None:
    scratch = file.parent / "scratch"
    with open_duckdb(scratch) as connection:
        write_parquet(connection, lines_of(lines, {c.name: c.type for c in plan.columns}), file)
    shutil.rmtree(scratch, ignore_errors=True)


class _Book:
    """What a row of the audit log needs, beside a hub that runs."""

    def __init__(self, settings: Settings, clock: Clock, database: Database) -> None:
        self.settings = settings
        self.clock = clock
        self.database = database
        self.privacy = PrivacyKeys(load_secret(settings.data_dir))


async def _note(settings: Settings, clock: Clock, by: str, made: Manifest, asked: Asked) -> None:
    if settings.url.startswith("sqlite:"):
        database: Database = SqliteDatabase(sqlite_path(settings.url))
    else:
        database = await PostgresDatabase.open(settings.url)
    try:
        await note(
            _Book(settings, clock, database), by, "export_all", "", format=made.format,
            what=list(asked.what), since=made.since, until=made.until,
            rows=sum(part.rows for part in made.parts), last_seq=made.last_seq,
        )  # fmt: skip
    finally:
        await database.close()
