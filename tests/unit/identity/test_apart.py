"""Two identifiers that staff keep apart are never one person, whatever is said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.identity.graph import KEPT_APART, Verdict
from tests.unit.identity.test_graph import (
    KINDS,
    NODES,
    STEPS,
    Step,
    check,
    cores,
    do,
    fresh,
    people,
)

PAIRS = st.lists(st.tuples(NODES, NODES).filter(lambda p: p[0] != p[1]), min_size=1, max_size=4)


@given(STEPS, PAIRS)
def test_who_is_kept_apart_stays_apart(steps: list[Step], pairs: list[tuple[int, int]]) -> None:
    graph = fresh()
    for a, b in pairs:
        graph.keep_apart(a, b)
    for step in steps:
        do(graph, step)
        check(graph)
        for a, b in pairs:
            assert graph.place(a).person_id != graph.place(b).person_id


@given(STEPS, PAIRS)
def test_released_pairs_leave_nothing_behind(
    steps: list[Step], pairs: list[tuple[int, int]]
) -> None:
    graph, plain = fresh(), fresh()
    for a, b in pairs:
        graph.keep_apart(a, b)
    for a, b in pairs:
        graph.release(b, a)
    assert graph.apart == {}
    for step in steps:
        do(graph, step)
        do(plain, step)
    assert people(graph) == people(plain)


@given(STEPS)
def test_scattered_and_told_again_is_as_before(steps: list[Step]) -> None:
    graph = fresh()
    for step in steps:
        do(graph, step)
    before, proved = people(graph), cores(graph)
    graph.scatter(KINDS)
    assert all(members == {person} for person, members in people(graph).items())
    for step in steps:
        do(graph, step)
    assert (people(graph), cores(graph)) == (before, proved)


def test_a_third_identifier_does_not_bring_them_together() -> None:
    graph = fresh()
    graph.keep_apart(1, 2)
    graph.join_verified(1, 3)
    assert graph.join_verified(2, 3) == Verdict("refused", KEPT_APART)
    assert graph.join_claimed(2, 3) == Verdict("refused", KEPT_APART)
