"""A tracking plan: what it finds, what it refuses to be, and that no value leaves it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ingest.plan import MAX_DEPTH, MAX_EVENTS, SHOWN, InvalidPlan, Plan
from hub.schema.plan_from import plan_from
from hub.schema.seen import Words

VIEWED = {
    "type": "object",
    "required": ["product_id"],
    "properties": {
        "product_id": {"type": "string", "pattern": "^p[0-9]+$"},
        "price": {"type": "number"},
        "size": {"enum": ["S", "M"]},
        "products": {"type": "array", "items": {"required": ["sku"]}},
    },
    "additionalProperties": False,
}


def plan(**more: Any) -> Plan:
    return Plan({"mode": "warn", "events": {"Product Viewed": VIEWED}, **more})


@pytest.mark.parametrize(
    ("properties", "found"),
    [
        ({"product_id": "p1", "price": 9.5, "size": "M"}, []),
        ({"product_id": "p1", "products": [{"sku": "a"}]}, []),
        ({}, [("product_id", "required")]),
        (None, [("product_id", "required")]),
        ({"product_id": 5}, [("product_id", "type")]),
        ({"product_id": "x"}, [("product_id", "pattern")]),
        ({"product_id": "p1", "size": "XL"}, [("size", "enum")]),
        ({"product_id": "p1", "products": [{"sku": "a"}, {}]}, [("products[].sku", "required")]),
        ({"product_id": "p1", "colour": "red"}, [("", "additionalProperties")]),
        ({"product_id": "p1", "price": "9", "size": 3}, [("price", "type"), ("size", "enum")]),
    ],
)
def test_each_difference_has_its_place(
    properties: dict[str, Any] | None, found: list[tuple[str, str]]
) -> None:
    faults = plan().faults("Product Viewed", properties, {})
    assert sorted((f.path, f.rule) for f in faults) == sorted(found)
    assert all(f.text and "p1" not in f.text for f in faults)


def test_names_and_traits() -> None:
    assert plan().faults("Other", {"x": 1}, {"age": "old"}) == []
    assert [f.rule for f in plan(unplanned="report").faults("Other", {}, {})] == ["unplanned"]
    strict = plan(traits={"properties": {"age": {"type": "integer"}}})
    (fault,) = strict.faults("Other", {}, {"age": "old"})
    assert (fault.scope, fault.path, fault.rule) == ("traits", "age", "type")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"events": {}}, "mode"),
        ({"mode": "perhaps"}, "mode"),
        ({"mode": "warn", "evnts": {}}, "evnts"),
        ([], "plan"),
        ({"mode": "warn", "events": {"A": {"type": "strnig"}}}, "events.A"),
        ({"mode": "warn", "events": {"A": {"pattern": "("}}}, "events.A"),
        ({"mode": "warn", "events": {"A": {"$ref": "https://evil.example/x.json"}}}, r"\$ref"),
        ({"mode": "warn", "events": {"A": {"$ref": "file:///etc/passwd"}}}, r"\$ref"),
        ({"mode": "warn", "events": {"A": {"properties": {"b": {"$id": "x"}}}}}, r"\$id"),
        ({"mode": "warn", "events": {f"e{i}": {} for i in range(MAX_EVENTS + 1)}}, "at most"),
        ({"mode": "warn", "traits": {"pattern": "(a{1000}){1000}"}}, "traits"),
    ],
)
def test_what_is_no_plan_is_refused_with_its_place(data: Any, said: str) -> None:
    with pytest.raises(InvalidPlan, match=said):
        Plan(data)


def test_a_deep_plan_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(MAX_DEPTH + 1):
        schema = {"properties": {"a": schema}}
    with pytest.raises(InvalidPlan, match="nested deeper"):
        Plan({"mode": "warn", "events": {"A": schema}})


def test_one_event_does_not_fill_the_list() -> None:
    schema = {"items": {"type": "integer"}, "properties": {"l": {"items": {"type": "integer"}}}}
    many = {f"k{i}": "x" for i in range(500)}
    strict = Plan({"mode": "warn", "events": {"A": {"patternProperties": {"k": {"type": "null"}},
                                                    **schema}}})  # fmt: skip
    assert len(strict.faults("A", many, {})) == SHOWN


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)
EVENTS = st.lists(st.dictionaries(st.sampled_from("a b.c d[] e\\ é".split()), JSON, max_size=4),
                  min_size=1, max_size=30)  # fmt: skip


@given(EVENTS, JSON)
def test_what_arrived_fits_the_plan_made_of_it(events: list[dict[str, Any]], other: Any) -> None:
    words = Words()
    for event in events:
        words.see("Seen", {"properties": event, "traits": event}, node=1, at=10**12)
    made = Plan(plan_from(words.kinds))
    for event in events:
        assert made.faults("Seen", event, event) == []
    made.faults("Seen", {"a": other}, {"a": other})  # never a fault of ours
