"""The queue before the writer: bounded in entries and bytes, and shared fairly.

Whoever waits there may hold as much as is still free. So one who floods the queue fills half of it,
and everybody else finds room; with nobody else about, nothing is held back before that.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextvars import ContextVar

from hub.store.database import Appended, Entry

QUEUE_ENTRIES = 20_000
QUEUE_BYTES = 64 * 1024**2
# What an entry takes besides its body: its key, its links, its place in the queue.
ENTRY_BYTES = 600
# Entries of one source that go into a batch before the next source has its turn.
TURN_ENTRIES = 250

# The network of the visitor on whose behalf this task works; "": nobody's, as a shop's own server.
caller: ContextVar[str] = ContextVar("hub_caller", default="")
Waiter = tuple[Sequence[Entry], asyncio.Future[list[Appended]]]


class Overloaded(Exception):
    """There is no room for more now: the sender keeps its events and comes back after so many
    seconds."""

    def __init__(self, text: str, after: int = 5) -> None:
        super().__init__(text)
        self.after = after


class _Held:
    """What one source, one network or all together have in the queue."""

    __slots__ = ("entries", "size")

    def __init__(self) -> None:
        self.entries = 0
        self.size = 0

    def add(self, entries: int, size: int) -> None:
        self.entries += entries
        self.size += size


class _Lane(_Held):
    """The queue of one source. `credit`: entries that it may still send in its turn; a debt when
    its last request was larger than that."""

    __slots__ = ("credit", "waiting")

    def __init__(self) -> None:
        super().__init__()
        self.credit = 0
        self.waiting: deque[tuple[Waiter, int, str]] = deque()


class Lanes:
    """Waiters, first in first out for each source, and the sources in turn."""

    def __init__(self) -> None:
        self._lanes: dict[int, _Lane] = {}
        self._networks: dict[tuple[int, str], _Held] = {}
        self._all = _Held()

    def __bool__(self) -> bool:
        return bool(self._lanes)

    @property
    def entries(self) -> int:
        """Entries that wait."""
        return self._all.entries

    def add(self, waiter: Waiter) -> None:
        """Let the entries of one source wait. Raises Overloaded."""
        entries = waiter[0]
        source, network = entries[0].source_id, caller.get()
        n = len(entries)
        size = n * ENTRY_BYTES + sum([len(entry.body) for entry in entries])
        lane = self._lanes.get(source)
        if lane is None:
            lane = _Lane()
        shared = self._networks.get((source, network)) if network else None
        if not self._fits(n, size, lane, 1) or (shared and not self._fits(n, size, shared, 2)):
            raise Overloaded("too many events wait to be stored")
        if network:
            if shared is None:
                shared = self._networks[source, network] = _Held()
            shared.add(n, size)
        self._lanes[source] = lane
        lane.waiting.append((waiter, size, network))
        lane.add(n, size)
        self._all.add(n, size)

    def take(self, limit: int) -> list[Waiter]:
        """Who goes into the next batch: at least one, and no more once `limit` is reached."""
        taken: list[Waiter] = []
        n = 0
        while self._lanes and n < limit:
            source = next(iter(self._lanes))
            lane = self._lanes.pop(source)
            lane.credit = min(TURN_ENTRIES, lane.credit + TURN_ENTRIES)
            while lane.waiting and lane.credit > 0 and n < limit:
                waiter, size, network = lane.waiting.popleft()
                taken.append(waiter)
                n += len(waiter[0])
                self._left(lane, source, network, len(waiter[0]), size)
            if lane.waiting:
                self._lanes[source] = lane  # at the end: the next source has its turn
        return taken

    def _fits(self, n: int, size: int, held: _Held, part: int) -> bool:
        """At most the `part`-th part of what is free; who has nothing yet may have any of it."""
        if not self._all.entries:
            return True
        entries, room = QUEUE_ENTRIES - self._all.entries, QUEUE_BYTES - self._all.size
        if held.entries:
            entries = entries // part - held.entries
            room = room // part - held.size
        return n <= entries and size <= room

    def _left(self, lane: _Lane, source: int, network: str, n: int, size: int) -> None:
        lane.credit -= n
        lane.add(-n, -size)
        self._all.add(-n, -size)
        if network:
            shared = self._networks[source, network]
            shared.add(-n, -size)
            if not shared.entries:
                del self._networks[source, network]
