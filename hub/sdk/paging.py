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
Row = dict[str, Any]


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

    async def within(self, second: datetime, page: int) -> Listing:
        """A page (from 1) of the rows changed in exactly this second, ordered by id."""
        ...

    def key(self, row: Row) -> object:
        """The row's identity."""
        ...

    def stamp(self, row: Row) -> datetime | None:
        """When it changed, in whole seconds; None when it does not say."""
        ...


async def by_change(source: ChangeSource, since: datetime | None) -> AsyncIterator[Slice]:
    """All rows changed after `since`, in order of change, until the list has no newer one.

    A row that changes meanwhile moves to the end and is read there; one that leaves the list
    moves nothing, for no page number is used.
    """
    after = since
    seen: set[tuple[object, datetime | None]] = set()
    while True:
        listing = await source.after(after)
        last = _latest(source, listing.rows)
        full = len(listing.rows) >= source.size
        # one second back: rows of the last second may have been cut off by the page
        following = last - SECOND if last else after
        stuck = full and (following is None or (after is not None and following <= after))
        if stuck and last is None:
            raise Broken("The shop's list names no time of change, so it cannot be read.")
        new, seen = _unseen(source, listing.rows, seen, last)
        left = None if listing.total is None else max(listing.total - len(listing.rows), 0)
        yield Slice(new, following, left)
        if not full:
            return
        after = following
        if stuck and last is not None:
            async for rows in _one_second(source, last):
                new, seen = _unseen(source, rows, seen, last)
                yield Slice(new, after, left)
            after = last


async def _one_second(source: ChangeSource, second: datetime) -> AsyncIterator[list[Row]]:
    """More rows than a page holds changed in one second (an import): page through it by id,
    from the start again whenever a row left it meanwhile."""
    page, total = 1, None
    for _ in range(10_000):
        listing = await source.within(second, page)
        if total is not None and listing.total is not None and listing.total < total:
            page, total = 1, None
            continue
        total = listing.total if page == 1 else total
        yield listing.rows
        if len(listing.rows) < source.size:
            return
        page += 1
    raise Broken("The shop's list does not end.")


def _latest(source: ChangeSource, rows: list[Row]) -> datetime | None:
    stamps = [stamp for row in rows if (stamp := source.stamp(row)) is not None]
    return max(stamps, default=None)


def _unseen(
    source: ChangeSource,
    rows: list[Row],
    seen: set[tuple[object, datetime | None]],
    last: datetime | None,
) -> tuple[list[Row], set[tuple[object, datetime | None]]]:
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
    while True:
        offset = max(position - 1, 0)
        listing = await fetch(offset, size)
        ids = [key(row) for row in listing.rows]
        moved_up = offset > 0 and (not ids or ids[0] > last)
        if moved_up:
            position = max(position - size, 0)
            continue
        new = [row for row, own in zip(listing.rows, ids, strict=True) if own > last]
        full = len(listing.rows) >= size
        if full and not new and ids and ids[-1] < last and offset + len(ids) <= position - size:
            raise Broken("The shop's list is not ordered by id.")
        position = offset + len(ids)
        last = max([last, *ids])
        left = None if listing.total is None else max(listing.total - position, 0)
        yield Slice(new, None, left), position, last
        if not full:
            return
