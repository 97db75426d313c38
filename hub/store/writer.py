"""Group commit: what arrives while one commit runs goes into the next one together."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

from hub.store.database import Appended, CountKey, Database, Entry, StoreUnavailable

log = logging.getLogger("hub.store")

BATCH_ENTRIES = 1000
QUEUE_ENTRIES = 20_000


class Overloaded(Exception):
    """The queue is full: the sender keeps its events and comes back later."""


class Writer:
    """Takes entries from many callers and appends them in shared transactions.

    `append` returns once its entries are durable. Counts of rejected events ride along.
    """

    def __init__(self, database: Database, on_stored: Callable[[], None] = lambda: None) -> None:
        self._database = database
        self._on_stored = on_stored
        self._queue: deque[tuple[Sequence[Entry], asyncio.Future[list[Appended]]]] = deque()
        self._waiting = 0
        self._counts: dict[CountKey, int] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="hub-writer")

    async def append(self, entries: Sequence[Entry]) -> list[Appended]:
        """Store the entries durably, in order. Raises Overloaded or StoreUnavailable."""
        if not entries:
            return []
        if self._closing or self._waiting + len(entries) > QUEUE_ENTRIES:
            raise Overloaded("too many events wait to be stored")
        future: asyncio.Future[list[Appended]] = asyncio.get_running_loop().create_future()
        self._queue.append((entries, future))
        self._waiting += len(entries)
        self._wake.set()
        return await future

    def count(self, key: CountKey, n: int = 1) -> None:
        """Add to the accounting; written with the next batch."""
        self._counts[key] = self._counts.get(key, 0) + n
        self._wake.set()

    async def close(self) -> None:
        """Store what waits, then stop taking more."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue or self._counts:
                await self._commit()
            if self._closing:
                return

    async def _commit(self) -> None:
        batch: list[Entry] = []
        waiters: list[tuple[int, asyncio.Future[list[Appended]]]] = []
        while self._queue and len(batch) < BATCH_ENTRIES:
            entries, future = self._queue.popleft()
            batch.extend(entries)
            waiters.append((len(entries), future))
        counts, self._counts = self._counts, {}
        self._waiting -= len(batch)
        try:
            outcomes = await self._database.append(batch, counts)
        except Exception as error:  # every waiter must hear of it, and the loop must live on
            self._fail(waiters, error, counts)
            return
        start = 0
        for length, future in waiters:
            if not future.cancelled():
                future.set_result(outcomes[start : start + length])
            start += length
        self._on_stored()

    def _fail(
        self,
        waiters: Sequence[tuple[int, asyncio.Future[list[Appended]]]],
        error: Exception,
        counts: dict[CountKey, int],
    ) -> None:
        if not isinstance(error, StoreUnavailable):
            log.exception("a batch could not be stored")
            error = StoreUnavailable(f"the event could not be stored: {type(error).__name__}")
        for _, future in waiters:
            if not future.cancelled():
                future.set_exception(error)
        if (
            waiters
        ):  # without waiters there is nobody to come back: drop the counts with the log line
            for key, n in counts.items():
                self._counts[key] = self._counts.get(key, 0) + n
