"""audit: who saw, exported or erased whom, in a chain that can not be changed unnoticed.

Each row carries a keyed hash over itself and the one before it; a file beside the database holds
the end of the chain, so that rows cut from the end are missed as well.
"""

from __future__ import annotations

import asyncio
import os
from typing import Protocol
from weakref import WeakKeyDictionary

import msgspec
import orjson

from hub.clock import to_ms
from hub.core import Hub
from hub.privacy.keys import PrivacyKeys
from hub.sdk.clock import Clock
from hub.settings import Settings
from hub.store.database import Database, Row
from hub.store.folder import HEAD

COLUMNS = "id, at, who, action, subject, detail, hash"
PAGE = 1000


class Book(Protocol):
    """What writing a row needs: a hub has it, and so has a command beside a running hub."""

    @property
    def database(self) -> Database: ...
    @property
    def privacy(self) -> PrivacyKeys: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...


_locks: WeakKeyDictionary[Book, asyncio.Lock] = WeakKeyDictionary()


class AuditLine(msgspec.Struct, frozen=True):
    """`subject`: the number of a person, or a keyed hash."""

    id: int
    at: int
    who: str
    action: str
    subject: str
    detail: str
    hash: str


class Verdict(msgspec.Struct, frozen=True):
    """`broken`: the first row that is not as it was written, 0 when all are; `why` says how."""

    rows: int
    broken: int = 0
    why: str = ""


class _Head(msgspec.Struct):
    """The newest row that was ever written, marked with the hub's key."""

    id: int
    hash: str
    mark: str


async def note(hub: Book, who: str, action: str, subject: str, **detail: object) -> None:
    """Append one row."""
    text = orjson.dumps(detail).decode()
    lock = _locks.setdefault(hub, asyncio.Lock())
    async with lock:
        async with hub.database.transaction() as transaction:
            rows = await transaction.fetch("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")
            last, before = rows[0] if rows else (0, "")
            row = (last + 1, to_ms(hub.clock.now()), who[:320], action[:32], subject[:64], text)
            hashed = hub.privacy.link(before, _text(row))
            sql = f"INSERT INTO audit ({COLUMNS}) VALUES (?,?,?,?,?,?,?)"  # noqa: S608
            await transaction.execute(sql, (*row, hashed))
        _write_head(hub, last + 1, hashed)


def _text(row: Row) -> bytes:
    return orjson.dumps(list(row))


async def verify_audit(hub: Hub) -> Verdict:
    """Whether every row is as it was written and none is missing."""
    before, expected = "", 1
    while True:
        rows = await hub.database.fetch(
            f"SELECT {COLUMNS} FROM audit WHERE id >= ? ORDER BY id LIMIT {PAGE}",  # noqa: S608
            (expected,),
        )
        for *row, hashed in rows:
            if row[0] != expected:
                return Verdict(expected - 1, expected, "is missing")
            if hub.privacy.link(before, _text(tuple(row))) != hashed:
                return Verdict(expected - 1, expected, "was changed, or one before it was cut out")
            before, expected = hashed, expected + 1
        if len(rows) < PAGE:
            return _verify_end(hub, expected - 1, before)


def _verify_end(hub: Hub, last: int, hashed: str) -> Verdict:
    file = hub.settings.data_dir / HEAD
    if not file.exists():
        why = f"is not vouched for: {HEAD} is missing from the data folder"
        return Verdict(last, last, why) if last else Verdict(0)
    try:
        head = msgspec.json.decode(file.read_bytes(), type=_Head)
    except msgspec.DecodeError:
        return Verdict(last, last + 1, f"can not be told: {HEAD} is damaged")
    if head.mark != _mark(hub, head.id, head.hash):
        return Verdict(last, last + 1, f"can not be told: {HEAD} was changed")
    if head.id > last:
        return Verdict(last, last + 1, f"is missing: rows up to {head.id} were written")
    # A crash may come between the row and the file.
    if head.id == last and head.hash != hashed:
        return Verdict(last, last, "is another than the one that was written")
    return Verdict(last)


def _mark(hub: Book, last: int, hashed: str) -> str:
    return hub.privacy.link(hashed, f"end {last}".encode())


def _write_head(hub: Book, last: int, hashed: str) -> None:
    file = hub.settings.data_dir / HEAD
    fresh = file.with_name(HEAD + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(msgspec.json.encode(_Head(last, hashed, _mark(hub, last, hashed))))
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)


async def list_audit(
    hub: Hub, *, subject: str = "", before: int = 0, limit: int = 50
) -> list[AuditLine]:
    """The newest rows, of one subject or of all."""
    where, params = ["1 = 1"], list[object]()
    if subject:
        where.append("subject = ?")
        params.append(subject)
    if before:
        where.append("id < ?")
        params.append(before)
    rows = await hub.database.fetch(
        f"SELECT {COLUMNS} FROM audit WHERE {' AND '.join(where)} "  # noqa: S608
        f"ORDER BY id DESC LIMIT {limit}",
        tuple(params),
    )
    return [AuditLine(*row) for row in rows]
