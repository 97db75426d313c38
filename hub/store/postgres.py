"""PostgreSQL: the same answers, with the appends put in order by an advisory lock."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, Literal, TypeVar

import asyncpg

from hub.sdk.records import Identifier
from hub.store.database import (
    COUNT_SQL,
    DEDUPE_AGAIN_SQL,
    DEDUPE_SQL,
    Appended,
    CountKey,
    Entry,
    Row,
    StoreUnavailable,
    Write,
    dedupe_rows,
    judge,
    link_text,
    tally,
)
from hub.store.lease import FENCE_SQL, NAME

# Without it a later seq could become visible before an earlier one, and the projector would
# step over the earlier one for ever.
APPEND_LOCK = 7_203_115
_FAULTS = (
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,  # it is starting, stopping, or was told to stop
    asyncpg.InterfaceError,  # the connection went away under us
    asyncpg.ReadOnlySQLTransactionError,  # it became a replica
    OSError,
)
# Two transactions were in each other's way, and one of them was taken back: it is to try again.
_CONFLICTS = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
_TRIES = 5
T = TypeVar("T")


class _Conflict(StoreUnavailable):
    """Nothing was stored; the same transaction may well succeed now."""


@lru_cache(maxsize=512)
def numbered(sql: str) -> str:
    """`?` parameters become `$1`, `$2`, ... (no SQL of the hub has a `?` in a literal)."""
    count = 0

    def number(_: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return f"${count}"

    return re.sub(r"\?", number, sql)


class PostgresTransaction:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def fetch(self, sql: str, params: Row = ()) -> list[Row]:
        return [tuple(row) for row in await self._connection.fetch(numbered(sql), *params)]

    async def execute(self, sql: str, params: Row = ()) -> int:
        status = await self._connection.execute(numbered(sql), *params)
        last = status.rsplit(" ", 1)[-1]
        return int(last) if last.isdigit() else 0


class PostgresDatabase:
    dialect: Literal["sqlite", "postgres"] = "postgres"

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool
        self.fence = 0  # the token of our lease, which every write names; 0: there is none

    @classmethod
    async def open(cls, url: str) -> PostgresDatabase:
        return cls(await asyncpg.create_pool(url, min_size=1, max_size=8))

    async def fetch(self, sql: str, params: Row = ()) -> list[Row]:
        try:
            return [tuple(row) for row in await self._pool.fetch(numbered(sql), *params)]
        except _FAULTS as error:
            raise StoreUnavailable(f"PostgreSQL does not answer now: {error}") from error

    async def get(self, sql: str, params: Row = ()) -> list[Row]:
        return await self.fetch(sql, params)

    async def write(self, writes: Sequence[Write], *, durable: bool = True) -> None:
        # Always durable: the server may crash alone, and a transaction that it takes back then is
        # one that this process goes on building upon.
        await _until_clear(lambda: self._write(writes))

    async def _write(self, writes: Sequence[Write]) -> None:
        async with self._transaction() as connection:
            for sql, rows in writes:
                await connection.executemany(numbered(sql), rows)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[PostgresTransaction]:
        async with self._transaction() as connection:
            yield PostgresTransaction(connection)

    async def append(
        self, entries: Sequence[Entry], counts: Mapping[CountKey, int] | None = None
    ) -> list[Appended]:
        return await _until_clear(lambda: self._append(entries, counts))

    async def _append(
        self, entries: Sequence[Entry], counts: Mapping[CountKey, int] | None
    ) -> list[Appended]:
        async with self._transaction() as connection:
            await connection.execute("SELECT pg_advisory_xact_lock($1)", APPEND_LOCK)
            newest = await _newest(connection, entries)
            outcomes = await _deduplicate(connection, entries, newest)
            fresh = [e for e, o in zip(entries, outcomes, strict=True) if not o.duplicate]
            seqs = [o.seq for o in outcomes if not o.duplicate]
            ids = await _resolve(connection, fresh)
            await _insert(connection, fresh, seqs, ids)
            new, again = dedupe_rows(fresh, seqs, newest)
            await connection.executemany(numbered(DEDUPE_SQL), new)
            await connection.executemany(numbered(DEDUPE_AGAIN_SQL), again)
            await connection.executemany(numbered(COUNT_SQL), tally(entries, outcomes, counts))
        return outcomes

    def recent(self, after: int, limit: int) -> Sequence[Row]:
        return ()  # another process may have appended between ours

    async def forget(self, tables: Sequence[str]) -> None:
        try:
            for table in tables:  # not inside a transaction: VACUUM refuses
                await self._pool.execute(f'VACUUM "{table}"')
        except _FAULTS as error:
            raise StoreUnavailable(f"PostgreSQL does not answer now: {error}") from error

    async def close(self) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Any]:
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                if self.fence and not await connection.fetchval(FENCE_SQL, NAME, self.fence):
                    raise StoreUnavailable(
                        "another process took over this database: this one stops"
                    )
                yield connection
        except _CONFLICTS as error:
            raise _Conflict(f"PostgreSQL takes several writes at once: {error}") from error
        except asyncpg.DiskFullError as error:
            raise StoreUnavailable(
                "the disk is full: free some space for PostgreSQL; nothing accepted is lost"
            ) from error
        except _FAULTS as error:
            raise StoreUnavailable(f"PostgreSQL does not take writes now: {error}") from error


async def _until_clear(work: Callable[[], Awaitable[T]]) -> T:
    for _ in range(_TRIES - 1):
        try:
            return await work()
        except _Conflict:
            continue  # the other one has got through meanwhile
    return await work()


async def _newest(connection: Any, entries: Sequence[Entry]) -> dict[bytes, tuple[int, int]]:
    """For each thing that is sighted: seq and time of the sighting in force."""
    things = list({entry.thing for entry in entries if entry.thing is not None})
    if not things:
        return {}
    rows = await connection.fetch(
        "SELECT d.key, d.seq, l.at FROM dedupe d JOIN log l ON l.seq = d.seq "
        "WHERE d.key = ANY($1::bytea[])",
        things,
    )
    return {row[0]: (row[1], row[2]) for row in rows}


async def _deduplicate(
    connection: Any, entries: Sequence[Entry], newest: dict[bytes, tuple[int, int]]
) -> list[Appended]:
    keys = [entry.dedupe for entry in entries if entry.dedupe is not None]
    rows = await connection.fetch(
        "SELECT key, seq, body_hash FROM dedupe WHERE key = ANY($1::bytea[])", keys
    )
    seen = {row[0]: (row[1], row[2]) for row in rows}
    next_seq = await connection.fetchval("SELECT COALESCE(MAX(seq), 0) + 1 FROM log")
    return judge(entries, seen, newest, next_seq)


async def _resolve(connection: Any, entries: Sequence[Entry]) -> Mapping[Identifier, int]:
    wanted: dict[Identifier, None] = {}
    for entry in entries:
        if entry.subject is not None:
            wanted[entry.subject] = None
        wanted.update((link.to, None) for link in entry.links)
    if not wanted:
        return {}
    columns = list(zip(*((i.namespace, i.type, i.value) for i in wanted), strict=True))
    rows = await connection.fetch(
        "SELECT n.id, n.namespace, n.type, n.value FROM node n "
        "JOIN unnest($1::text[], $2::text[], $3::text[]) AS w(a, b, c) "
        "ON n.namespace = w.a AND n.type = w.b AND n.value = w.c",
        *columns,
    )
    ids = {Identifier(row[1], row[2], row[3]): row[0] for row in rows}
    next_id = await connection.fetchval("SELECT COALESCE(MAX(id), 0) + 1 FROM node")
    new = []
    for identifier in wanted:
        if identifier not in ids:
            ids[identifier] = next_id
            new.append((next_id, identifier.namespace, identifier.type, identifier.value))
            next_id += 1
    await connection.executemany(
        "INSERT INTO node (id, namespace, type, value) VALUES ($1,$2,$3,$4)", new
    )
    return ids


async def _insert(
    connection: Any,
    entries: Sequence[Entry],
    seqs: Sequence[int],
    ids: Mapping[Identifier, int],
) -> None:
    await connection.executemany(
        "INSERT INTO log (seq, kind, name, node_id, links, at, received_at, source_id, body) "
        "VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)",
        [
            (
                seq,
                e.kind,
                e.name,
                None if e.subject is None else ids[e.subject],
                link_text(e.links, ids),
                e.at,
                e.received_at,
                e.source_id,
                e.body,
            )
            for seq, e in zip(seqs, entries, strict=True)
        ],
    )
