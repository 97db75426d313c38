"""More than the hub can take: who floods it is turned away, and the others do not notice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.store.lanes import Overloaded
from hub.web import door as doors
from hub.web.door import NETWORK_PART, REQUESTS, Allowance, Door, Room, network_in
from tests.mailbox import POPUP
from tests.shop import Shop
from tests.web.door import EVENT, open_door
from tests.web.door import Door as Opened

GOOD = {"type": "track", **EVENT}


@pytest.fixture
async def door(lite: Shop, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Opened]:
    monkeypatch.setattr(doors, "HOLD_SECONDS", 0.05)
    async with open_door(lite) as opened:
        yield opened


def test_a_holder_gets_a_part_of_what_is_free() -> None:
    room = Room(100)
    while room.enter("one"):
        pass
    assert room.taken == 50
    while room.enter("two", part=5):
        pass
    assert 55 <= room.taken <= 60
    assert room.enter("three", 20)
    assert not room.enter("one")
    for who, n in (("one", 50), ("two", room.taken - 70), ("three", 20)):
        room.leave(who, n)
    assert (room.taken, room._held) == (0, {})


def test_the_last_places_are_not_sold_twice() -> None:
    room = Room(3)
    assert [room.enter(who, part=8) for who in "abcd"] == [True, True, True, False]


async def test_one_network_leaves_room_for_others_and_a_secret_key_is_no_network(
    lite: Shop,
) -> None:
    door = Door()
    page, server = lite.sources["browser"], lite.sources["server"]
    inside = 0
    with pytest.raises(Overloaded):
        while True:
            door.inside(page, "203.0.113.0/24").__enter__()
            inside += 1
    assert 50 < inside <= REQUESTS // NETWORK_PART
    for n in range(200):
        door.inside(page, f"198.51.{n}.0/24").__enter__()
    for _ in range(300):
        door.inside(server, "203.0.113.0/24").__enter__()


def test_a_network_is_a_household_not_an_address() -> None:
    def of(address: str) -> str:
        return network_in({"client": (address, 1)})

    assert of("203.0.113.7") == of("203.0.113.200") == of("::ffff:203.0.113.9")
    assert of("2001:db8:1:2::7") == of("2001:db8:1:2:ffff::1") != of("2001:db8:1:3::7")
    assert network_in({"client": None}) == network_in({}) == ""


def test_an_allowance_comes_back_with_time() -> None:
    allowance = Allowance(60)
    for _ in range(20):
        allowance.spend("a", 0)
    with pytest.raises(Overloaded) as refused:
        allowance.spend("a", 0)
    assert refused.value.after == 60
    allowance.spend("b", 0)
    with pytest.raises(Overloaded):
        allowance.spend("a", 59_999)
    allowance.spend("a", 60_000)
    with pytest.raises(Overloaded):
        allowance.spend("a", 60_000)
    for n in range(doors.MOST_NETWORKS + 5):
        allowance.spend(f"n{n}", 60_000)
    assert len(allowance._until) <= doors.MOST_NETWORKS
    for _ in range(1000):
        Allowance(0).spend("a", 0)


async def test_a_flood_of_one_key_leaves_the_other_its_rate(door: Opened) -> None:
    """While nothing can be stored all requests pile up: those of one network up to a limit."""
    honest = {"Authorization": f"Bearer {door.shop.sources['server'].write_key}"}
    database = door.shop.hub.database
    async with database.lock:  # type: ignore[attr-defined]  # SQLite's: nothing can be written now
        flood = [
            asyncio.ensure_future(door.post("/v1/track", {**EVENT, "writeKey": door.key}))
            for _ in range(95)
        ]
        batches = [asyncio.ensure_future(door.batch([GOOD] * 2500)) for _ in range(5)]
        refused: list[Any] = []
        while not refused:
            done, _ = await asyncio.wait([*flood, *batches], return_when="FIRST_COMPLETED")
            refused = [task.result() for task in done]
        others = [
            asyncio.ensure_future(door.post("/v1/track", {**EVENT, "messageId": f"h{n}"}, **honest))
            for n in range(40)
        ]
        assert all(answer.status_code == 429 for answer in refused)
        assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
    answers = [task for task in await asyncio.gather(*flood, *batches)]
    good = [answer.json() for answer in await asyncio.gather(*others)]
    assert [answer["accepted"] for answer in good] == [1] * 40
    kinds = Counter(answer.status_code for answer in answers)
    assert set(kinds) == {200, 429}
    kept = sum(answer.json()["accepted"] for answer in answers)
    assert await door.logged() == kept + 40


async def test_bodies_that_are_only_half_there_are_counted(
    door: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "BODY_BYTES", 300_000)
    go_on = asyncio.Event()
    async with open_door(door.shop) as small:
        started = asyncio.Event()

        async def half() -> AsyncIterator[bytes]:
            yield b'{"batch": ['
            yield b" " * 120_000
            started.set()
            await go_on.wait()
            yield b"]}"

        first = asyncio.ensure_future(
            small.http.post("/v1/batch", content=half(), headers=small.basic)
        )
        await started.wait()
        large = b'{"batch": [' + b" " * 250_000 + b"]}"
        refused = await small.post("/v1/batch", large, **small.basic)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
        go_on.set()
        assert (await first).status_code == 200
        assert (
            await small.post("/v1/batch", large[:130_000] + b"]}", **small.basic)
        ).status_code == 200


async def test_few_sign_ups_from_one_network(door: Opened) -> None:
    """Each sends a mail to whoever's address was typed in."""
    await door.shop.widget("letter", POPUP)
    form = {"writeKey": door.key, "widget": "letter", "version": 1}
    answers = [
        await door.post("/v1/subscribe", {**form, "email": f"a{n}@example.com"}) for n in range(25)
    ]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429] * 5
    assert answers[-1].headers["retry-after"] == "60"
    assert "your network" in answers[-1].json()["rejected"][0]["reason"]
    # The shop's own server speaks for all its customers.
    form["writeKey"] = door.shop.sources["server"].write_key
    for n in range(25):
        sent = await door.post("/v1/subscribe", {**form, "email": f"b{n}@example.com"})
        assert sent.status_code == 200
    form["writeKey"] = door.key
    door.shop.later(seconds=61)
    assert (await door.post("/v1/subscribe", {**form, "email": "c@example.com"})).status_code == 200
