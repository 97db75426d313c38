"""Simulated power cuts on the real tables and statements: nothing acknowledged is lost, and a test
that sees what is lost when nothing is synced."""

from __future__ import annotations

import pytest

from tests.benchmarks.bench_powercuts import all_cuts
from tests.benchmarks.disk import after_cuts


def test_some_cuts() -> None:
    damage = all_cuts(30)
    assert (damage.cuts, damage.lost, damage.broken) == (30, 0, [])
    assert damage.acked > 1000


def test_without_syncs_acknowledged_events_are_lost() -> None:
    damage = all_cuts(20, careless=True)
    assert damage.lost and damage.worst
    assert damage.broken == []  # what is left is sound all the same


@pytest.mark.full
def test_many_cuts() -> None:
    damage = all_cuts(300)
    assert (damage.cuts, damage.lost, damage.broken) == (300, 0, [])


def test_only_what_was_synced_is_sure_to_stay() -> None:
    ops = [("write", "a", 0, b"1" * 1024), ("sync", "b"), ("write", "a", 0, b"2" * 1024)]
    seen = {
        (seed, bytes(image.get("a", b"")))
        for seed in range(60)
        for _, image in after_cuts([*ops, ("sync", "a"), ("write", "a", 0, b"3" * 1024)], [3], seed)
    }
    contents = {content for _, content in seen}
    torn = b"2" * 512 + b"1" * 512
    assert {b"", b"1" * 1024, b"2" * 1024, torn} <= contents
    for seed in range(60):
        ((_, image),) = after_cuts([*ops, ("sync", "a")], [4], seed)
        assert image["a"] == b"2" * 1024
        ((_, image),) = after_cuts([*ops, ("sync", "a"), ("truncate", "a", 0)], [5], seed)
        assert bytes(image["a"]) in (b"", b"2" * 1024)
