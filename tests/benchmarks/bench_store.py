"""Target 4: events a second through the writer, beside bare sqlite3 on the same tables."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from hub.sdk.records import Identifier
from hub.store.database import DEDUPE_SQL, LOG_COLUMNS, Entry, Row
from hub.store.migrate import migrate_sqlite
from hub.store.sqlite import CHECKPOINT_BYTES, SqliteDatabase, connect
from hub.store.writer import Writer

BATCH = 1000
DEVICES = 5_000
AT = 1_795_000_000_000
MARKS = ",".join("?" * 9)
LOG_SQL = f"INSERT INTO log ({LOG_COLUMNS}) VALUES ({MARKS})"
NODE_SQL = "INSERT INTO node (id, namespace, type, value) VALUES (?,?,?,?)"
BODY = {"type": "track", "event": "Product Viewed", "properties": {"product_id": "p1"},
        "context": {"page": {"url": "https://shop.example/p/1", "path": "/p/1"}}}  # fmt: skip


def entries(first: int, n: int) -> list[Entry]:
    """Events as the intake makes them, each with a message id of its own."""
    found = []
    for i in range(first, first + n):
        body = orjson.dumps({**BODY, "n": i}).decode()
        key = blake2b(b"%d" % i, digest_size=16).digest()
        who = Identifier("", "device", f"d{i % DEVICES}")
        found.append(
            Entry(
                "event", "Product Viewed", who, (), AT + i, AT + i, 1, body,
                (600).to_bytes(3, "big") + (1).to_bytes(4, "big") + key, i,
            )
        )  # fmt: skip
    return found


async def ours(writer: Writer, batches: Sequence[Sequence[Entry]]) -> float:
    started = time.perf_counter()
    for batch in batches:
        await writer.append(batch)
    return time.perf_counter() - started


class Bare:
    """The same rows by executemany, one durable transaction per batch; it checks nothing."""

    def __init__(self, file: Path) -> None:
        self._connection = connect(file)
        migrate_sqlite(self._connection)
        page = self._connection.execute("PRAGMA page_size").fetchone()[0]
        self._connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_BYTES // page}")
        self._connection.executemany(
            NODE_SQL, [(i + 1, "", "device", f"d{i}") for i in range(DEVICES)]
        )
        self._seq = 0

    def rows(self, batch: Sequence[Entry]) -> tuple[list[Row], list[Row]]:
        log, dedupe = [], []
        for entry in batch:
            self._seq += 1
            assert entry.subject is not None
            node = int(entry.subject.value[1:]) + 1
            log.append((self._seq, entry.kind, entry.name, node, "", entry.at, entry.received_at,
                        entry.source_id, entry.body))  # fmt: skip
            dedupe.append((entry.dedupe, self._seq, entry.body_hash))
        return log, dedupe

    def store(self, batches: Sequence[Sequence[Entry]]) -> float:
        made = [self.rows(batch) for batch in batches]
        started = time.perf_counter()
        for log, dedupe in made:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(LOG_SQL, log)
            self._connection.executemany(DEDUPE_SQL, dedupe)
            self._connection.execute("COMMIT")
        return time.perf_counter() - started

    def count(self) -> int:
        return int(self._connection.execute("SELECT COUNT(*) FROM log").fetchone()[0])

    def close(self) -> None:
        self._connection.close()


async def measure(folder: Path, rounds: int, batches: int) -> tuple[list[float], list[float]]:
    """Seconds of ours and of the control, in turns on two files."""
    file = folder / "ours.db"
    with closing(connect(file)) as connection:
        migrate_sqlite(connection)
    database, bare = SqliteDatabase(file), Bare(folder / "bare.db")
    writer = Writer(database)
    writer.start()
    mine, theirs, first = [], [], 0
    try:
        for number in range(rounds + 1):
            made = [entries(first + b * BATCH, BATCH) for b in range(batches)]
            first += batches * BATCH
            turns = [await ours(writer, made), bare.store(made)] if number % 2 else [
                bare.store(made), await ours(writer, made)][::-1]  # fmt: skip
            if number:  # the first round makes the nodes and warms both
                mine.append(turns[0])
                theirs.append(turns[1])
        ((stored,),) = await database.fetch("SELECT COUNT(*) FROM log")
        if not stored == bare.count() == first:
            raise RuntimeError(f"{stored} and {bare.count()} of {first} events were stored")
    finally:
        await writer.close()
        await database.close()
        bare.close()
    return mine, theirs


def run(quick: bool) -> list[dict[str, Any]]:
    """The median of the rounds' ratios."""
    rounds, batches = (2, 5) if quick else (9, 40)
    with tempfile.TemporaryDirectory(prefix="hub-store-") as name:
        mine, theirs = asyncio.run(measure(Path(name), rounds, batches))
    n = batches * BATCH
    ratio = median(bare / own for own, bare in zip(mine, theirs, strict=True))
    return [
        {"name": "4 events through the writer, batches of 1000", "value": ratio, "unit": "x bare",
         "control": f"bare {n / median(theirs):,.0f} events/s", "target": ">= 0.6",
         "met": ratio >= 0.6},
        {"name": "4 the same", "value": round(n / median(mine)), "unit": "events/s", "control": "",
         "target": "", "met": None},
    ]  # fmt: skip
