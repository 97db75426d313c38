"""The rule builder: what the form says is what the rule is, and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.web.admin import rules
from tests.unit.conditions.language import LANGUAGE

FORMS = {form.kind: form for form in LANGUAGE.forms() if form.group != "logic"}

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"],
                              exclude_characters=","), min_size=1, max_size=8)  # fmt: skip
NAMES = st.text("abcXYZ é_-$", min_size=1, max_size=6).map(str.strip).filter(bool)
TESTS = st.one_of(
    st.tuples(
        st.sampled_from(["is", "is_not"]), st.one_of(TEXTS, st.integers(-99, 99), st.booleans())
    ),
    st.tuples(st.sampled_from(["gt", "lte"]), st.integers(-99, 99)),
    st.tuples(st.just("in"), st.lists(TEXTS, min_size=1, max_size=3, unique=True)),
).map(lambda pair: {"op": pair[0], "value": pair[1]})
TRAIT = st.builds(lambda key, test: {"trait": {"key": key, **test}}, NAMES, TESTS)
DID = st.builds(
    lambda event, n, days, where: {"did": {"event": event, "count": {"at_most": n},
                                           "within": {"days": days}, "where": where}},
    NAMES, st.integers(0, 9), st.integers(1, 90),
    st.lists(st.builds(lambda p, t: {"property": p, **t}, NAMES, TESTS), min_size=1, max_size=2),
)  # fmt: skip
DEVICE = st.sampled_from(["phone", "desktop"]).map(lambda d: {"device": {"is": d}})
LEAVES = st.one_of(TRAIT, DID, DEVICE)
RULES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)


def posted(group: rules.Group, place: str = rules.ROOT) -> dict[str, str]:
    """What a browser sends for these rows."""
    form = {f"{place}.kind": group.kind}
    for i, row in enumerate(group.rows):
        spot = f"{place}.{i}"
        if isinstance(row, rules.Group):
            form |= posted(row, spot)
            continue
        form[f"{spot}.kind"] = row.kind
        form |= {f"{spot}.{name}": value for name, value in row.values.items()}
        form |= {f"{spot}.not": "yes"} if row.negated else {}
        for n, clause in enumerate(row.where):
            form |= {f"{spot}.where.{n}.{name}": value for name, value in clause.items()}
    return form


def plain(data: Any) -> Any:
    """The rule without groups of one, which say nothing."""
    ((kind, body),) = data.items()
    if kind == "not":
        return {"not": plain(body)}
    if kind not in ("all", "any"):
        return data
    parts = [plain(part) for part in body]
    return parts[0] if len(parts) == 1 else {kind: parts}


@given(RULES)
def test_a_rule_survives_the_form(data: dict[str, Any]) -> None:
    rows = rules.from_data(data, FORMS)
    assert rows is not None
    again = rules.to_data(rules.from_form(posted(rows)), FORMS)
    assert again is not None
    assert plain(LANGUAGE.read(again).dump()) == plain(LANGUAGE.read(data).dump())


def test_an_empty_group_says_nothing() -> None:
    assert rules.to_data(rules.Group("any", [rules.Group("none")]), FORMS) is None
    group = rules.from_data({"all": []}, FORMS)
    assert group is not None and not group.rows
    assert rules.from_data({"not": {"all": []}}, FORMS) is None, "never is left to the text"


def test_what_rows_can_not_show_is_left_to_the_text() -> None:
    for data in ({"made_up": {}}, {"all": "x"}, {"did": {"event": "x", "count": 3}}, [], "x"):
        assert rules.from_data(data, FORMS) is None


@pytest.mark.parametrize(
    ("op", "count"),
    [("add:w", 3), ("group:w", 3), ("remove:w.1", 1), ("add:w.1", 2), ("remove:w.9", 2),
     ("remove:w", 2), ("drop:w.0.5", 2), ("where:w.1", 2), ("nonsense", 2), ("add:w.0", 2)],
)  # fmt: skip
def test_buttons_do_what_they_say_and_stale_ones_nothing(op: str, count: int) -> None:
    group = rules.Group("all", [rules.Row("page"), rules.Group("any", [rules.Row("page")])])
    rules.change(group, op)
    assert len(group.rows) == count
