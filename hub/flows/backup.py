"""backup: everything that a hub needs to live again, sealed, while it goes on serving."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from hub import __version__
from hub.sdk.clock import Clock
from hub.settings import Settings
from hub.store.archive import ArchiveWriter, Head, Rows
from hub.store.folder import HEAD, LEDGER
from hub.store.migrations import Dialect
from hub.store.orm import sqlite_path
from hub.store.recovery_key import PUBLIC_FILE, BadKey, load_public
from hub.store.snapshot import postgres_snapshot, sqlite_snapshot

FILES = ("hub.toml", "secret.key", PUBLIC_FILE, HEAD, LEDGER)
SUFFIX = ".backup"
Progress = Callable[[int], None]


class NoKey(Exception):
    """No recovery key was made yet, so nothing can be sealed."""


class Backup(msgspec.Struct, frozen=True):
    """What was written, and how many rows of each table are inside."""

    file: Path
    size: int
    counts: dict[str, int]


def backup_folder(settings: Settings) -> Path:
    """Where backups go unless told otherwise.

    In a `backup_dir` each hub has a folder of its own: rotation must never take the backups of
    another one for old ones of ours.
    """
    if settings.backup_dir is None:
        return settings.data_dir / "backups"
    data = settings.data_dir.resolve()
    mark = hashlib.sha256(str(data).encode()).hexdigest()[:6]
    return settings.backup_dir / f"{data.name}-{mark}"


def backup_name(now: datetime) -> str:
    """The name of a backup made at this moment (UTC)."""
    return f"regulars-{now:%Y%m%dT%H%M%SZ}{SUFFIX}"


async def make_backup(
    settings: Settings, clock: Clock, to: Path | None = None, progress: Progress = lambda rows: None
) -> Backup:
    """Write one. Raises NoKey, BadKey, NothingToSave, DatabaseDamaged, OSError, FileExistsError.

    Everything acknowledged before its start is inside. Best run in a process of its own.
    """
    public = load_public(settings.data_dir)
    if public is None:
        raise NoKey("no recovery key was made yet: run `hub backup` once by hand")
    target = to or backup_folder(settings) / backup_name(clock.now())
    if target.exists():
        raise FileExistsError(f"{target} is there already: name another file")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = target.with_name(target.name + ".part")
    try:
        counts = await _write(settings, part, public, clock.now(), progress)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)
    if to is None:
        _copy_ledger(settings.data_dir / LEDGER, target.parent / LEDGER)
    return Backup(target, target.stat().st_size, counts)


async def _write(
    settings: Settings, part: Path, public: bytes, now: datetime, progress: Progress
) -> dict[str, int]:
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        archive = ArchiveWriter(stream, public)
        files = {
            name: (settings.data_dir / name).read_bytes()
            for name in FILES
            if (settings.data_dir / name).exists()
        }

        def head(dialect: Dialect, steps: list[str], numbers: dict[str, int]) -> Head:
            return Head(__version__, now.isoformat(), dialect, steps, files, numbers)

        if settings.url.startswith("sqlite:"):
            await asyncio.to_thread(_pour, archive, sqlite_path(settings.url), head, progress)
        else:
            async with postgres_snapshot(settings.url) as snapshot:
                archive.add(head(snapshot.dialect, snapshot.steps, snapshot.numbers))
                async for frame in snapshot.frames():
                    archive.add(frame)
                    progress(len(frame.rows) if isinstance(frame, Rows) else 0)
        archive.close()
        stream.flush()
        os.fsync(stream.fileno())
    return archive.counts


def _pour(
    archive: ArchiveWriter,
    path: Path,
    head: Callable[[Dialect, list[str], dict[str, int]], Head],
    progress: Progress,
) -> None:
    with sqlite_snapshot(path) as snapshot:
        archive.add(head(snapshot.dialect, snapshot.steps, snapshot.numbers))
        for frame in snapshot.frames():
            archive.add(frame)
            progress(len(frame.rows) if isinstance(frame, Rows) else 0)


def _copy_ledger(ledger: Path, beside: Path) -> None:
    """Beside the backups, so that a restore on another machine finds it. What stands there stays:
    a hub that was made anew must not take the word from the one before it."""
    if beside.exists() and ledger.exists() and beside.samefile(ledger):
        return
    texts = [file.read_bytes() for file in (beside, ledger) if file.exists()]
    part = beside.with_name(beside.name + ".part")
    part.write_bytes(join_ledgers(*texts))
    os.chmod(part, 0o600)
    part.replace(beside)


def join_ledgers(*texts: bytes) -> bytes:
    """Every line once, in order."""
    lines = dict.fromkeys(line for text in texts for line in text.splitlines() if line.strip())
    return b"".join(line + b"\n" for line in lines)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def has_key(settings: Settings) -> bool:
    """Whether backups can be made. A damaged key counts as one: the backup says what is wrong."""
    try:
        return load_public(settings.data_dir) is not None
    except BadKey:
        return True
