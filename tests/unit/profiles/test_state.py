"""Node states: the order of arrival does not matter, and a view is the sum of its parts."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.profiles.state import (
    MAX_TRAITS,
    RECENT_PRODUCTS,
    Consent,
    NodeState,
    combine,
    display_name,
    keep_latest,
    learn,
    observe,
    record_consent,
    storable,
    view_product,
)

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["view", "trait", "consent", "shown"]),
        st.integers(1, 40),  # when
        st.sampled_from(["a", "b", "c"]),
        st.integers(0, 3),
        st.booleans(),
    ),
    max_size=30,
)


def tell(state: NodeState, seq: int, event: tuple[str, int, str, int, bool]) -> None:
    kind, at, key, value, trusted = event
    observe(state, kind, at)
    if kind == "view":
        view_product(state, f"{key}{value}", at)
    elif kind == "trait":
        learn(state, {key: value}, at, seq, trusted=trusted)
    elif kind == "consent":
        record_consent(state, key, Consent(str(value), "consent", at, seq, ""))
    else:
        keep_latest(state.shown.setdefault(key, []), at, 50)


def told(events: list[tuple[int, Any]]) -> NodeState:
    state = NodeState()
    for seq, event in events:
        tell(state, seq, event)
    return state


@given(EVENTS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(events: list[Any], random: Any) -> None:
    numbered = list(enumerate(events, start=1))
    shuffled = list(numbered)
    random.shuffle(shuffled)
    assert told(numbered) == told(shuffled)


@given(EVENTS, st.lists(st.integers(0, 2), min_size=30, max_size=30))
def test_a_sum_of_nodes_is_what_one_node_would_be(events: list[Any], nodes: list[int]) -> None:
    numbered = list(enumerate(events, start=1))
    parts = [[e for e, n in zip(numbered, nodes, strict=False) if n == i] for i in range(3)]
    states = [told(part) for part in parts]
    before = copy.deepcopy(states)
    assert combine(states) == told(numbered)
    assert combine(reversed(states)) == told(numbered)
    assert states == before  # summing changes no part


def test_a_sum_shares_nothing_that_changes_with_its_parts() -> None:
    part = told([(1, ("view", 5, "a", 1, True)), (2, ("shown", 6, "a", 1, True))])
    part.counters["k"] = [5]
    total = combine([part, NodeState()])
    tell(part, 3, ("view", 9, "a", 1, True))
    tell(part, 4, ("shown", 9, "a", 1, True))
    part.counters["k"].append(1)
    assert total.seen["view"].n == 1
    assert total.shown == {"a": [6]}
    assert total.counters == {"k": [5]}


def test_what_a_trusted_source_said_stands_above_claims() -> None:
    state = NodeState()
    learn(state, {"city": "Utrecht"}, 10, 1, trusted=True)
    learn(state, {"city": "Sin City"}, 99, 2, trusted=False)
    assert state.traits["city"].value == "Utrecht"
    learn(state, {"city": "Delft"}, 5, 3, trusted=True)  # late news of an older moment
    assert state.traits["city"].value == "Utrecht"
    learn(state, {"city": "Delft"}, 11, 4, trusted=True)
    assert state.traits["city"].value == "Delft"


def test_a_profile_has_room_for_so_many_traits() -> None:
    state = NodeState()
    learn(state, {f"k{n}": n for n in range(MAX_TRAITS + 10)}, 1, 1, trusted=False)
    assert len(state.traits) == MAX_TRAITS
    learn(state, {"k1": "still"}, 2, 2, trusted=False)
    assert state.traits["k1"].value == "still"


def test_what_a_trait_may_hold() -> None:
    assert all(storable(v) for v in ("a", 1, 1.5, True, False, [], ["a", 1, True]))
    assert not any(storable(v) for v in (None, {}, {"a": 1}, [[1]], [None], "x" * 1025, [1] * 51))


def test_the_newest_products_are_remembered() -> None:
    state = NodeState()
    for n in range(RECENT_PRODUCTS + 5):
        view_product(state, f"p{n}", 100 + n)
    view_product(state, "late", 1)
    assert len(state.viewed) == RECENT_PRODUCTS
    assert "p4" not in state.viewed
    assert "late" not in state.viewed
    assert "p5" in state.viewed


def test_how_to_call_somebody() -> None:
    def name(**traits: Any) -> str:
        state = NodeState()
        learn(state, traits, 1, 1, trusted=True)
        return display_name(state.traits)

    assert name(first_name="Ann", last_name="Bos") == "Ann Bos"
    assert name(firstName="Ann", name="A. Bos") == "Ann"
    assert name(name=" A. Bos ") == "A. Bos"
    assert name(name=5, first_name=True) == ""
