"""The queue before the writer: bounded, and nobody can fill it alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from hub.store.lanes import QUEUE_BYTES, QUEUE_ENTRIES, TURN_ENTRIES, Lanes, Overloaded, caller
from tests.unit.store.entries import entry


@pytest.fixture(autouse=True)
def nobody() -> Iterator[None]:
    token = caller.set("")
    yield
    caller.reset(token)


def add(lanes: Lanes, source: int, n: int = 1, *, network: str = "", body: str = "{}") -> None:
    caller.set(network)
    one = entry("m", body=body)
    one.source_id = source
    loop = asyncio.new_event_loop()
    lanes.add(([one] * n, loop.create_future()))
    loop.close()


def fill(lanes: Lanes, source: int, n: int, *, network: str = "", body: str = "{}") -> int:
    """Put requests of `n` entries there until one is refused; answers how many entries fitted."""
    before = lanes.entries
    with pytest.raises(Overloaded):
        while True:
            add(lanes, source, n, network=network, body=body)
    return lanes.entries - before


def sources(lanes: Lanes, limit: int) -> list[int]:
    return [entries[0].source_id for entries, _ in lanes.take(limit)]


def test_one_source_gets_half_and_the_next_half_of_the_rest() -> None:
    lanes = Lanes()
    assert fill(lanes, 1, 100) == QUEUE_ENTRIES // 2
    assert fill(lanes, 2, 100) == QUEUE_ENTRIES // 4
    add(lanes, 3, 2500)  # one who has nothing there yet may take what is free
    with pytest.raises(Overloaded):
        add(lanes, 1)
    assert lanes.entries == QUEUE_ENTRIES * 3 // 4 + 2500
    lanes.take(QUEUE_ENTRIES)
    add(lanes, 1)


def test_one_network_leaves_room_for_the_other_visitors_of_the_same_shop() -> None:
    lanes = Lanes()
    flood = fill(lanes, 1, 100, network="203.0.113.0/24")
    assert 0 < flood < QUEUE_ENTRIES // 3 + 100
    for n in range(20):
        add(lanes, 1, 10, network=f"198.51.{n}.0/24")
    with pytest.raises(Overloaded):
        add(lanes, 1, network="203.0.113.0/24")


def test_it_is_bounded_by_bytes_too() -> None:
    lanes = Lanes()
    held = fill(lanes, 1, 1, body="x" * 1_000_000)
    assert abs(held * 1_000_000 - QUEUE_BYTES // 2) < 2_000_000
    add(lanes, 2)
    assert fill(lanes, 2, 1, body="x" * 1_000_000) > 0


def test_a_single_request_always_fits_into_an_empty_queue() -> None:
    lanes = Lanes()
    add(lanes, 1, 2500, network="203.0.113.0/24", body="x" * 40_000)
    with pytest.raises(Overloaded):
        add(lanes, 2)
    assert len(lanes.take(1)) == 1
    assert not lanes
    add(lanes, 2)


def test_sources_have_their_turn_however_much_another_one_sends() -> None:
    lanes = Lanes()
    for _ in range(4):
        add(lanes, 1, 2500)
    for _ in range(300):
        add(lanes, 2)
    taken = [sources(lanes, 1000) for _ in range(3)]
    # The first takes a large request; then the other sends until the first has paid for it.
    assert taken[0] == [1]
    assert taken[1][:TURN_ENTRIES] == [2] * TURN_ENTRIES
    assert sum(batch.count(2) for batch in taken) == 300
    rest = []
    while lanes:
        rest += sources(lanes, 1000)
    assert (taken[0] + taken[1] + taken[2] + rest).count(1) == 4


def test_within_a_source_the_first_comes_out_first() -> None:
    lanes = Lanes()
    for n in range(1, 700):
        add(lanes, n % 3, n % 7 + 1)
    seen: dict[int, list[int]] = {}
    while lanes:
        batch = lanes.take(100)
        assert sum(len(entries) for entries, _ in batch) < 107
        for entries, _ in batch:
            seen.setdefault(entries[0].source_id, []).append(len(entries))
    assert seen == {s: [n % 7 + 1 for n in range(1, 700) if n % 3 == s] for s in range(3)}
    assert lanes.entries == 0


def test_nothing_is_kept_of_those_who_left() -> None:
    lanes = Lanes()
    for n in range(100):
        add(lanes, n, network=f"10.0.{n}.0/24")
    while lanes:
        lanes.take(7)
    assert lanes._networks == {}
    assert lanes._all.size == 0
