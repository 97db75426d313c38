"""The log on both databases: nothing twice, nothing skipped, everything counted."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass

import orjson
import pytest

from hub.sdk.records import Identifier, Link
from hub.store.database import DAY_MS, Appended, Database
from hub.store.models import Staff
from hub.store.writer import Writer
from tests.unit.store.entries import DAY, NOW, entry


async def seqs(database: Database) -> list[int]:
    return [row[0] for row in await database.fetch("SELECT seq FROM log ORDER BY seq")]


async def counted(database: Database) -> dict[tuple[str, str], int]:
    rows = await database.fetch("SELECT outcome, reason, n FROM intake_count")
    return {(outcome, reason): n for outcome, reason, n in rows}


async def test_one_after_another_without_gaps(database: Database) -> None:
    first = await database.append([entry("a"), entry("b")])
    second = await database.append([entry("c")])
    assert [o.seq for o in (*first, *second)] == [1, 2, 3]
    assert await seqs(database) == [1, 2, 3]


async def test_the_same_message_is_stored_once(database: Database) -> None:
    (first,) = await database.append([entry("a")])
    (again,) = await database.append([entry("a")])
    assert again == Appended(first.seq, duplicate=True, conflict=False)
    assert await seqs(database) == [1]


async def test_the_same_id_with_another_body_is_a_conflict(database: Database) -> None:
    await database.append([entry("a", body_hash=1)])
    (other,) = await database.append([entry("a", body_hash=2)])
    assert (other.duplicate, other.conflict) == (True, True)
    rows = await database.fetch("SELECT body_hash FROM dedupe")
    assert [row[0] for row in rows] == [1]


async def test_twins_within_one_batch(database: Database) -> None:
    outcomes = await database.append([entry("a"), entry("b"), entry("a"), entry("a", body_hash=9)])
    assert [(o.seq, o.duplicate, o.conflict) for o in outcomes] == [
        (1, False, False), (2, False, False), (1, True, False), (1, True, True),
    ]  # fmt: skip
    assert await seqs(database) == [1, 2]


async def test_a_twin_of_years_ago_is_found(database: Database) -> None:
    await database.append([entry("a", month=10)])
    await database.append([entry(f"filler {n}", month=500) for n in range(50)])
    (late,) = await database.append([entry("a", month=10)])
    (other_month,) = await database.append([entry("a", month=11)])
    assert (late.duplicate, other_month.duplicate) == (True, False)


async def test_other_sources_may_use_the_same_id(database: Database) -> None:
    one, two = await database.append([entry("a", source=1), entry("a", source=2)])
    assert not one.duplicate
    assert not two.duplicate


async def test_entries_without_a_message_id_are_always_new(database: Database) -> None:
    bare = entry("x")
    bare.dedupe = None
    outcomes = await database.append([bare, bare])
    assert [o.duplicate for o in outcomes] == [False, False]
    assert await counted(database) == {}


async def test_received_is_stored_plus_duplicate_plus_rejected(database: Database) -> None:
    await database.append(
        [entry("a"), entry("b"), entry("a"), entry("b", body_hash=5)],
        {(DAY, 1, "rejected", "userId"): 3},
    )
    await database.append([entry("c")], {(DAY, 1, "rejected", "userId"): 1})
    assert await counted(database) == {
        ("stored", ""): 3, ("duplicate", ""): 1, ("duplicate", "conflict"): 1,
        ("rejected", "userId"): 4,
    }  # fmt: skip


async def test_a_day_ends_at_midnight_utc(database: Database) -> None:
    await database.append([entry("a", at=DAY * DAY_MS - 1), entry("b", at=DAY * DAY_MS)])
    rows = await database.fetch("SELECT day, n FROM intake_count ORDER BY day")
    assert rows == [(DAY - 1, 1), (DAY, 1)]


async def test_an_identifier_has_one_node_for_life(database: Database) -> None:
    email = Identifier("", "email", "ann@example.com")
    await database.append([entry("a", subject="d1", links=(Link(email, "claimed"),))])
    await database.append([entry("b", subject="d2", links=(Link(email, "claimed"),))])
    await database.append([entry("c", subject="d1")])
    nodes = {row[1]: row[0] for row in await database.fetch("SELECT id, value FROM node")}
    assert set(nodes) == {"d1", "d2", "ann@example.com"}
    rows = await database.fetch("SELECT node_id, links FROM log ORDER BY seq")
    said = f'[[{nodes["ann@example.com"]},"claimed"]]'
    assert rows == [(nodes["d1"], said), (nodes["d2"], said), (nodes["d1"], "")]


async def test_a_failed_batch_leaves_no_trace(database: Database) -> None:
    await database.append([entry("a", subject="d1")])
    poison = entry("b", subject="d2")
    poison.body = None  # type: ignore[assignment]
    with pytest.raises(Exception):
        await database.append([entry("c", subject="d3"), poison])
    (after,) = await database.append([entry("d", subject="d3")])
    assert after.seq == 2
    rows = await database.fetch("SELECT id, value FROM node ORDER BY id")
    assert rows == [(1, "d1"), (2, "d3")]


async def test_many_at_once_leave_no_gap(database: Database) -> None:
    batches = [[entry(f"{i}-{j}", subject=f"d{j}") for j in range(5)] for i in range(40)]
    outcomes = await asyncio.gather(*(database.append(batch) for batch in batches))
    given = sorted(o.seq for o in itertools.chain(*outcomes))
    assert given == list(range(1, 201))
    assert await seqs(database) == given
    assert len(await database.fetch("SELECT id FROM node")) == 5


async def test_two_openings_continue_the_same_log(database: Database) -> None:
    await database.append([entry("a"), entry("b")])
    twin = entry("a")
    outcomes = await database.append([twin, entry("c")])
    assert [(o.seq, o.duplicate) for o in outcomes] == [(1, True), (3, False)]


async def test_writes_happen_whole_or_not_at_all(database: Database) -> None:
    with pytest.raises(Exception):
        await database.write(
            [
                ("INSERT INTO cursor (name, seq) VALUES (?, ?)", [("a", 1)]),
                ("INSERT INTO cursor (name, seq) VALUES (?, ?)", [("a", 2)]),
            ]
        )
    assert await database.fetch("SELECT * FROM cursor") == []
    async with database.transaction() as transaction:
        changed = await transaction.execute(
            "INSERT INTO cursor (name, seq) VALUES (?, ?)", ("b", 3)
        )
        assert changed == 1
        assert await transaction.fetch("SELECT seq FROM cursor WHERE name = ?", ("b",)) == [(3,)]
    assert await database.get("SELECT seq FROM cursor") == [(3,)]


async def test_a_transaction_that_fails_or_is_cancelled_leaves_nothing_open(
    database: Database,
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as transaction:
            await transaction.execute("INSERT INTO cursor (name, seq) VALUES ('x', 1)")
            raise ZeroDivisionError

    async def hold(inside: asyncio.Event) -> None:
        async with database.transaction() as transaction:
            await transaction.execute("INSERT INTO cursor (name, seq) VALUES ('y', 1)")
            inside.set()
            await asyncio.Event().wait()

    inside = asyncio.Event()
    task = asyncio.create_task(hold(inside))
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    # Cancelled before it had begun: the BEGIN may be under way already.
    for _ in range(5):
        early = asyncio.create_task(hold(asyncio.Event()))
        await asyncio.sleep(0)
        early.cancel()
        await asyncio.gather(early, return_exceptions=True)
    await database.append([entry("a")])
    assert await database.fetch("SELECT * FROM cursor") == []
    assert await seqs(database) == [1]


@dataclass
class Woken:
    times: int = 0

    def __call__(self) -> None:
        self.times += 1


async def test_the_orm_works_beside_the_writer(database: Database) -> None:
    woken = Woken()
    writer = Writer(database, woken)
    writer.start()

    async def staff(n: int) -> None:
        await Staff.create(
            email=f"{n}@shop.example", name="Ann", role="owner", password_hash="", created_at=NOW
        )

    work = [writer.append([entry(f"m{n}")]) for n in range(200)]
    await asyncio.gather(*work, *(staff(n) for n in range(40)))
    await writer.close()
    assert await Staff.all().count() == 40
    assert await seqs(database) == list(range(1, 201))
    assert 0 < woken.times <= 200


async def test_json_goes_in_and_comes_out_as_it_is(database: Database) -> None:
    await database.append([entry("a", body='{"a":{"b":[1,2.5,"é",null,true]}}')])
    rows = await database.fetch("SELECT body FROM log")

    assert orjson.loads(rows[0][0]) == {"a": {"b": [1, 2.5, "é", None, True]}}
