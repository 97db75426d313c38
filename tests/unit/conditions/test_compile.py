"""The set query: what it refuses, what it never writes into its text, and its limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest

from hub.conditions import EventRow
from hub.conditions.compile import SetQuery, people_query
from hub.conditions.dialects import Name, TooLarge
from hub.sdk.conditions import Context, ContextOnly
from tests.unit.conditions.language import parse_condition
from tests.unit.conditions.shops import ZONE, Engine, Person
from tests.unit.conditions.test_agreement import HOSTILE, NOW

ENGINES = get_args(Name)


def ask(data: Any, engine: Name, **options: Any) -> SetQuery:
    return people_query(parse_condition(data), now=NOW, zone=ZONE, engine=engine, **options)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "leaf",
    [
        {"page": {"field": "path", "op": "is", "value": "/"}},
        {"device": {"is": "phone"}},
        {"campaign": {"field": "source", "op": "exists"}},
        {"locale": {"is": "nl"}},
    ],
)
def test_the_visit_has_no_meaning_for_all_people(engine: Name, leaf: dict[str, Any]) -> None:
    with pytest.raises(ContextOnly, match=next(iter(leaf))):
        ask({"any": [{"all": []}, {"not": leaf}]}, engine)
    sql = ask(leaf, engine, context=Context()).sql
    assert "WHERE FALSE" in sql


@pytest.mark.parametrize("engine", ENGINES)
def test_no_value_enters_the_text(engine: Name) -> None:
    for text in (f"hostile{text}" for text in HOSTILE):
        query = ask(
            {
                "all": [
                    {"trait": {"key": "a", "op": "is", "value": text}},
                    {"trait": {"key": "a", "op": "in", "value": [text, "b"]}},
                    {"trait": {"key": "hostile key'", "op": "exists"}},
                    {"did": {"event": "hostile' event", "where": [
                        {"property": "hostile' name", "op": "contains", "value": text}]}},
                ]
            },
            engine,
        )  # fmt: skip
        assert "hostile" not in query.sql
        assert text in query.parameters


@pytest.mark.parametrize("engine", ENGINES)
def test_the_engine_s_clock_is_never_read(engine: Name) -> None:
    data = {"did": {"event": "x", "within": {"days": 7}}}
    sql = ask(data, engine).sql.lower()
    assert not [word for word in ("now(", "current_", "date(", "strftime") if word in sql]
    assert NOW in ask(data, engine).parameters


def every_leaf(n: int) -> Iterator[dict[str, Any]]:
    for i in range(n):
        yield {"trait": {"key": f"k{i}", "op": "is", "value": f"v{i}"}}


HEAVY: dict[str, Any] = {
    "did": {
        "event": "x",
        "count": {"exactly": 1},
        "within": {"days": 7},
        "where": [
            {"property": "l", "op": "has", "value": "v"},
            {"property": "n", "op": "in", "value": [1, 2]},
            {"property": "t", "op": "before", "value": "2026-01-01T00:00:00Z"},
        ],
    }
}


def test_the_widest_and_deepest_condition_still_runs(engines: tuple[Engine, ...]) -> None:
    wide: dict[str, Any] = {"any": [{"any": [*every_leaf(97)]} for _ in range(5)]}
    wide["any"].append({"trait": {"key": "a", "op": "exists"}})
    deep: dict[str, Any] = {"all": [{"trait": {"key": "a", "op": "exists"}}, {"not": HEAVY}]}
    for _ in range(4):
        deep = {"any": [HEAVY, {"all": [{"trait": {"key": "a", "op": "exists"}}, deep]}]}
    negated: dict[str, Any] = {"all": [{"trait": {"key": "a", "op": "exists"}}, {"not": HEAVY}]}
    for _ in range(4):
        negated = {"not": {"not": negated}}
    for engine in engines:
        engine.fill([Person({"a": 1}), Person({})])
        for data in (wide, deep, negated):
            assert engine.ask(ask(data, engine.name)) == [(0,)]


def test_too_many_values_are_refused_before_the_database_does() -> None:
    members = [f"v{i}" for i in range(1000)]
    many = [
        {"trait": {"key": "a", "op": "in", "value": [f"{i}{m}" for m in members]}}
        for i in range(31)
    ]
    with pytest.raises(TooLarge, match="30000 values"):
        ask({"all": many}, "sqlite")


def test_a_question_among_some_people(engines: tuple[Engine, ...]) -> None:
    for engine in engines:
        engine.fill([Person({"a": 1}), Person({"a": 1}), Person({})])
        data = {"trait": {"key": "a", "op": "exists"}}
        assert engine.ask(ask(data, engine.name, among=[10, 20, 30])) == [(10,)]
        assert engine.ask(ask(data, engine.name, among=[])) == []


def test_numbers_no_double_can_hold_break_no_query(engines: tuple[Engine, ...]) -> None:
    """A stored JSON text may spell such numbers; one event must not stop a whole audience."""
    condition = {"did": {"event": "x", "where": [{"property": "n", "op": "gte", "value": 0}]}}
    shapes = ["1e400", "-1e400", "1e-400", "9" * 400, "1e-5000", "5"]
    for engine in engines:
        crowd = [
            Person(events=((0, EventRow("x", NOW - 1, {"n": f"spelled:{s}"})),)) for s in shapes
        ]
        engine.fill(crowd)
        assert engine.ask(ask(condition, engine.name)) == [(20,), (40,), (50,)], engine.name
