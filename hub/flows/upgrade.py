"""upgrade: what a new version will do to a data folder, and doing it while the hub is stopped."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
import msgspec

import hub
from hub import __version__
from hub.flows.backup import Backup, has_key, make_backup
from hub.sdk.clock import Clock
from hub.settings import Settings
from hub.store.folder import VERSION
from hub.store.lockfile import LockFile
from hub.store.migrate import (
    migrate_postgres,
    migrate_sqlite,
    postgres_applied,
    sqlite_applied,
)
from hub.store.migrations import migrations, pending
from hub.store.orm import sqlite_path
from hub.store.sqlite import connect

CHANGES = Path(hub.__file__).parent / "CHANGELOG.md"
_VERSION = re.compile(r"^## (\d+(?:\.\d+)*)", re.M)


class NoBackup(Exception):
    """Steps wait and no backup can be made."""


class Outlook(msgspec.Struct, frozen=True):
    """`was`: the version that used the folder last, "" if none did; `steps` are still to take."""

    was: str
    now: str
    steps: list[str]
    notes: str


class Upgraded(msgspec.Struct, frozen=True):
    steps: list[str]
    backup: Backup | None


def last_version(settings: Settings) -> str:
    """The version that used this data folder last; "" when it is not known."""
    file = settings.data_dir / VERSION
    return file.read_text().strip() if file.exists() else ""


def note_version(settings: Settings) -> None:
    """This version uses the folder from now on."""
    if last_version(settings) != __version__:
        part = settings.data_dir / f"{VERSION}.part"
        part.write_text(f"{__version__}\n")
        part.replace(settings.data_dir / VERSION)


async def outlook(settings: Settings) -> Outlook:
    """What an upgrade would do. Raises DatabaseTooNew, SettingsError."""
    if settings.url.startswith("sqlite:"):
        steps = _sqlite_steps(sqlite_path(settings.url))
    else:
        connection = await asyncpg.connect(settings.url)
        try:
            applied = await postgres_applied(connection)
        finally:
            await connection.close()
        steps = [step.name for step in pending(migrations("postgres"), applied or ())]
    was = last_version(settings)
    return Outlook(was, __version__, steps, changes(CHANGES.read_text(), was, __version__))


def _sqlite_steps(path: Path) -> list[str]:
    applied: list[str] | None = None
    if path.exists():
        with closing(connect(path, read_only=True)) as connection:
            applied = sqlite_applied(connection)
    return [step.name for step in pending(migrations("sqlite"), applied or ())]


async def upgrade(settings: Settings, clock: Clock, *, backup: bool = True) -> Upgraded:
    """Back up, then take the steps. Raises DataFolderInUse, NoBackup, and what a backup raises."""
    lock = LockFile(settings.data_dir)
    try:
        steps = (await outlook(settings)).steps
        made = None
        if steps and backup and await _has_data(settings):
            if not has_key(settings):
                raise NoBackup(
                    "an upgrade changes the database, and no backup can be made before it: run "
                    "`hub backup` once (it shows a recovery key), or say --no-backup"
                )
            made = await make_backup(settings, clock)
        if settings.url.startswith("sqlite:"):
            with closing(connect(sqlite_path(settings.url))) as connection:
                taken = migrate_sqlite(connection)
        else:
            server = await asyncpg.connect(settings.url)
            try:
                taken = await migrate_postgres(server)
            finally:
                await server.close()
        note_version(settings)
        return Upgraded(taken, made)
    finally:
        lock.release()


async def _has_data(settings: Settings) -> bool:
    if not settings.url.startswith("sqlite:"):
        connection = await asyncpg.connect(settings.url)
        try:
            return await connection.fetchval("SELECT to_regclass('log')") is not None
        finally:
            await connection.close()
    path = sqlite_path(settings.url)
    if not path.exists():
        return False
    with closing(sqlite3.connect(path)) as connection:
        return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'log'").fetchone())


def changes(text: str, was: str, now: str) -> str:
    """The parts of the changelog after version `was`, up to `now`."""
    places = [(found.start(), numbers(found[1])) for found in _VERSION.finditer(text)]
    parts = [
        text[start : places[i + 1][0] if i + 1 < len(places) else len(text)].strip()
        for i, (start, version) in enumerate(places)
        if (not was or version > numbers(was)) and version <= numbers(now)
    ]
    return "\n\n".join(parts)


def numbers(version: str) -> tuple[int, ...]:
    """1.10.2 -> (1, 10, 2)."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
