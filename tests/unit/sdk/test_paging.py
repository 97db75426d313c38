"""Lists that change under the reader: nothing may be skipped."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.sdk.errors import Broken
from hub.sdk.paging import Listing, Row, by_change, by_id

START = datetime(2026, 10, 25, 0, 58, tzinfo=UTC)  # two minutes before the clocks go back
SECOND = timedelta(seconds=1)


@dataclass
class Shop:
    """A list of rows that are touched, added and deleted between the requests."""

    random: Random
    size: int = 4
    changes: int = 12  # requests that are followed by changes
    local_order: bool = False  # sorts by a local clock that goes back an hour
    stamps: dict[int, datetime] = field(default_factory=dict)
    now: datetime = START
    requests: int = 0
    made: int = 0

    def add(self, count: int) -> None:
        for _ in range(count):
            self.made += 1  # ids are never given twice
            self.stamps[self.made] = self.now
            self.now += self.random.choice([0, 0, 0, 1, 40]) * SECOND

    def _change(self) -> None:
        self.requests += 1
        if self.requests > self.changes:
            return
        for _ in range(self.random.randrange(4)):
            self.now += self.random.choice([0, 1]) * SECOND
            what = self.random.choice(["touch", "touch", "delete", "add"])
            if what == "add" or not self.stamps:
                self.add(1)
            elif what == "touch":
                self.stamps[self.random.choice(sorted(self.stamps))] = self.now
            else:
                del self.stamps[self.random.choice(sorted(self.stamps))]

    def _answer(self, ids: list[int], total: int) -> Listing:
        rows = [{"id": number, "stamp": self.stamps[number]} for number in ids]
        self._change()
        return Listing(rows, total)

    def _sorting(self, number: int) -> tuple[datetime, int]:
        at = self.stamps[number]
        back = timedelta(hours=1) if self.local_order and at >= START + 120 * SECOND else SECOND * 0
        return at - back, number

    async def after(self, moment: datetime | None) -> Listing:
        ids = [n for n, at in self.stamps.items() if moment is None or at > moment]
        ids.sort(key=self._sorting)
        return self._answer(ids[: self.size], len(ids))

    async def window(
        self, after: datetime | None, until: datetime, offset: int, limit: int
    ) -> Listing:
        ids = [n for n, at in self.stamps.items() if (not after or at > after) and at <= until]
        return self._answer(sorted(ids)[offset : offset + limit], len(ids))

    async def fetch(self, offset: int, limit: int) -> Listing:
        return self._answer(sorted(self.stamps)[offset : offset + limit], len(self.stamps))

    def key(self, row: Row) -> int:
        return int(row["id"])

    def stamp(self, row: Row) -> datetime | None:
        stamp: datetime = row["stamp"]
        return stamp


async def changed(shop: Shop, since: datetime | None) -> list[tuple[int, datetime]]:
    found = []
    async for piece in by_change(shop, since):
        found += [(row["id"], row["stamp"]) for row in piece.rows]
    return found


@settings(max_examples=300, deadline=None)
@given(st.integers(), st.integers(0, 60))
def test_two_runs_know_the_last_state_of_every_row(seed: int, rows: int) -> None:
    shop = Shop(Random(seed))
    shop.add(rows)

    async def runs() -> set[tuple[int, datetime]]:
        first = await changed(shop, None)
        newest = max((stamp for _, stamp in first), default=None)
        shop.changes = 0  # quiet at last, so that there is a last state to know
        second = await changed(shop, newest - timedelta(minutes=5) if newest else None)
        return {*first, *second}

    known = asyncio.run(runs())
    assert set(shop.stamps.items()) <= known


@settings(max_examples=200, deadline=None)
@given(st.integers(), st.integers(0, 60))
def test_a_quiet_list_is_read_once_each(seed: int, rows: int) -> None:
    shop = Shop(Random(seed), changes=0)
    shop.add(rows)
    found = asyncio.run(changed(shop, None))
    assert sorted(found) == sorted(shop.stamps.items())


@settings(max_examples=300, deadline=None)
@given(st.integers(), st.integers(0, 80))
def test_a_list_sorted_by_local_time_is_whole_when_the_clocks_go_back(seed: int, rows: int) -> None:
    shop = Shop(Random(seed), changes=0, local_order=True)
    shop.add(rows)
    assert set(asyncio.run(changed(shop, None))) == set(shop.stamps.items())


@settings(max_examples=300, deadline=None)
@given(st.integers(), st.integers(0, 60), st.integers(2, 6))
def test_a_list_by_id_skips_no_row_that_stays(seed: int, rows: int, size: int) -> None:
    shop = Shop(Random(seed), size=size)
    shop.add(rows)
    before = set(shop.stamps)

    async def run() -> list[int]:
        pieces = by_id(shop.fetch, shop.key, size=size)
        return [row["id"] async for piece, _, _ in pieces for row in piece.rows]

    found = asyncio.run(run())
    assert before & set(shop.stamps) <= set(found)
    assert len(set(found)) == len(found)


async def test_an_interrupted_list_by_id_goes_on_although_rows_left() -> None:
    shop = Shop(Random(1), changes=0)
    shop.add(30)
    found, place = [], (0, 0)
    async for piece, *at in by_id(shop.fetch, shop.key, size=4):
        found += [row["id"] for row in piece.rows]
        place = (at[0], at[1])
        if len(found) > 10:
            break
    for number in (1, 2, 3, 4, 5, 6, 7):
        del shop.stamps[number]
    rest = by_id(shop.fetch, shop.key, size=4, position=place[0], last=place[1])
    found += [row["id"] async for piece, _, _ in rest for row in piece.rows]
    assert found == list(range(1, 31))


async def test_a_list_that_ignores_the_order_by_id_is_refused() -> None:
    async def backwards(offset: int, limit: int) -> Listing:
        return Listing([{"id": n} for n in (3, 2, 1)], 3)

    with pytest.raises(Broken, match="not ordered"):
        [piece async for piece in by_id(backwards, lambda row: int(row["id"]), size=3)]


async def test_a_list_without_times_is_refused_rather_than_read_forever() -> None:
    class Timeless(Shop):
        def stamp(self, row: Row) -> datetime | None:
            return None

    shop = Timeless(Random(1), changes=0)
    shop.add(9)
    with pytest.raises(Broken, match="no time of change"):
        await changed(shop, None)


async def test_a_newest_first_list_is_still_read_whole() -> None:
    class NewestFirst(Shop):
        async def after(self, moment: datetime | None) -> Listing:
            answer = await super().after(moment)
            ids = [n for n, at in self.stamps.items() if moment is None or at > moment]
            ids.sort(key=lambda n: self.stamps[n], reverse=True)
            return self._answer(ids[: self.size], answer.total or 0)

    shop = NewestFirst(Random(3), changes=0)
    shop.add(40)
    found: Any = await changed(shop, None)
    assert set(found) == set(shop.stamps.items())


async def test_a_shop_that_ignores_the_time_asked_for_is_not_read_forever() -> None:
    class Deaf(Shop):
        async def after(self, moment: datetime | None) -> Listing:
            return await super().after(None)

    shop = Deaf(Random(2), changes=0)
    shop.add(30)
    with pytest.raises(Broken, match="ignores the time"):
        await changed(shop, None)


async def test_a_shop_that_ignores_the_offset_is_not_read_forever() -> None:
    async def same(offset: int, limit: int) -> Listing:
        return Listing([{"id": n} for n in (1, 2, 3)], 9)

    with pytest.raises(Broken, match="ignores the place"):
        [piece async for piece in by_id(same, lambda row: int(row["id"]), size=3)]
