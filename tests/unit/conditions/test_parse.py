"""Reading plain data: every error names its place, and dumping is canonical."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
import yaml
from hypothesis import given

from hub.conditions import ConditionLanguage, counter_leaves
from hub.conditions.logic import Not
from hub.sdk.conditions import Condition, InvalidCondition
from tests.unit.conditions.language import LANGUAGE, parse_condition
from tests.unit.conditions.test_agreement import trees


def trait(**body: object) -> dict[str, object]:
    return {"trait": {"key": "a", **body}}


@pytest.mark.parametrize(
    ("data", "path", "words"),
    [
        (None, "when", "expected exactly one of"),
        ([], "when", "expected exactly one of"),
        ({}, "when", "for everyone write"),
        ({"al": []}, "when.al", "did you mean all"),
        ({"all": [], "any": []}, "when", "keys all, any"),
        ({"all": {}}, "when.all", "expected a list"),
        ({"any": []}, "when.any", "at least one"),
        ({"all": [{"not": {"did": {}}}]}, "when.all[0].not.did.event", "is missing"),
        (
            {"all": [{"all": []}, {"did": {"event": "x", "within": {"days": "7"}}}]},
            "when.all[1].did.within.days",
            "whole number",
        ),
        ({"did": {"event": "x", "withn": {}}}, "when.did.withn", "did you mean within"),
        ({"did": {"event": "x", "count": {"at_least": 0}}}, "when.did.count.at_least", "1 to"),
        ({"did": {"event": "x", "count": {"about": 1}}}, "when.did.count.about", "unknown"),
        ({"did": {"event": "x", "count": 2}}, "when.did.count", "exactly one of"),
        ({"did_not": {"event": "x", "count": {"at_least": 1}}}, "when.did_not.count", "unknown"),
        ({"did": {"event": ""}}, "when.did.event", "must not be empty"),
        ({"did": {"event": 'a"b'}}, "when.did.event", "quotes"),
        (
            {"did": {"event": "x", "where": [{"property": "p", "op": "gt"}]}},
            "when.did.where[0].value",
            "is missing",
        ),
        (
            {"did": {"event": "x", "where": {"property": "p", "op": "exists"}}},
            "when.did.where",
            "expected a list",
        ),
        (trait(op="like", value="x"), "when.trait.op", "expected one of"),
        (trait(op=["is"], value="x"), "when.trait.op", "expected one of"),
        (trait(op="gt", value="10"), "when.trait.value", "expected a number; got a text"),
        (trait(op="gt", value=True), "when.trait.value", "expected a number; got yes or no"),
        (trait(op="gt", value=float("nan")), "when.trait.value", "expected a number"),
        (trait(op="gt", value=10**400), "when.trait.value", "expected a number"),
        (trait(op="contains", value=1), "when.trait.value", "expected a text"),
        (trait(op="contains", value=""), "when.trait.value", "must not be empty"),
        (trait(op="is", value=None), "when.trait.value", "compares"),
        (trait(op="is", value=["a"]), "when.trait.value", "compares"),
        (trait(op="is", value="a\x00b"), "when.trait.value", "can not be stored"),
        (trait(op="is", value="\ud800"), "when.trait.value", "can not be stored"),
        (trait(op="is", value="x" * 1001), "when.trait.value", "at most 1000"),
        (trait(op="in", value="ab"), "when.trait.value", "expected a list"),
        (trait(op="in", value=[]), "when.trait.value", "at least one"),
        (trait(op="in", value=["a", 1]), "when.trait.value[1]", "expected a text"),
        (trait(op="in", value=[1, True]), "when.trait.value[1]", "expected a number"),
        (trait(op="in", value=[True]), "when.trait.value[0]", "got yes or no"),
        (trait(op="before", value="2026-01-01"), "when.trait.value", "with its zone"),
        (trait(op="before", value=date(2026, 1, 1)), "when.trait.value", "with its zone"),
        (trait(op="before", value="0001-01-01T00:00:00+14:00"), "when.trait.value", "range"),
        (trait(op="exists", value=False), "when.trait.value", "inside `not`"),
        ({"trait": {"key": "a\\b", "op": "exists"}}, "when.trait.key", "backslashes"),
        ({"trait": {"key": 5, "op": "exists"}}, "when.trait.key", "expected a text"),
        ({"page": {"field": "colour", "op": "exists"}}, "when.page.field", "expected one of"),
        ({"page": {"field": "path", "op": "gt", "value": 1}}, "when.page.op", "expected one of"),
        ({"device": {"is": "watch"}}, "when.device.is", "expected one of"),
        ({"locale": {"is": False}}, "when.locale.is", "put it in quotes"),
        ({"locale": {"is": "nl;"}}, "when.locale.is", "language tag"),
        ({1: 2}, "when.1", "unknown"),
    ],
)
def test_errors_name_the_place_and_the_remedy(data: object, path: str, words: str) -> None:
    with pytest.raises(InvalidCondition) as caught:
        parse_condition(data)
    assert caught.value.path == path
    assert words in caught.value.message


def test_depth_and_size_are_limited() -> None:
    deep: dict[str, Any] = {"all": []}
    for _ in range(5000):
        deep = {"not": deep}
    with pytest.raises(InvalidCondition, match="levels deep"):
        parse_condition(deep)
    wide: dict[str, Any] = {"all": [{"all": [{"all": []}] * 99}] * 99}
    with pytest.raises(InvalidCondition, match="more than 500"):
        parse_condition(wide)
    with pytest.raises(InvalidCondition, match="at most 100 members"):
        parse_condition({"all": [{"all": []}] * 101})


@given(trees)
def test_dump_is_canonical(data: Any) -> None:
    condition = parse_condition(data)
    plain = condition.dump()
    assert parse_condition(plain) == condition
    assert parse_condition(plain).dump() == plain
    text = yaml.safe_dump(plain, allow_unicode=False)
    assert parse_condition(yaml.safe_load(text)).dump() == plain
    assert parse_condition(json.loads(json.dumps(plain))) == condition
    assert condition.sentence()


def test_defaults_are_left_out_and_numbers_and_times_have_one_form() -> None:
    data = {"did": {"event": "x", "count": {"at_least": 1}, "where": []}}
    assert parse_condition(data).dump() == {"did": {"event": "x"}}
    assert parse_condition(trait(op="is", value=5.0)).dump() == trait(op="is", value=5)
    assert json.dumps(parse_condition(trait(op="is", value=-0.0)).dump()) == json.dumps(
        trait(op="is", value=0)
    )
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    expected = trait(op="after", value="2026-01-01T00:00:00.000Z")
    assert parse_condition(trait(op="after", value=moment)).dump() == expected
    assert parse_condition(trait(op="after", value="2026-01-01T02:00+02:00")).dump() == expected


def test_true_and_one_are_different_conditions_with_different_counters() -> None:
    yes, one = (
        parse_condition(
            {"did": {"event": "x", "where": [{"property": "p", "op": "is", "value": value}]}}
        )
        for value in (True, 1)
    )
    assert yes != one
    assert counter_leaves(yes)[0].key != counter_leaves(one)[0].key


class OnTuesday(Not):
    """A plugin's condition: reuses `not` under another name."""

    kind = "on_tuesday"


def test_a_plugin_adds_a_condition_and_names_do_not_clash() -> None:
    language = ConditionLanguage([OnTuesday])
    condition = language.read({"on_tuesday": {"all": []}})
    assert isinstance(condition, OnTuesday)
    with pytest.raises(ValueError, match="two conditions are named 'not'"):
        ConditionLanguage([Not])
    with pytest.raises(InvalidCondition, match=r"^when\.on_tuesday"):
        parse_condition({"on_tuesday": {"all": []}})


def test_every_condition_describes_its_form() -> None:
    forms = LANGUAGE.forms()
    assert {form.kind for form in forms} == {
        "all", "any", "not", "trait", "did", "did_not", "page", "device", "campaign", "locale",
    }  # fmt: skip
    assert all(form.label and form.fields for form in forms)
    assert {form.group for form in forms} == {"logic", "person", "behaviour", "visit"}


def test_conditions_keep_the_protocol() -> None:
    condition = parse_condition({"all": [{"device": {"is": "phone"}}]})
    assert isinstance(condition, Condition)
    assert all(isinstance(part, Condition) for part in condition.parts())
