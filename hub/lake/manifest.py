"""What a lake consists of: one small file, replaced whole, names all that is there."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from hub.lake.parquet import sync_file

MANIFEST = "manifest.json"
DIRTY = "dirty"
LOCK = "lock"


class LakeDamaged(Exception):
    """A file of the lake is missing or was changed; the message says what to do."""


class Part(msgspec.Struct, frozen=True):
    """One file. `day`: days since 1970 UTC by the time of the events; None for late events of
    several days."""

    name: str
    day: int | None
    rows: int
    first: int
    last: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """All entries of the log up to `border` are in the files, each once; none after it is."""

    border: int = 0
    number: int = 0  # of the newest file
    parts: tuple[Part, ...] = ()


class Dirty(msgspec.Struct, frozen=True):
    """Entries that change in the database: those of these nodes, and these."""

    nodes: list[int]
    seqs: list[int]


def load(folder: Path) -> Manifest:
    """The manifest; an empty one where there is none. Raises LakeDamaged."""
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        return Manifest()
    except msgspec.DecodeError as error:
        raise LakeDamaged(
            f"{folder / MANIFEST} is damaged: remove the folder {folder}; `hub lake seal` makes "
            "it again from the database"
        ) from error


def save(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest durably, then remove what it no longer names."""
    fresh = folder / f"{MANIFEST}.new"
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(msgspec.json.encode(manifest))
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(folder / MANIFEST)
    sync_file(folder)
    sweep(folder, manifest)


def sweep(folder: Path, manifest: Manifest) -> None:
    """Overwrite and remove the files that the manifest does not name: they may hold somebody."""
    named = {part.name for part in manifest.parts} | {MANIFEST, DIRTY, LOCK}
    for file in folder.iterdir():
        if file.is_file() and file.name not in named:
            with file.open("r+b") as stream:
                stream.write(b"\0" * file.stat().st_size)
                stream.flush()
                os.fsync(stream.fileno())
            file.unlink()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One process at a time changes a lake. Waits; call it in a thread."""
    folder.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def mark_dirty(folder: Path, nodes: Iterable[int], seqs: Iterable[int]) -> None:
    """Put down durably, before the database changes, whose files are to be written anew."""
    folder.mkdir(mode=0o700, exist_ok=True)
    line = msgspec.json.encode(Dirty(sorted(nodes), sorted(seqs))) + b"\n"
    handle = os.open(folder / DIRTY, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "ab") as stream:
        stream.write(line)
        stream.flush()
        os.fsync(stream.fileno())
    sync_file(folder)


def read_dirty(folder: Path) -> tuple[Dirty, int]:
    """What was put down, and how many bytes that is. A line cut off by a crash counts for nothing:
    the change came after it."""
    try:
        text = (folder / DIRTY).read_bytes()
    except FileNotFoundError:
        return Dirty([], []), 0
    whole = text[: text.rfind(b"\n") + 1]
    lines = []
    for line in whole.splitlines():
        try:
            lines.append(msgspec.json.decode(line, type=Dirty))
        except msgspec.DecodeError:
            continue
    return (
        Dirty([n for d in lines for n in d.nodes], [s for d in lines for s in d.seqs]),
        len(text),
    )


def clear_dirty(folder: Path, size: int) -> None:
    """Forget the first `size` bytes, unless more was put down meanwhile."""
    file = folder / DIRTY
    if file.exists() and file.stat().st_size == size:
        file.unlink()
