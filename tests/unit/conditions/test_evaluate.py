"""Verdicts: reasons a marketer can read, and until when the answer stands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.conditions import (
    CounterFacts,
    EventFacts,
    EventRow,
    counter_leaves,
    merge_times,
    observe,
    person_traits,
)
from hub.conditions.counters import NotCounted
from hub.sdk.conditions import Context, DidLeaf, EventMatch
from tests.unit.conditions.language import parse_condition
from tests.unit.conditions.shops import ZONE, Person
from tests.unit.conditions.test_agreement import HOUR, NOW, did, did_not, people, rows, trees

VIEW = "Product Viewed"


def facts(*ages: int, **traits: object) -> EventFacts:
    """Facts with one product view per age in milliseconds."""
    return EventFacts([EventRow(VIEW, NOW - age, {}) for age in ages], traits, zone=ZONE)


def test_reasons_say_what_was_asked_found_and_needed() -> None:
    condition = parse_condition(
        {
            "all": [
                {"trait": {"key": "city", "op": "is", "value": "Gent"}},
                {"did": {"event": VIEW, "count": {"at_least": 3}, "within": {"hours": 3}}},
                {"not": {"trait": {"key": "vip", "op": "is", "value": True}}},
            ]
        }
    )
    reason = condition.evaluate(facts(HOUR, city="Brugge", vip=True), NOW).reason()
    assert not reason.ok
    assert reason.found == "0 of 3 hold"
    city, views, vip = reason.parts
    assert (city.asked, city.found) == ("city is “Gent”", "city is “Brugge”")
    assert views.asked == "did Product Viewed at least 3 times in the last 3 hours"
    assert views.found == "once, latest 2026-03-29 13:00"
    assert views.needs == "Product Viewed 2 times more"
    assert vip.needs == "this must stop being true: vip is yes"
    assert reason.needs == " and ".join(part.needs for part in reason.parts)
    assert reason.dump()["parts"]


def test_a_condition_that_holds_needs_nothing() -> None:
    condition = parse_condition({"any": [{"did": {"event": VIEW}}, {"device": {"is": "phone"}}]})
    verdict = condition.evaluate(facts(5), NOW)
    assert verdict.ok
    assert verdict.needs == ""
    assert [part.ok for part in verdict.parts] == [True, False]
    assert verdict.parts[1].needs == "the device is a phone (not known)"


def test_what_can_no_longer_come_true_says_so() -> None:
    never = parse_condition({"did_not": {"event": VIEW}})
    assert "no later event can change this" in never.evaluate(facts(5), NOW).needs
    often = parse_condition({"did": {"event": VIEW, "count": {"at_most": 1}}})
    assert "no later event can change this" in often.evaluate(facts(5, 6), NOW).needs
    lately = parse_condition({"did_not": {"event": VIEW, "within": {"days": 2}}})
    assert lately.evaluate(facts(5), NOW).needs.startswith(f"no {VIEW} in the last 2 days")


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=trees, crowd=people)
def test_every_verdict_explains_itself(data: Any, crowd: list[Person]) -> None:
    condition = parse_condition(data)
    for person in crowd:
        verdict = condition.evaluate(person.facts(context=Context()), NOW)
        reason = verdict.reason()
        assert reason.asked
        assert bool(reason.needs) is not reason.ok or not verdict.parts


@pytest.mark.parametrize(
    ("data", "ages", "until"),
    [
        ({"did": {"event": VIEW, "within": {"hours": 3}}}, [HOUR], 2 * HOUR + 1),
        ({"did": {"event": VIEW, "within": {"hours": 3}}}, [HOUR, 2 * HOUR], 2 * HOUR + 1),
        ({"did": {"event": VIEW, "count": {"at_least": 2}, "within": {"hours": 3}}},
         [HOUR, 2 * HOUR], HOUR + 1),
        ({"did": {"event": VIEW}}, [HOUR], None),
        ({"did": {"event": VIEW, "within": {"hours": 3}}}, [4 * HOUR], None),
        # "has not viewed for two days": true from midnight after tomorrow, Brussels time.
        ({"did_not": {"event": VIEW, "within": {"days": 2}}}, [HOUR], 34 * HOUR),
    ],
)  # fmt: skip
def test_the_timer_is_known(data: Any, ages: list[int], until: int | None) -> None:
    verdict = parse_condition(data).evaluate(facts(*ages), NOW)
    assert verdict.until == (None if until is None else NOW + until)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    data=did | did_not | st.lists(did | did_not, max_size=3).map(lambda parts: {"all": parts}),
    events=st.lists(rows, max_size=6),
    offset=st.integers(-3 * HOUR, 3 * HOUR),
    ahead=st.floats(0, 1),
)
def test_the_answer_stands_until_the_timer(
    data: Any, events: list[EventRow], offset: int, ahead: float
) -> None:
    condition = parse_condition(data)
    known = EventFacts(events, {}, zone=ZONE)
    now = NOW + offset
    verdict = condition.evaluate(known, now)
    end = verdict.until if verdict.until is not None else now + 30 * 24 * HOUR
    assert end > now
    for later in (end - 1, now + int((end - 1 - now) * ahead)):
        assert condition.evaluate(known, later).ok is verdict.ok
    if verdict.until is not None and "all" not in data:
        found = condition.evaluate(known, verdict.until)
        assert found.ok is not verdict.ok or found.found != verdict.found


@given(ats=st.lists(st.integers(0, 50), max_size=12), order=st.randoms(), keep=st.integers(1, 5))
def test_counters_do_not_depend_on_the_order_of_arrival(
    ats: list[int], order: Any, keep: int
) -> None:
    leaf = DidLeaf(EventMatch("x"), keep)
    shuffled = list(ats)
    order.shuffle(shuffled)
    times: Any = ()
    for at in shuffled:
        times = observe(leaf, "x", at, {}, times)
        assert observe(leaf, "y", at, {}, times) is times
    assert list(times) == sorted(ats, reverse=True)[:keep]
    parts = [sorted(ats[i::3], reverse=True)[:keep] for i in range(3)]
    assert list(merge_times(parts, keep)) == list(times)


def test_leaves_share_a_counter_whatever_count_and_window() -> None:
    where = [{"property": "a", "op": "is", "value": 1}, {"property": "b", "op": "exists"}]
    condition = parse_condition(
        {
            "all": [
                {"did": {"event": "x", "where": where, "within": {"days": 7}}},
                {"not": {"did": {"event": "x", "where": where[::-1], "count": {"exactly": 4}}}},
                {"did_not": {"event": "x"}},
            ]
        }
    )
    leaves = counter_leaves(condition)
    assert sorted(leaf.keep for leaf in leaves) == [1, 5]
    assert len({leaf.key for leaf in leaves}) == 2


def test_counters_refuse_to_answer_from_too_little() -> None:
    condition = parse_condition({"did": {"event": "x", "count": {"at_least": 3}}})
    (leaf,) = counter_leaves(condition)
    for known in ({}, {leaf.key: 2}):
        counted = CounterFacts({leaf.key: (1, 1)}, known, {}, zone=ZONE)
        with pytest.raises(NotCounted, match="backfill"):
            condition.evaluate(counted, NOW)


def test_the_person_s_own_columns_win_over_traits_of_that_name() -> None:
    found = person_traits({"email": "said@x.example", "phone": "1", "city": "Gent"}, email="a@b.c")
    assert found == {"email": "a@b.c", "city": "Gent"}
    assert "email" not in person_traits({"email": "said@x.example"}, email="")
