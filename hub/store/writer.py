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
Waiter = tuple[Sequence[Entry], asyncio.Future[list[Appended]]]


class Overloaded(Exception):
    """The queue is full: the sender keeps its events and comes back later."""


class Writer:
    """Takes entries from many callers and appends them in shared transactions.

    `append` returns once its entries are durable. Counts of rejected events ride along.
    """

    def __init__(self, database: Database, on_stored: Callable[[], None] = lambda: None) -> None:
        self._database = database
        self._on_stored = on_stored
        self._queue: deque[Waiter] = deque()
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
            stored = True
            # Counts alone are not tried again and again: they wait for the next batch.
            while self._queue or (self._counts and stored):
                stored = await self._commit()
            if self._closing:
                return

    async def _commit(self) -> bool:
        batch: list[Entry] = []
        waiters: list[Waiter] = []
        while self._queue and len(batch) < BATCH_ENTRIES:
            entries, future = self._queue.popleft()
            batch.extend(entries)
            waiters.append((entries, future))
        counts, self._counts = self._counts, {}
        self._waiting -= len(batch)
        try:
            outcomes = await self._database.append(batch, counts)
        except Exception as error:  # every waiter must hear of it, and the loop must live on
            for key, n in counts.items():
                self._counts[key] = self._counts.get(key, 0) + n
            await self._failed(waiters, error)
            return False
        _answer(waiters, outcomes)
        self._on_stored()
        return True

    async def _failed(self, waiters: Sequence[Waiter], error: Exception) -> None:
        if isinstance(error, StoreUnavailable):
            _refuse(waiters, error)
        elif len(waiters) == 1:
            log.error("entries could not be stored", exc_info=error)
            _refuse(waiters, StoreUnavailable(f"could not be stored: {type(error).__name__}"))
        else:  # something in one caller's entries: the others must not suffer for it
            for waiter in waiters:
                await self._alone(waiter)

    async def _alone(self, waiter: Waiter) -> None:
        try:
            outcomes = await self._database.append(waiter[0])
        except Exception as error:
            await self._failed([waiter], error)
        else:
            _answer([waiter], outcomes)
            self._on_stored()


def _answer(waiters: Sequence[Waiter], outcomes: Sequence[Appended]) -> None:
    start = 0
    for entries, future in waiters:
        if not future.done():
            future.set_result(list(outcomes[start : start + len(entries)]))
        start += len(entries)


def _refuse(waiters: Sequence[Waiter], error: Exception) -> None:
    for _, future in waiters:
        if not future.done():
            future.set_exception(error)
