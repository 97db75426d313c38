"""Single fields left out or hashed at the door, wherever they stand in an event."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ingest.field_rules import FieldRule, FieldRules, steps

BODY: dict[str, Any] = {
    "email": " Ann@Example.com", "to": {"mail": "ann@example.com", "a.b": 1, "x": 5},
    "lines": [{"mail": "a", "n": 1}, {"n": 2}, "odd"], "tags": ["a", "b"], "deep": [[["x"]]],
}  # fmt: skip


def digest(text: str) -> str:
    return f"<{text}>" + "0" * 40


def changed(path: str, action: Any, scope: str = "event", name: str = "E") -> dict[str, Any]:
    body = copy.deepcopy(BODY)
    FieldRules([FieldRule(scope, name, path, action)], digest).apply("E", body, {})
    return body


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("email", {k: v for k, v in BODY.items() if k != "email"}),
        ("to.mail", {**BODY, "to": {"a.b": 1, "x": 5}}),
        ("to.a\\.b", {**BODY, "to": {"mail": "ann@example.com", "x": 5}}),
        ("to", {k: v for k, v in BODY.items() if k != "to"}),
        ("lines[].mail", {**BODY, "lines": [{"n": 1}, {"n": 2}, "odd"]}),
        ("tags[]", {**BODY, "tags": []}), ("tags", {k: v for k, v in BODY.items() if k != "tags"}),
        ("deep[][][]", {**BODY, "deep": [[[]]]}), ("nothing", BODY), ("email.x", BODY),
        ("to[].mail", BODY), ("", BODY),
    ],
)  # fmt: skip
def test_left_out(path: str, left: dict[str, Any]) -> None:
    assert changed(path, "drop") == left if path else True
    assert changed(path or "x", "keep") == BODY


def test_hashed_alike_whatever_the_case() -> None:
    mark = "hash:" + digest("ann@example.com")[:32]
    assert changed("email", "hash")["email"] == mark
    assert changed("to.mail", "hash")["to"]["mail"] == mark
    assert changed("tags[]", "hash")["tags"] == [f"hash:{digest(t)[:32]}" for t in "ab"]
    assert changed("to", "hash")["to"].startswith("hash:")


def test_a_rule_is_for_its_event_or_for_traits() -> None:
    assert changed("email", "drop", name="Other") == BODY
    assert changed("email", "drop", scope="traits") == BODY
    traits = {"email": "x", "plan": "gold"}
    rules = FieldRules([FieldRule("traits", "Traits", "email", "drop")], digest)
    rules.apply("Identified", None, traits)
    assert traits == {"plan": "gold"}


@pytest.mark.parametrize("path", ["", ".", "..", "[]", "a[", "\\", "a\\.", "[][]"])
def test_odd_paths_change_nothing_and_break_nothing(path: str) -> None:
    steps(path)
    body: dict[str, Any] = {"q": 1}
    FieldRules([FieldRule("event", "E", path, "drop")], digest).apply("E", body, {})
    assert body == {"q": 1}


KEYS = st.text("ab.\\[]é", min_size=1, max_size=4).filter(lambda k: "\\" not in k and "[]" not in k)


@given(st.lists(KEYS, min_size=1, max_size=4))
def test_a_path_of_the_dictionary_finds_its_field(keys: list[str]) -> None:
    from hub.schema.seen import EVENT, Words

    body: Any = 5
    for key in reversed(keys):
        body = {key: body}
    words = Words()
    words.see("E", {"properties": body}, node=1, at=1)
    path = max(words.kinds[EVENT, "E"].fields, key=len)
    FieldRules([FieldRule("event", "E", path, "drop")], digest).apply("E", body, {})
    for key in keys[:-1]:
        body = body[key]
    assert body == {}
