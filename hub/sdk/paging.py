"""Reading long lists that change while they are read, without skipping a row.

Page numbers over a moving list skip rows: when a row leaves a page that was read, the rest
moves up. `by_change` always asks for "the first page after this moment" instead; `by_id`
overlaps pages by one row and steps back when that row is not where it was.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from hub.sdk.errors import Broken

SECOND = timedelta(seconds=1)
MAX_IDLE = 50  # full pages without a new row
Row = dict[str, Any]
Mark = tuple[int, datetime | None]  # a row as it was read: its id and its stamp


@dataclass(frozen=True, slots=True)
class Listing:
    """One page as the vendor answered it, and how many rows match in all, if it said so."""

    rows: list[Row]
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows that were not handed out before in this run, and where to go on after them."""

    rows: list[Row]
    after: datetime | None  # resume by_change with this
    remaining: int | None  # rows that the vendor still has after these


class ChangeSource(Protocol):
    """A list that can be asked for rows changed after a moment, in whole seconds."""

    size: int

    async def after(self, moment: datetime | None) -> Listing:
        """The first page of rows changed strictly after the moment, oldest change first."""
        ...

    async def window(
        self, after: datetime | None, until: datetime, offset: int, limit: int
    ) -> Listing:
        """Rows changed strictly after `after` and at or before `until`, ordered by id."""
        ...

    def key(self, row: Row) -> int:
        """The row's id."""
        ...

    def stamp(self, row: Row) -> datetime | None:
        """When it changed, in whole seconds; None when it does not say."""
        ...


async def by_change(source: ChangeSource, since: datetime | None) -> AsyncIterator[Slice]:
    """All rows changed after `since`, in order of change, until the list has no newer one.

    A row that changes meanwhile moves to the end and is read there; one that leaves the list
    moves nothing, for no page number is used. A stretch is read by id instead where a page is
    full of one second (an import), where the order is not that of the stamps, and where the
    totals say that rows are missing: a vendor may sort by local time when the clocks go back.
    """
    after = since
    behind: tuple[datetime | None, int] | None = None  # the step before, rows to come after it
    seen: set[Mark] = set()
    while True:
        listing = await source.after(after)
        if behind and after and listing.total is not None and listing.total < behind[1]:
            async for piece in _stretch(source, behind[0], after, seen):
                yield piece
        behind = None
        last = _latest(source, listing.rows)
        full = len(listing.rows) >= source.size
        if full and last is None:
            raise Broken("The shop's list names no time of change, so it cannot be read.")
        if full and last and after and last <= after:
            raise Broken("The shop ignores the time that its list was asked for.")
        # one second back: rows of the last second may have been cut off by the page
        following = last - SECOND if last else after
        stuck = after is not None and following is not None and following <= after
        new, seen = _unseen(source, listing.rows, seen, last)
        left = None if listing.total is None else max(listing.total - len(listing.rows), 0)
        if full and last is not None and (stuck or not _ascending(source, listing.rows)):
            yield Slice(new, after, left)
            async for piece in _stretch(source, after, last, seen):
                yield piece
            after, seen = last, set()
        else:
            yield Slice(new, following, left)
            if not full:
                return
            if listing.total is not None and following:
                behind = after, listing.total - _until(source, listing.rows, following)
            after = following


def _until(source: ChangeSource, rows: list[Row], moment: datetime) -> int:
    return sum(1 for row in rows if (stamp := source.stamp(row)) and stamp <= moment)


async def _stretch(
    source: ChangeSource, after: datetime | None, until: datetime, seen: set[Mark]
) -> AsyncIterator[Slice]:
    async def fetch(offset: int, limit: int) -> Listing:
        return await source.window(after, until, offset, limit)

    async for piece, _, _ in by_id(fetch, source.key, size=source.size):
        new, _ = _unseen(source, piece.rows, seen, until)
        yield Slice(new, after, piece.remaining)


def _ascending(source: ChangeSource, rows: list[Row]) -> bool:
    stamps = [stamp for row in rows if (stamp := source.stamp(row)) is not None]
    return stamps == sorted(stamps)


def _latest(source: ChangeSource, rows: list[Row]) -> datetime | None:
    stamps = [stamp for row in rows if (stamp := source.stamp(row)) is not None]
    return max(stamps, default=None)


def _unseen(
    source: ChangeSource,
    rows: list[Row],
    seen: set[Mark],
    last: datetime | None,
) -> tuple[list[Row], set[Mark]]:
    """The rows not in `seen`, and what must be remembered: only the newest second can be
    read twice, so that memory stays small."""
    marks = [(source.key(row), source.stamp(row)) for row in rows]
    new = [row for row, mark in zip(rows, marks, strict=True) if mark not in seen]
    keep = {mark for mark in (*seen, *marks) if mark[1] is None or mark[1] == last}
    return new, keep


Fetch = Callable[[int, int], Awaitable[Listing]]


async def by_id(
    fetch: Fetch,
    key: Callable[[Row], int],
    *,
    size: int,
    position: int = 0,
    last: int = 0,
) -> AsyncIterator[tuple[Slice, int, int]]:
    """All rows of a list ordered by id, as (slice, position, last id); both resume it.

    `fetch(offset, limit)`. Each page begins with the last row of the one before: is it not
    there, rows before it were deleted, and the reading steps back to find it.
    """
    idle = 0
    while True:
        offset = max(position - 1, 0)
        listing = await fetch(offset, size)
        ids = [key(row) for row in listing.rows]
        moved_up = offset > 0 and (not ids or ids[0] > last)
        if moved_up:
            position = max(position - size, 0)
            continue
        new = [row for row, own in zip(listing.rows, ids, strict=True) if own > last]
        if ids != sorted(ids):
            raise Broken("The shop's list is not ordered by id as it was asked to be.")
        idle = 0 if new else idle + 1
        if idle > MAX_IDLE:
            raise Broken("The shop ignores the place that its list was asked for.")
        position = offset + len(ids)
        last = max([last, *ids])
        left = None if listing.total is None else max(listing.total - position, 0)
        yield Slice(new, None, left), position, last
        if len(ids) < size:
            return
