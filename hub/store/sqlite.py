"""SQLite: one writing connection in a thread of its own, behind one first-in-first-out lock."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal, TypeVar

from hub.meters import Timing
from hub.sdk.records import Identifier
from hub.store.blocks import CACHED_STATEMENTS, run_rows
from hub.store.database import (
    COUNT_SQL,
    Appended,
    CountKey,
    Entry,
    Row,
    StoreUnavailable,
    Write,
    judge,
    tally,
)
from hub.store.sqlite_faults import is_locked, remedy
from hub.store.sqlite_log import identifiers_of, insert, newest_sightings

T = TypeVar("T")
log = logging.getLogger("hub.store")

CACHED_NODES = 200_000
RECENT_ROWS = 5000
CHECKPOINT_BYTES = 16 * 1024 * 1024
# Beyond it nothing is appended until whoever reads an old state of the file lets go of it.
WAL_BYTES = 192 * 1024 * 1024
SLOW_HOLD_SECONDS = 0.1
# Once somebody waited in vain for another program's lock, nobody waits long for a while.
LOCKED_SECONDS = 5.0
LOCKED_MS = 50
# FULL: with NORMAL a power cut takes acknowledged rows with it. secure_delete: erased means gone.
PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "secure_delete": "ON",
    "wal_autocheckpoint": 0,
    "busy_timeout": 1000,
    "foreign_keys": "ON",
    "cache_size": -65536,
}


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection with the pragmas of the hub, in autocommit mode."""
    uri = f"file:{path}?mode={'ro' if read_only else 'rwc'}"
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False,
        cached_statements=CACHED_STATEMENTS,
    )  # fmt: skip
    for name, value in PRAGMAS.items():
        if not (read_only and name in ("journal_mode", "secure_delete")):
            connection.execute(f"PRAGMA {name}={value}")
    return connection


class SqliteTransaction:
    """Statements inside one BEGIN IMMEDIATE, each run in the writer's thread."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def fetch(self, sql: str, params: Row = ()) -> list[Row]:
        return await self._database.in_writer(lambda c: c.execute(sql, params).fetchall())

    async def execute(self, sql: str, params: Row = ()) -> int:
        return await self._database.in_writer(lambda c: c.execute(sql, params).rowcount)


class SqliteDatabase:
    """The only object that writes to the file. `lock` is shared with the ORM's connection."""

    dialect: Literal["sqlite", "postgres"] = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = asyncio.Lock()
        self._writer_thread = ThreadPoolExecutor(1, thread_name_prefix="hub-writer")
        self._reader_thread = ThreadPoolExecutor(1, thread_name_prefix="hub-reader")
        self._writer = connect(path)
        self._reader = connect(path, read_only=True)
        self._inline = connect(path, read_only=True)
        self._nodes: dict[Identifier, int] = {}
        self._next_node = 0
        self._next_seq = 0
        self._recent: deque[Row] = deque(maxlen=RECENT_ROWS)  # the newest entries, for a follower
        self._wal = Path(f"{path}-wal")
        self._wal_size = 0
        self._locked_at = float("-inf")  # when another program's lock kept us out last
        self._impatient = False
        self.syncs = Timing()  # commits of the log: what the disk takes to make them durable

    async def in_writer(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in the writer's thread. The caller holds the lock."""
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._writer_thread, self._patiently, work)
        try:
            return await asyncio.shield(running)
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(remedy(error)) from error
        except asyncio.CancelledError:
            # The thread goes on all the same: the lock must not pass to another before it ends.
            await asyncio.wait([running])
            raise

    def _patiently(self, work: Callable[[sqlite3.Connection], T]) -> T:
        impatient = time.monotonic() - self._locked_at < LOCKED_SECONDS
        if impatient != self._impatient:
            patience = LOCKED_MS if impatient else PRAGMAS["busy_timeout"]
            self._writer.execute(f"PRAGMA busy_timeout={patience}")
            self._impatient = impatient
        try:
            return work(self._writer)
        except sqlite3.OperationalError as error:
            if is_locked(error):
                self._locked_at = time.monotonic()
            raise

    async def fetch(self, sql: str, params: Row = ()) -> list[Row]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._reader_thread, lambda: self._reader.execute(sql, params).fetchall()
        )

    async def get(self, sql: str, params: Row = ()) -> list[Row]:
        # A point read inline costs 7 us, a hop to a thread ten times that.
        return self._inline.execute(sql, params).fetchall()

    async def write(self, writes: Sequence[Write], *, durable: bool = True) -> None:
        def run(connection: sqlite3.Connection) -> None:
            if not durable:
                connection.execute("PRAGMA synchronous=NORMAL")
            try:
                with _Immediate(connection):
                    for sql, rows in writes:
                        run_rows(connection, sql, rows)
            finally:
                if not durable:
                    connection.execute("PRAGMA synchronous=FULL")

        async with self._held("write"):
            await self.in_writer(run)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqliteTransaction]:
        async with self._held("transaction"):
            try:
                await self.in_writer(lambda c: c.execute("BEGIN IMMEDIATE"))
                yield SqliteTransaction(self)
                await self.in_writer(lambda c: c.execute("COMMIT"))
            except BaseException:  # a failed or cancelled BEGIN or COMMIT leaves it open too
                await self.in_writer(lambda c: c.rollback())
                raise

    async def append(
        self, entries: Sequence[Entry], counts: Mapping[CountKey, int] | None = None
    ) -> list[Appended]:
        async with self._held("append"):
            if self._wal_size > WAL_BYTES and await self._checkpoint():
                raise StoreUnavailable(
                    "a program has been reading the database for too long: close it"
                )
            outcomes, rows = await self.in_writer(lambda c: self._append(c, entries, counts))
            self._recent.extend(rows)
            self._wal_size = self._wal_bytes()
            if self._wal_size > CHECKPOINT_BYTES:
                await self._checkpoint()
        return outcomes

    def recent(self, after: int, limit: int) -> Sequence[Row]:
        recent = self._recent
        while recent and recent[0][0] <= after:
            recent.popleft()
        if not recent or recent[0][0] != after + 1:
            return ()
        return [recent.popleft() for _ in range(min(limit, len(recent)))]

    async def _checkpoint(self) -> bool:
        """True if the WAL stays as it is."""
        try:
            return await self.in_writer(_checkpoint)
        except StoreUnavailable as error:  # the entries are durable in the WAL: nothing failed
            log.warning("the WAL stays long for now: %s", error)
            return True

    async def forget(self, tables: Sequence[str]) -> None:
        async with self._held("forget"):
            self._nodes.clear()
            self._recent.clear()
            async with self._no_reader():
                busy = await self.in_writer(_checkpoint)
        if busy:
            raise StoreUnavailable("a long read still holds the old rows; this is tried again")

    @asynccontextmanager
    async def _no_reader(self) -> AsyncIterator[None]:
        """Nobody of this process reads before the block ends: a read of a moment must not look
        like a long one."""
        loop = asyncio.get_running_loop()
        began, done = asyncio.Event(), threading.Event()

        def wait() -> None:
            loop.call_soon_threadsafe(began.set)
            done.wait()

        waiting = loop.run_in_executor(self._reader_thread, wait)
        try:
            await began.wait()
            yield
        finally:
            done.set()
            await waiting

    async def close(self) -> None:
        async with self.lock:
            self._writer_thread.shutdown(wait=True)
            self._reader_thread.shutdown(wait=True)
            self._reader.close()
            self._inline.close()
            try:
                _checkpoint(self._writer)
            except sqlite3.OperationalError as error:  # it is all in the WAL, for the next start
                log.warning("the WAL stays long for now: %s", error)
            self._writer.close()

    @asynccontextmanager
    async def _held(self, what: str) -> AsyncIterator[None]:
        async with self.lock:
            started = time.monotonic()
            yield
            held = time.monotonic() - started
        if held > SLOW_HOLD_SECONDS:
            log.warning("the write lock was held %.0f ms by %s", held * 1000, what)

    def _append(
        self,
        connection: sqlite3.Connection,
        entries: Sequence[Entry],
        counts: Mapping[CountKey, int] | None,
    ) -> tuple[list[Appended], list[Row]]:
        if not self._next_seq:
            self._next_seq = _one(connection, "SELECT COALESCE(MAX(seq), 0) + 1 FROM log")
            self._next_node = _one(connection, "SELECT COALESCE(MAX(id), 0) + 1 FROM node")
        seq, node = self._next_seq, self._next_node
        try:
            with _Immediate(connection, self.syncs):
                newest = newest_sightings(connection, entries)
                outcomes = self._deduplicate(connection, entries, newest)
                fresh = [e for e, o in zip(entries, outcomes, strict=True) if not o.duplicate]
                ids = self._resolve(connection, fresh)
                rows = insert(
                    connection, fresh, [o.seq for o in outcomes if not o.duplicate], ids, newest
                )
                run_rows(connection, COUNT_SQL, tally(entries, outcomes, counts))
        except BaseException:
            self._next_seq, self._next_node = seq, node
            self._nodes.clear()
            raise
        return outcomes, rows

    def _deduplicate(
        self,
        connection: sqlite3.Connection,
        entries: Sequence[Entry],
        newest: dict[bytes, tuple[int, int]],
    ) -> list[Appended]:
        keys = [entry.dedupe for entry in entries if entry.dedupe is not None]
        seen: dict[bytes, tuple[int, int]] = {}
        for start in range(0, len(keys), 500):
            part = keys[start : start + 500]
            marks = ",".join("?" * len(part))
            sql = f"SELECT key, seq, body_hash FROM dedupe WHERE key IN ({marks})"  # noqa: S608
            seen.update((key, (seq, digest)) for key, seq, digest in connection.execute(sql, part))
        outcomes = judge(entries, seen, newest, self._next_seq)
        self._next_seq += sum(not outcome.duplicate for outcome in outcomes)
        return outcomes

    def _resolve(
        self, connection: sqlite3.Connection, entries: Sequence[Entry]
    ) -> Mapping[Identifier, int]:
        if len(self._nodes) > CACHED_NODES:
            self._nodes.clear()
        known = self._nodes
        new = []
        for identifier in identifiers_of(entries):
            if identifier in known:
                continue
            row = connection.execute(
                "SELECT id FROM node WHERE namespace = ? AND type = ? AND value = ?",
                (identifier.namespace, identifier.type, identifier.value),
            ).fetchone()
            if row is None:
                known[identifier] = self._next_node
                new.append(
                    (self._next_node, identifier.namespace, identifier.type, identifier.value)
                )
                self._next_node += 1
            else:
                known[identifier] = row[0]
        run_rows(connection, "INSERT INTO node (id, namespace, type, value) VALUES (?,?,?,?)", new)
        return known

    def _wal_bytes(self) -> int:
        try:
            return self._wal.stat().st_size
        except FileNotFoundError:
            return 0


class _Immediate:
    def __init__(self, connection: sqlite3.Connection, timing: Timing | None = None) -> None:
        self._connection = connection
        self._timing = timing

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            started = time.perf_counter()
            try:
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.rollback()
                raise
            if self._timing is not None:
                self._timing.add(time.perf_counter() - started)
        else:
            self._connection.rollback()


def _checkpoint(connection: sqlite3.Connection) -> bool:
    """Move the WAL into the file; True if somebody still reads from it: then the next one does."""
    (patience,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout=0")
    try:
        return bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
    finally:
        connection.execute(f"PRAGMA busy_timeout={patience}")


def _one(connection: sqlite3.Connection, sql: str) -> int:
    return int(connection.execute(sql).fetchone()[0])
