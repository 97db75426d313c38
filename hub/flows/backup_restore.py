"""restore: a data folder from a backup, whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import BinaryIO

import asyncpg
import msgspec

from hub.core import Hub
from hub.flows.backup import FILES, join_ledgers
from hub.sdk.errors import HubError
from hub.settings import Settings, SettingsError, load_settings
from hub.store.archive import Frame, Head, Rows, Table, read_archive
from hub.store.compact import compact
from hub.store.database import StoreUnavailable
from hub.store.folder import LEDGER, REPLAY
from hub.store.recovery_key import RecoveryKey
from hub.store.refill import Discard, NotEmpty, PostgresRefill, Refill, SqliteRefill
from hub.store.sealed import Damaged
from hub.store.sqlite import SqliteDatabase

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,62}")


class LedgerMissing(Exception):
    """Nobody said who was erased since the backup was made."""


class Restored(msgspec.Struct, frozen=True):
    """When the backup was made, by which version, and how many rows each table got."""

    made_at: str
    version: str
    counts: dict[str, int]
    erasures: int


def find_ledger(file: Path, named: Path | None, without: bool) -> bytes:
    """The erasures to carry out again: those named, and those beside the backup.

    Raises LedgerMissing: an old backup would bring erased people back.
    """
    places = [named] if named else []
    if (beside := file.parent / LEDGER).exists():
        places.append(beside)
    if not places and not without:
        raise LedgerMissing(
            f"who was erased after this backup was made stands in {LEDGER} of the old data folder: "
            "name it with --erasures FILE, or say --no-erasures if it is lost"
        )
    return join_ledgers(*(place.read_bytes() for place in places))


async def check_backup(file: Path, key: RecoveryKey) -> Restored:
    """Read a backup to its end and keep nothing. Raises Damaged, OtherKey."""
    with file.open("rb") as stream:
        return await _pass(stream, key, None)


async def restore(
    file: Path, target: Path, key: RecoveryKey, ledger: bytes, database_url: str = ""
) -> Restored:
    """Make the data folder `target`. Raises NotEmpty, Damaged, OtherKey, DatabaseTooNew.

    `database_url`: an empty PostgreSQL database, or "sqlite" for a file in the folder; "" as in
    the backup's own settings. Nothing is left behind when it fails.
    """
    part = _make_part(target)
    try:
        with file.open("rb") as stream:
            report = await _pass(stream, key, _Place(part, ledger, database_url))
        part.rename(target)  # over an empty folder too
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return report


def _make_part(target: Path) -> Path:
    if target.exists() and any(target.iterdir()):
        raise NotEmpty(f"{target} is not empty: name a new folder with --data")
    part = target.with_name(target.name + ".restoring")
    if part.exists():  # of a restore that was killed
        shutil.rmtree(part)
    part.mkdir(parents=True, mode=0o700)
    return part


class _Place:
    """The folder that is being made."""

    def __init__(self, folder: Path, ledger: bytes, database_url: str) -> None:
        self.folder = folder
        self._ledger = ledger
        self._url = database_url

    async def open(self, head: Head) -> tuple[Refill, int]:
        """Write the files; the database to fill, and how many lines the ledger has."""
        for name, data in head.files.items():
            if name not in FILES:
                raise Damaged(f"the backup holds an unknown file: {name}")
            _write(self.folder / name, data)
        ledger = join_ledgers(head.files.get(LEDGER, b""), self._ledger)
        if ledger:
            _write(self.folder / LEDGER, ledger)
            _write(self.folder / REPLAY, f"restored from a backup of {head.made_at}\n".encode())
        if self._url:
            _set_database(self.folder / "hub.toml", self._url)
        settings = load_settings(self.folder, database_url=_override(self._url))
        if settings.url.startswith("sqlite:"):
            if settings.database_url:
                raise NotEmpty(
                    "the settings of the backup name a SQLite file outside of the data folder: "
                    "say --database sqlite"
                )
            return SqliteRefill(self.folder / "hub.db"), ledger.count(b"\n")
        try:
            return await PostgresRefill.open(settings.url), ledger.count(b"\n")
        except (OSError, asyncpg.PostgresError) as error:
            raise NotEmpty(
                f"the PostgreSQL database of the settings does not answer ({error}): name an empty "
                "one with --database postgresql://..., or --database sqlite"
            ) from error


class _Pour:
    """Frames into a database, counted."""

    def __init__(self, place: _Place | None) -> None:
        self._place = place
        self._refill: Refill = Discard()
        self._table = ""
        self._counts: dict[str, int] = {}
        self._erasures = 0
        self._head: Head | None = None

    async def take(self, frame: Frame) -> None:
        """The next frame. Raises Damaged."""
        if isinstance(frame, Head):
            self._head = frame
            if self._place is not None:
                self._refill, self._erasures = await self._place.open(frame)
            await self._refill.begin(frame)
        elif isinstance(frame, Table):
            if not all(_IDENTIFIER.fullmatch(name) for name in (frame.name, *frame.columns)):
                raise Damaged("the backup holds a table that is not of Regulars")
            self._table = frame.name
            self._counts[frame.name] = 0
            await self._refill.table(frame)
        elif isinstance(frame, Rows):
            self._counts[self._table] += len(frame.rows)
            await self._refill.rows(frame.rows)
        elif frame.counts != self._counts:
            raise Damaged("the backup has other rows than it says")

    async def finish(self) -> Restored:
        if self._head is None:
            raise Damaged("the backup has no beginning")
        await self._refill.finish()
        return Restored(self._head.made_at, self._head.version, self._counts, self._erasures)

    async def abandon(self) -> None:
        await self._refill.abandon()


async def _pass(stream: BinaryIO, key: RecoveryKey, place: _Place | None) -> Restored:
    pour = _Pour(place)
    try:
        for frame in read_archive(stream, key):
            await pour.take(frame)
        return await pour.finish()
    except BaseException:
        await pour.abandon()
        raise


def _override(url: str) -> str | None:
    if not url:
        return None
    return "" if url == "sqlite" else url


def _set_database(file: Path, url: str) -> None:
    """Name the database in the settings; a top setting stands before every table."""
    text = file.read_text() if file.exists() else ""
    text = re.sub(r"^\s*database_url\s*=.*\n?", "", text, flags=re.M)
    line = "" if url == "sqlite" else f"database_url = {msgspec.json.encode(url).decode()}\n"
    _write(file, (line + text).encode())


def _write(file: Path, data: bytes) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def replay_waits(settings: Settings) -> bool:
    """Whether this folder was restored and erasures must be carried out before serving."""
    return (settings.data_dir / REPLAY).exists()


async def replay_if_restored(hub: Hub) -> int:
    """Erase again who was erased after the backup was made; the hub serves nobody before.

    Raises SettingsError when that fails.
    """
    if not replay_waits(hub.settings):
        return 0
    from hub.flows.erase_replay import replay_erasures

    try:
        done = await replay_erasures(hub, hub.settings.data_dir / LEDGER)
        if isinstance(hub.database, SqliteDatabase):
            await compact(hub.database)
    except (HubError, StoreUnavailable) as error:
        raise SettingsError(
            f"the erasures of {LEDGER} could not be carried out again, so nobody is served: {error}"
        ) from error
    (hub.settings.data_dir / REPLAY).unlink()
    return int(done)
