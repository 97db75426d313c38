"""The dictionary of one source: what is counted, what is bounded, what is never kept."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.schema import seen
from hub.schema.seen import DAY_MS, EVENT, OTHERS, TRAITS, TRAITS_NAME, Kind, Words

AT = 20_000 * DAY_MS


def fold(*bodies: dict[str, Any], name: str = "Viewed") -> Kind:
    words = Words()
    for i, properties in enumerate(bodies):
        words.see(name, {"properties": properties}, node=i + 1, at=AT + i)
    return words.kinds[EVENT, name]


def test_counts_shares_types_and_examples() -> None:
    kind = fold({"id": "p1", "price": 5}, {"id": 7, "price": None}, {"id": "p1"}, {"id": "p2"})
    assert (kind.n, kind.first, kind.last) == (4, AT, AT + 3)
    found = kind.fields["id"]
    assert (found.n, found.first, found.last) == (4, AT, AT + 3)
    assert found.types == {"text": 3, "number": 1}
    assert [(e.value, e.node) for e in found.examples] == [("p1", 1), ("7", 2), ("p2", 4)]
    assert kind.fields["price"].types == {"number": 1, "null": 1}


def test_nested_values_have_paths_and_count_once_an_event() -> None:
    kind = fold(
        {"products": [{"id": "a"}, {"id": 2}], "cart": {"total": 3, "a.b": 1}, "tags": ["x"]}
    )
    assert {path: field.types for path, field in kind.fields.items()} == {
        "products": {"list": 1}, "products[].id": {"text": 1, "number": 1},
        "cart": {"object": 1}, "cart.total": {"number": 1}, "cart.a\\.b": {"number": 1},
        "tags": {"list": 1}, "tags[]": {"text": 1},
    }  # fmt: skip
    assert all(field.n == 1 for field in kind.fields.values())


def test_depth_ends() -> None:
    deep: dict[str, Any] = {}
    for _ in range(30):
        deep = {"a": deep}
    assert sorted(fold(deep).fields) == ["a", "a.a", "a.a.a", "a.a.a.a"]


def test_traits_stand_apart() -> None:
    words = Words()
    words.see("Identified", {"traits": {"plan": "gold", "email": "ann@example.com"}}, node=1, at=AT)
    kind = words.kinds[TRAITS, TRAITS_NAME]
    assert [e.value for e in kind.fields["plan"].examples] == ["gold"]
    assert kind.fields["email"].personal == "email"


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["blue", "ask ann@example.com"], "text"), (["x", "ann@example.com"], "email"),
        (["NL91ABNA0417164300"], "iban"), ([4111111111111111], "card"), (["+31612345678"], "phone"),
        ([["fine", "ann@example.com"]], "text"),
    ],
)  # fmt: skip
def test_what_looks_personal_leaves_no_example(values: list[Any], kind: str) -> None:
    bodies = [{"note": value} for value in [*values, "later"]]
    found = fold(*bodies)
    flagged = found.fields["note[]" if isinstance(values[0], list) else "note"]
    assert flagged.personal
    assert "ann@" not in msgspec.json.encode(found).decode()
    assert flagged.examples == []


def test_a_field_named_as_personal_keeps_nothing_whatever_it_holds() -> None:
    assert fold({"first_name": "Ann"}).fields["first_name"].examples == []


def test_citizens_numbers_are_known_by_many_in_a_row() -> None:
    right = [n for n in range(123_000_000, 123_000_400) if seen.is_bsn(n)][:12]
    kind = fold(*({"ref": str(n)} for n in right))
    assert kind.fields["ref"].personal == "national_id"
    assert kind.fields["ref"].examples == []
    mixed = fold(*({"ref": str(n)} for n in [*right[:9], right[0] + 1, *right[9:]]))
    assert mixed.fields["ref"].personal == ""
    assert [e.value for e in mixed.fields["ref"].examples] == [str(right[0] + 1)]


def test_a_million_names_fill_one_counter() -> None:
    words = Words()
    words.see("Real", {"properties": {"a": 1}}, node=1, at=AT)
    for i in range(20_000):
        words.see(f"made up {i}", {"properties": {f"k{i}": 1}}, node=1, at=AT + i)
    assert len(words.kinds) <= seen.NAMES + 1
    others = words.kinds[EVENT, OTHERS]
    assert sum(kind.n for kind in words.kinds.values()) == 20_001
    assert others.n > 19_000
    assert others.fields == {}
    assert words.kinds[EVENT, "Real"].n == 1


def test_a_name_nobody_repeats_makes_room_after_a_week() -> None:
    words = Words()
    for i in range(seen.NAMES):
        for _ in range(5 if i < 3 else 1):
            words.see(f"n{i}", {"properties": {"a": 1}}, node=1, at=AT + i)
    words.see("new", {}, node=1, at=AT + 6 * DAY_MS)
    assert (EVENT, "new") not in words.kinds
    words.see("new", {}, node=1, at=AT + 8 * DAY_MS)
    assert words.kinds[EVENT, "new"].n == 1
    assert (EVENT, "n3") in words.gone
    assert (EVENT, "n0") in words.kinds
    assert sum(kind.n for kind in words.kinds.values()) == seen.NAMES + 12 + 2
    words.see("n3", {}, node=1, at=AT + 8 * DAY_MS)
    assert (EVENT, "n3") in words.kinds
    assert (EVENT, "n3") not in words.gone


def test_fields_are_bounded_in_an_event_and_in_a_source() -> None:
    words = Words()
    for i in range(100):
        body = {"properties": {f"k{i}_{j}": j for j in range(100)}}
        words.see(f"e{i % 40}", body, node=1, at=AT)
    kinds = words.kinds.values()
    assert max(len(kind.fields) for kind in kinds) == seen.FIELDS
    assert sum(len(kind.fields) for kind in kinds) == seen.SOURCE_FIELDS
    assert sum(kind.crowded for kind in kinds) == 50
    assert len(msgspec.json.encode(list(kinds))) < 2_000_000


@pytest.mark.parametrize("name", ["ann@example.com", "k" * 250, "4111 1111 1111 1111"])
def test_a_name_that_is_a_secret_is_no_name(name: str) -> None:
    kind = fold({name: 1, "fine": 1})
    assert list(kind.fields) == ["fine"]
    assert kind.crowded == 1
    if len(name) < 128:
        words = Words()
        words.see(name, {"properties": {"a": 1}}, node=1, at=AT)
        assert list(words.kinds) == [(EVENT, OTHERS)]


def test_volume_is_kept_for_thirty_days() -> None:
    words = Words()
    for day in range(100):
        words.see("a", {}, node=1, at=AT + day * DAY_MS)
    words.see("a", {}, node=1, at=AT)
    kind = words.kinds[EVENT, "a"]
    assert kind.n == 101
    assert sorted(kind.days) == list(range(20_070, 20_100))


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(),
              st.emails(), st.sampled_from(["123456782", "4111111111111111", "x", "0612345678"])),
    lambda inner: st.one_of(st.lists(inner, max_size=4),
                            st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=12,
)  # fmt: skip
EVENTS = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.dictionaries(st.text(max_size=6), VALUES, max_size=5),
              st.integers(0, 60 * DAY_MS)),
    max_size=40,
)  # fmt: skip


@given(EVENTS, st.lists(st.booleans(), min_size=40, max_size=40))
def test_cut_and_stored_anywhere_it_is_the_same(
    events: list[tuple[str, dict[str, Any], int]], cuts: list[bool]
) -> None:
    whole, parts = Words(), Words()
    limits = seen.NAMES, seen.FIELDS, seen.SOURCE_FIELDS
    seen.NAMES, seen.FIELDS, seen.SOURCE_FIELDS = 4, 6, 15
    try:
        for i, (name, body, at) in enumerate(events):
            for words in (whole, parts):
                words.see(name, {"properties": body, "traits": body}, node=i, at=AT + at)
            if cuts[i]:
                stored = {k: msgspec.json.encode(v) for k, v in parts.kinds.items()}
                kinds = {k: msgspec.json.decode(v, type=Kind) for k, v in stored.items()}
                parts = Words(kinds)
        assert parts.kinds == whole.kinds
        assert len(whole.kinds) <= 5
        assert "@example.com" not in msgspec.json.encode(list(whole.kinds.values())).decode()
    finally:
        seen.NAMES, seen.FIELDS, seen.SOURCE_FIELDS = limits
