"""What the hub asks of a database; `sqlite.py` and `postgres.py` answer it alike.

SQL is written once, with `?` for parameters. JSON goes in and comes out as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, Protocol

import msgspec

from hub.sdk.records import Identifier, Link

Row = tuple[Any, ...]
Write = tuple[str, Sequence[Row]]  # one statement and the rows to run it with
CountKey = tuple[int, int, str, str]  # day, source_id, outcome, reason


class StoreUnavailable(Exception):
    """The database can not take the write now (disk full, connection lost). Nothing was stored."""


class Entry(msgspec.Struct):
    """One fact for the log. `at` and `received_at` are milliseconds since 1970 UTC."""

    kind: str
    name: str
    subject: Identifier | None
    links: tuple[Link, ...]
    at: int
    received_at: int
    source_id: int
    body: str
    dedupe: bytes | None = None
    body_hash: int = 0
    # The thing of which this is a sighting. Content seen before is news again when another
    # content of the same thing was stored since, unless it is older than that one.
    thing: bytes | None = None


class Appended(msgspec.Struct):
    """What became of one entry: its place in the log, or the place of its twin. `dropped`: it is
    about somebody who was erased, and was not stored; `seq` is 0."""

    seq: int
    duplicate: bool = False
    conflict: bool = False
    dropped: bool = False


class LogRow(msgspec.Struct, frozen=True):
    seq: int
    kind: str
    name: str
    node_id: int | None
    links: str
    at: int
    received_at: int
    source_id: int
    body: str


class Transaction(Protocol):
    async def fetch(self, sql: str, params: Row = ()) -> list[Row]: ...
    async def execute(self, sql: str, params: Row = ()) -> int:
        """Run one statement; answer how many rows it changed."""
        ...


class Database(Protocol):
    dialect: Literal["sqlite", "postgres"]

    async def fetch(self, sql: str, params: Row = ()) -> list[Row]:
        """Read rows, beside the writer."""
        ...

    async def get(self, sql: str, params: Row = ()) -> list[Row]:
        """Read a few rows by key: the fast way."""
        ...

    async def write(self, writes: Sequence[Write], *, durable: bool = True) -> None:
        """Run all the writes in one transaction, or none.

        Not `durable`: a power cut may take the newest such transactions back, whole and in
        order; enough for what is made again from the log. A later durable write keeps them.
        """
        ...

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Several statements that depend on each other. Await only the database inside."""
        ...

    async def append(
        self, entries: Sequence[Entry], counts: Mapping[CountKey, int] | None = None
    ) -> list[Appended]:
        """Put entries at the end of the log, durably, and add `counts` to the accounting."""
        ...

    def recent(self, after: int, limit: int) -> Sequence[Row]:
        """The entries right after `after`, as LOG_COLUMNS, if they are at hand; else nothing."""
        ...

    async def forget(self, tables: Sequence[str]) -> None:
        """After an erasure: drop what is cached of rows, and what deleted rows left on the disk.
        Raises StoreUnavailable when somebody still reads the old rows: try again."""
        ...

    async def close(self) -> None: ...


def judge(
    entries: Sequence[Entry],
    seen: dict[bytes, tuple[int, int]],
    newest: dict[bytes, tuple[int, int]],
    next_seq: int,
) -> list[Appended]:
    """Give each new entry its place from `next_seq` on; the others are duplicates.

    `seen`: dedupe key -> (seq, hash of the body); `newest`: thing -> (seq, time) of the sighting
    that is in force. Both are kept up to date.
    """
    outcomes = []
    for entry in entries:
        twin = seen.get(entry.dedupe) if entry.dedupe is not None else None
        last = newest.get(entry.thing) if entry.thing is not None else None
        if twin is not None and not _returned(entry, twin[0], last):
            outcomes.append(Appended(twin[0], True, twin[1] != entry.body_hash))
            continue
        outcomes.append(Appended(next_seq))
        if entry.dedupe is not None:
            seen[entry.dedupe] = (next_seq, entry.body_hash)
        if entry.thing is not None and (last is None or entry.at >= last[1]):
            newest[entry.thing] = (next_seq, entry.at)
        next_seq += 1
    return outcomes


def _returned(entry: Entry, twin: int, last: tuple[int, int] | None) -> bool:
    return last is not None and last[0] != twin and entry.at >= last[1]


def dedupe_rows(
    entries: Sequence[Entry], seqs: Sequence[int], newest: Mapping[bytes, tuple[int, int]]
) -> tuple[list[Row], list[Row]]:
    """Rows of new entries for the table `dedupe`: those to insert, and those that may be there."""
    fresh: list[Row] = []
    again: dict[bytes, Row] = {}
    for entry, seq in zip(entries, seqs, strict=True):
        if entry.thing is None:
            if entry.dedupe is not None:
                fresh.append((entry.dedupe, seq, entry.body_hash))
            continue
        if entry.dedupe is not None:
            again[entry.dedupe] = (entry.dedupe, seq, entry.body_hash)
        if entry.thing in newest:
            again[entry.thing] = (entry.thing, newest[entry.thing][0], 0)
    return fresh, list(again.values())


DEDUPE_SQL = "INSERT INTO dedupe (key, seq, body_hash) VALUES (?, ?, ?)"
DEDUPE_AGAIN_SQL = (
    f"{DEDUPE_SQL} ON CONFLICT (key) DO UPDATE SET seq = excluded.seq, "
    "body_hash = excluded.body_hash"
)
LOG_COLUMNS = "seq, kind, name, node_id, links, at, received_at, source_id, body"
COUNT_SQL = (
    "INSERT INTO intake_count (day, source_id, outcome, reason, n) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (day, source_id, outcome, reason) DO UPDATE SET n = intake_count.n + excluded.n"
)
DAY_MS = 86_400_000


def tally(
    entries: Sequence[Entry], outcomes: Sequence[Appended], counts: Mapping[CountKey, int] | None
) -> list[Row]:
    """The accounting rows of one batch: what was stored, what was a duplicate, plus `counts`."""
    total: dict[CountKey, int] = dict(counts or {})
    for entry, outcome in zip(entries, outcomes, strict=True):
        if entry.dedupe is None:
            continue
        kind = "duplicate" if outcome.duplicate else "stored"
        reason = "conflict" if outcome.conflict else ""
        key = (entry.received_at // DAY_MS, entry.source_id, kind, reason)
        total[key] = total.get(key, 0) + 1
    return [(*key, n) for key, n in total.items()]


def link_text(links: Sequence[Link], ids: Mapping[Identifier, int]) -> str:
    """The stored form of an entry's links: JSON [[node_id, strength], ...], or nothing."""
    if not links:
        return ""
    return "[" + ",".join(f'[{ids[link.to]},"{link.strength}"]' for link in links) + "]"
