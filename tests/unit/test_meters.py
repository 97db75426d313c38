"""Counting: cumulative buckets, bounds that belong to the lower side."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.meters import BOUNDS, Meters, Timing


def test_a_bound_belongs_to_its_own_bucket() -> None:
    timing = Timing((1.0, 2.0))
    for seconds in (0.5, 1.0, 1.5, 9.0):
        timing.add(seconds)
    assert timing.buckets() == [("1.0", 2.0), ("2.0", 3.0), ("+Inf", 4.0)]
    assert timing.total == 12.0


@given(st.lists(st.floats(0, 100, allow_nan=False)))
def test_each_bucket_holds_what_is_not_longer(times: list[float]) -> None:
    timing = Timing()
    for seconds in times:
        timing.add(seconds)
    counts = dict(timing.buckets())
    assert counts["+Inf"] == len(times)
    for bound in BOUNDS:
        assert counts[str(bound)] == sum(seconds <= bound for seconds in times)


def test_a_decision_that_shows_nothing_is_counted_twice_over() -> None:
    meters = Meters()
    meters.decided("page", 0)
    meters.decided("page", 3)
    assert (meters.decisions["page"], meters.widgets_shown, meters.decisions_empty) == (2, 3, 1)
