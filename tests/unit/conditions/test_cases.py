"""The readable case table, which a second evaluator in another language must pass too."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hub.conditions import EventRow, counter_leaves
from hub.conditions.compile import people_query
from hub.sdk.conditions import Context, to_ms
from tests.unit.conditions.language import parse_condition
from tests.unit.conditions.shops import Engine, Person

TABLE = json.loads((Path(__file__).parents[2] / "cases" / "conditions.json").read_text("utf-8"))
CASES = [
    pytest.param(group, case, id=f"{group['name']}: {case['name']}")
    for group in TABLE["groups"]
    for case in group["cases"]
]


@pytest.mark.parametrize(("group", "case"), CASES)
def test_case(engines: tuple[Engine, ...], group: dict[str, Any], case: dict[str, Any]) -> None:
    now = to_ms(datetime.fromisoformat(group["now"]))
    zone = ZoneInfo(group["zone"])
    rows = [
        (0, EventRow(row["name"], now - 60_000 * row["ago"], row.get("properties", {})))
        for row in case.get("events", [])
    ]
    person = Person(traits=case.get("traits", {}), events=tuple(rows))
    context = Context(**case.get("context", {}))
    condition = parse_condition(case["when"])

    verdict = condition.evaluate(person.facts(zone, context), now)
    assert verdict.ok is case["holds"], verdict.reason()
    assert parse_condition(condition.dump()) == condition
    leaves = counter_leaves(condition)
    if all(row.at < now for _, row in rows):
        assert condition.evaluate(person.counted(leaves, zone, context), now).ok is case["holds"]
    for engine in engines:
        engine.fill([person])
        query = people_query(condition, now=now, zone=zone, engine=engine.name, context=context)
        assert bool(engine.ask(query)) is case["holds"], engine.name


def test_the_table_is_not_empty_and_has_both_answers() -> None:
    answers = [case["holds"] for group in TABLE["groups"] for case in group["cases"]]
    assert len(answers) >= 40
    assert answers.count(True) > 15
    assert answers.count(False) > 15
