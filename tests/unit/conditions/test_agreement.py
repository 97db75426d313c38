"""Every evaluator gives the same answer: history, counters, SQLite, DuckDB and PostgreSQL."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from hub.conditions import EventRow, counter_leaves
from hub.conditions.compile import counter_query, people_query
from hub.sdk.conditions import Context
from tests.unit.conditions.language import parse_condition
from tests.unit.conditions.shops import ZONE, Engine, Person

NOW = 1_774_785_600_000  # 2026-03-29 14:00 in Brussels, the day the clocks go forward
HOUR = 3_600_000
HOSTILE = (
    "", " ", "1", "true", "null", "a", "A", "ab", "%", "_", "a%", "a_b", "\\", "'", '"', "''; --",
    "') OR 1=1 --", "$1", "?1", ":a", "$.a", "é", "e\u0301", "É", "ß", "👍", "\u202e", "\n", "[]",
    '["a"]', "{}", "0", "01", "1.0", "1e0", "NaN", "2026-01-01", "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.001Z", "2026-01-01T00:00:00+00:00",
    "2026-01-01T00:00:00.000999+00:00", "2026-01-01T01:00:00+01:00", "2026-99-99T99:99:99Z",
    "2026-01-01T00:00:00Z\n", "2026-01-01T00:00:00.001ZZ", "\uffff", "\U00010000",
)  # fmt: skip
NUMBERS = (
    0, 1, -1, 2, 10, 0.0, -0.0, 0.1, 1.0, 1.5, 0.1 + 0.2, 0.3, 2**53, 2**53 + 1, -(2**53) - 1,
    2**63 - 1, 2**63, 2**64, 10**30, 1e23, 10**23, 1e308, 1.7976931348623157e308, 5e-324, 1e-300,
    9007199254740993, 1e16, 123456789.12345679, 10**400, -(10**400),
)  # fmt: skip
KEYS = ("a", "b", "*", "a.b", "0", "$x", "'", "é", "a/b", "~", "a b", "[0]", "%", "email", "-- ")
EVENTS = ("Product Viewed", "Order Completed", "x'; DROP TABLE log; --")

texts = st.sampled_from(HOSTILE) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=4
)

finite = st.floats(allow_nan=False, allow_infinity=False)
numbers = st.sampled_from(NUMBERS) | finite | st.integers(-(2**70), 2**70)
scalars = st.none() | st.booleans() | texts | numbers
values = (
    scalars
    | st.lists(scalars, max_size=3)
    | st.dictionaries(st.sampled_from(KEYS), scalars, max_size=2)
    | st.lists(st.lists(texts, max_size=2), max_size=2)
)
operand_numbers = numbers.filter(lambda n: abs(n) <= 10**300)
worded = texts.filter(bool)
times = st.sampled_from([
    "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.001Z", "2025-12-31T23:59:59.999Z",
    "2026-01-01T01:00:00+01:00", "9000-01-01T00:00:00Z",
])  # fmt: skip
tests = st.one_of(
    st.fixed_dictionaries({"op": st.sampled_from(["is", "is_not"]), "value": texts}),
    st.fixed_dictionaries({"op": st.sampled_from(["contains", "starts_with"]), "value": worded}),
    st.fixed_dictionaries(
        {
            "op": st.sampled_from(["is", "is_not", "gt", "gte", "lt", "lte"]),
            "value": operand_numbers,
        }
    ),
    st.fixed_dictionaries({"op": st.sampled_from(["is", "is_not"]), "value": st.booleans()}),
    st.fixed_dictionaries({"op": st.sampled_from(["before", "after"]), "value": times}),
    st.fixed_dictionaries({"op": st.just("has"), "value": worded}),
    st.fixed_dictionaries({"op": st.just("in"), "value": st.lists(texts, min_size=1, max_size=3)}),
    st.fixed_dictionaries(
        {"op": st.just("in"), "value": st.lists(operand_numbers, min_size=1, max_size=3)}
    ),
    st.just({"op": "exists"}),
)
traits = st.builds(lambda key, test: {"trait": {"key": key, **test}}, st.sampled_from(KEYS), tests)
clauses = st.builds(lambda key, test: {"property": key, **test}, st.sampled_from(KEYS), tests)
windows = st.sampled_from(
    [{"minutes": 5}, {"hours": 1}, {"hours": 25}, {"days": 1}, {"days": 2}, {"weeks": 1}]
)
matches = st.fixed_dictionaries(
    {"event": st.sampled_from(EVENTS)},
    optional={"within": windows, "where": st.lists(clauses, min_size=1, max_size=2)},
)
counts = st.sampled_from([{"at_least": n} for n in (1, 2, 3)] + [
    {how: n} for how in ("exactly", "at_most") for n in (0, 1, 2)
])  # fmt: skip
did = st.builds(lambda m, c: {"did": {**m, **({"count": c} if c else {})}}, matches,
                st.none() | counts)  # fmt: skip
did_not = st.builds(lambda m: {"did_not": m}, matches)
visit = st.sampled_from([
    {"page": {"field": "path", "op": "starts_with", "value": "/sale"}},
    {"device": {"is": "phone"}},
    {"campaign": {"field": "source", "op": "exists"}},
    {"locale": {"is": "nl"}},
])  # fmt: skip
trees = st.recursive(
    traits | did | did_not | visit,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: {"all": parts})
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts})
        | inner.map(lambda part: {"not": part})
    ),
    max_leaves=6,
)
EDGES = (1, 5 * 60_000, HOUR, 25 * HOUR, 13 * HOUR, 37 * HOUR, 36 * HOUR, 7 * 24 * HOUR)
ages = st.builds(lambda edge, off: edge + off, st.sampled_from(EDGES), st.integers(-2, 2))
properties = st.dictionaries(st.sampled_from(KEYS), values, max_size=3)
rows = st.builds(
    EventRow, st.sampled_from(EVENTS), ages.map(lambda age: NOW - age),
    properties | st.sampled_from([None, [], ["a"], "a", 1]),
)  # fmt: skip
people = st.lists(
    st.builds(
        Person,
        traits=properties,
        email=st.sampled_from([None, "", "a", "a@b.example", "É%"]),
        events=st.lists(st.tuples(st.integers(0, 2), rows), max_size=6).map(tuple),
        noise=st.lists(rows, max_size=1).map(tuple),
    ),
    min_size=1,
    max_size=12,
)
contexts = st.builds(
    Context,
    page=st.sampled_from([{}, {"path": "/sale/x"}, {"path": "/"}]),
    device=st.sampled_from([None, "phone", "desktop"]),
    campaign=st.sampled_from([{}, {"source": "mail"}]),
    locale=st.sampled_from([None, "nl-BE", "fr"]),
)


@settings(
    max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(crowd=people, conditions=st.lists(trees, min_size=4, max_size=4), context=contexts)
def test_all_evaluators_agree(
    engines: tuple[Engine, ...], crowd: list[Person], conditions: list[Any], context: Context
) -> None:
    for engine in engines:
        engine.fill(crowd)
    for data in conditions:
        condition = parse_condition(data)
        expected = [
            10 * i
            for i, person in enumerate(crowd)
            if condition.evaluate(person.facts(context=context), NOW).ok
        ]
        event(f"{'some' if expected else 'no'} people match")
        leaves = counter_leaves(condition)
        counted = [
            10 * i
            for i, person in enumerate(crowd)
            if _asked_too_early(person)
            or condition.evaluate(person.counted(leaves, context=context), NOW).ok
        ]
        early = {10 * i for i, person in enumerate(crowd) if _asked_too_early(person)}
        assert set(counted) - early == set(expected) - early, data
        for engine in engines:
            query = people_query(condition, now=NOW, zone=ZONE, engine=engine.name, context=context)
            assert [row[0] for row in engine.ask(query)] == expected, (engine.name, data, query)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(crowd=people, data=st.lists(did | did_not, min_size=1, max_size=3))
def test_backfilled_counters_equal_observed_ones(
    engines: tuple[Engine, ...], crowd: list[Person], data: list[Any]
) -> None:
    leaves = counter_leaves(*[parse_condition(part) for part in data])
    for engine in engines:
        engine.fill(crowd)
        for leaf in leaves:
            found: dict[int, list[int]] = {}
            for person, at in engine.ask(counter_query(leaf, engine=engine.name)):
                found.setdefault(person, []).append(at)
            for i, person in enumerate(crowd):
                wanted = list(person.counted(leaves).times(leaf))
                assert found.get(10 * i, []) == wanted, (engine.name, leaf)


def _asked_too_early(person: Person) -> bool:
    """Counters answer only for a `now` after every event."""
    return any(row.at >= NOW for _, row in person.events)


def test_every_operator_agrees_on_every_type(engines: tuple[Engine, ...]) -> None:
    """Each operator against missing, null and each stored type, as trait and as property."""
    stored: list[Any] = [
        None, True, False, 1, 0, 1.0, "1", "true", "", "a", [], ["a"], [["a"]], ["1"], [1], [None],
        {}, {"a": "a"}, "2026-01-01T00:00:00Z", "2026-01-01", ["2026-01-01T00:00:00Z"],
    ]  # fmt: skip
    asked: list[dict[str, Any]] = [
        {"op": "exists"}, {"op": "is", "value": True}, {"op": "is_not", "value": True},
        {"op": "is", "value": 1}, {"op": "is_not", "value": 1}, {"op": "gte", "value": 0},
        {"op": "in", "value": [1, 5]}, {"op": "is", "value": "1"}, {"op": "is", "value": "a"},
        {"op": "is_not", "value": "a"}, {"op": "contains", "value": "a"},
        {"op": "in", "value": ["a", "1"]}, {"op": "has", "value": "a"}, {"op": "has", "value": "1"},
        {"op": "before", "value": "2027-01-01T00:00:00Z"},
        {"op": "after", "value": "2025-12-31T23:59:59.999Z"},
        {"op": "before", "value": "2026-01-01T00:00:00.001Z"},
    ]  # fmt: skip
    crowd = [
        Person(traits={"v": value}, events=((1, EventRow("x", NOW - 1, {"v": value})),))
        for value in stored
    ]
    crowd.append(Person(events=((0, EventRow("x", NOW - 1, {})),)))
    for engine in engines:
        engine.fill(crowd)
    for body in asked:
        for data in (
            {"trait": {"key": "v", **body}},
            {"did": {"event": "x", "where": [{"property": "v", **body}]}},
        ):
            condition = parse_condition(data)
            wanted = [10 * i for i, p in enumerate(crowd) if condition.evaluate(p.facts(), NOW).ok]
            assert 0 < len(wanted) < len(crowd), data
            for engine in engines:
                query = people_query(condition, now=NOW, zone=ZONE, engine=engine.name)
                assert [row[0] for row in engine.ask(query)] == wanted, (engine.name, data)


def test_hard_numbers_agree_pairwise(engines: tuple[Engine, ...]) -> None:
    """Each stored number against each other as the operand, with every operator of order."""
    crowd = [Person(traits={"n": number}) for number in NUMBERS]
    for engine in engines:
        engine.fill(crowd)
    for number in NUMBERS:
        if abs(number) > 10**308:
            continue
        for op in ("is", "lt", "gte"):
            condition = parse_condition({"trait": {"key": "n", "op": op, "value": number}})
            wanted = [10 * i for i, p in enumerate(crowd) if condition.evaluate(p.facts(), 0).ok]
            for engine in engines:
                query = people_query(condition, now=NOW, zone=ZONE, engine=engine.name)
                found = [row[0] for row in engine.ask(query)]
                assert found == wanted, (engine.name, op, number)


def test_hard_texts_agree_pairwise(engines: tuple[Engine, ...]) -> None:
    """Each hostile text against each other, with every operator of text."""
    crowd = [Person(traits={"t": text}, email=text) for text in HOSTILE]
    for engine in engines:
        engine.fill(crowd)
    for text in HOSTILE:
        for op in ("is", "is_not", "contains", "starts_with"):
            if not text and op in ("contains", "starts_with"):
                continue
            for key in ("t", "email"):
                condition = parse_condition({"trait": {"key": key, "op": op, "value": text}})
                wanted = [
                    10 * i for i, p in enumerate(crowd) if condition.evaluate(p.facts(), 0).ok
                ]
                for engine in engines:
                    query = people_query(condition, now=NOW, zone=ZONE, engine=engine.name)
                    found = [row[0] for row in engine.ask(query)]
                    assert found == wanted, (engine.name, op, text)
