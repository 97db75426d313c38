"""Group commit: what arrives while one commit runs goes into the next one together."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from hub.meters import Timing
from hub.store.database import DAY_MS, Appended, CountKey, Database, Entry, StoreUnavailable
from hub.store.lanes import Lanes, Overloaded, Waiter

log = logging.getLogger("hub.store")

BATCH_ENTRIES = 1000


class Writer:
    """Takes entries from many callers and appends them in shared transactions.

    `append` returns once its entries are durable. Counts of rejected events ride along.
    """

    def __init__(self, database: Database, on_stored: Callable[[], None] = lambda: None) -> None:
        self._database = database
        self._on_stored = on_stored
        self._queue = Lanes()
        self._counts: dict[CountKey, int] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        # Set while somebody is to be kept out: what may be stored of an entry, or None.
        self.screen: Callable[[Entry], Entry | None] | None = None
        self.shut = ""  # why no events and records are taken now; what staff and visitors ask is
        self.stored = 0
        self.duplicates = 0
        self.commits = Timing()  # waiting for the write lock included
        self.failed_at: float | None = None  # when the last commit failed, by the loop's clock

    @property
    def waiting(self) -> int:
        """Entries that wait to be stored."""
        return self._queue.entries

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="hub-writer")

    async def append(self, entries: Sequence[Entry]) -> list[Appended]:
        """Store the entries durably, in order. Raises Overloaded or StoreUnavailable."""
        if self.screen is not None:
            return await self._screened(entries, self.screen)
        return await self._append(entries)

    async def _screened(
        self, entries: Sequence[Entry], screen: Callable[[Entry], Entry | None]
    ) -> list[Appended]:
        """What is dropped is counted as rejected, but the sender is told nothing: else anybody
        could find out who was erased."""
        kept = [screen(entry) for entry in entries]
        stored = iter(await self._append([entry for entry in kept if entry is not None]))
        outcomes = []
        for before, entry in zip(entries, kept, strict=True):
            outcomes.append(next(stored) if entry is not None else Appended(0, dropped=True))
            if entry is None and before.dedupe is not None:
                day = before.received_at // DAY_MS
                self.count((day, before.source_id, "rejected", "suppressed"))
        return outcomes

    async def _append(self, entries: Sequence[Entry]) -> list[Appended]:
        if not entries:
            return []
        if self._closing:
            raise Overloaded("the hub is stopping")
        if self.shut and entries[0].dedupe is not None:
            raise StoreUnavailable(self.shut)
        future: asyncio.Future[list[Appended]] = asyncio.get_running_loop().create_future()
        self._queue.add((entries, future))
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
        waiters = self._queue.take(BATCH_ENTRIES)
        batch = [entry for entries, _ in waiters for entry in entries]
        counts, self._counts = self._counts, {}
        started = time.perf_counter()
        try:
            outcomes = await self._database.append(batch, counts)
        except Exception as error:  # every waiter must hear of it, and the loop must live on
            for key, n in counts.items():
                self._counts[key] = self._counts.get(key, 0) + n
            await self._failed(waiters, error)
            return False
        self.commits.add(time.perf_counter() - started)
        self._took(waiters, outcomes)
        return True

    def _took(self, waiters: Sequence[Waiter], outcomes: Sequence[Appended]) -> None:
        duplicates = sum(outcome.duplicate for outcome in outcomes)
        self.stored += len(outcomes) - duplicates
        self.duplicates += duplicates
        if self.failed_at is not None:
            log.warning("events are stored again")
        self.failed_at = None
        _answer(waiters, outcomes)
        self._on_stored()

    async def _failed(self, waiters: Sequence[Waiter], error: Exception) -> None:
        if isinstance(error, StoreUnavailable):
            if self.failed_at is None:  # said once, however long it lasts
                log.error("events can not be stored, their senders keep them: %s", error)
            self.failed_at = asyncio.get_running_loop().time()
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
            self._took([waiter], outcomes)


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
