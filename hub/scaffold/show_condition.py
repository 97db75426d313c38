"""A condition at work: its form and sentence, its answer for a few people, its query."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from hub.clock import SystemClock, to_ms
from hub.conditions.compile import people_query
from hub.conditions.facts import EventFacts, EventRow
from hub.conditions.parse import ConditionLanguage
from hub.scaffold.load import part_of
from hub.scaffold.parts import Part
from hub.sdk.conditions import Condition, Context, ContextOnly

ZONE = ZoneInfo("Europe/Amsterdam")
DAY = 86_400_000
# Who they are, their traits, and (event, days ago) of what they did.
PEOPLE: tuple[tuple[str, dict[str, object], tuple[tuple[str, int], ...]], ...] = (
    ("A stranger", {}, ()),
    ("Looked around yesterday", {}, (("Product Viewed", 1), ("Product Viewed", 1))),
    ("Bought once, last week", {"email": "ann@example.test", "city": "Gent"},
     (("Product Viewed", 8), ("Order Completed", 7))),
    ("Bought three times", {"email": "bo@example.test", "city": "Utrecht", "vip": True},
     (("Order Completed", 40), ("Order Completed", 20), ("Order Completed", 2))),
    ("Bought twice, long ago", {"email": "eli@example.test", "phone": "+3225550000"},
     (("Order Completed", 400), ("Order Completed", 200))),
)  # fmt: skip
PAGE = Context(
    page={"path": "/sale", "url": "https://shop.example/sale", "category": "Kitchen"},
    device="phone", campaign={"source": "newsletter"}, locale="nl-BE",
)  # fmt: skip


async def show_condition(kind: type[Condition], folder: Path, _: list[Any]) -> list[Part]:
    """Every example of tests/examples.py, asked about every example person."""
    language = ConditionLanguage([kind])
    form = kind.describe()
    rows = tuple((f.label, f.type, ", ".join(f.choices), "yes" if f.required else "no")
                 for f in form.fields)  # fmt: skip
    parts = [
        Part(f"Form: {form.label}, in the group {form.group}",
             columns=("Field", "Type", "Choices", "Needed"), rows=rows)
    ]  # fmt: skip
    now = to_ms(SystemClock().now())
    for number, example in enumerate(part_of(folder, "examples").EXAMPLES, 1):
        condition = language.read({kind.kind: example}, f"EXAMPLES[{number - 1}]")
        parts += [_answers(condition, now), _query(condition, now)]
    return parts


def _answers(condition: Condition, now: int) -> Part:
    rows = []
    for who, traits, done in PEOPLE:
        events = [EventRow(name, now - days * DAY - 1000, {}) for name, days in done]
        facts = EventFacts(events, traits, zone=ZONE, context=PAGE)
        reason = condition.evaluate(facts, now).reason()
        rows.append((who, "yes" if reason.ok else "no", reason.found, reason.needs))
    text = yaml.safe_dump({"when": condition.dump()}, sort_keys=False, allow_unicode=True)
    return Part(
        condition.sentence(), code=text, rows=tuple(rows),
        columns=("Person", "Holds", "What was found", "What it would need"),
    )  # fmt: skip


def _query(condition: Condition, now: int) -> Part:
    try:
        query = people_query(condition, now=now, zone=ZONE, engine="sqlite")
        words = f"Parameters: {', '.join(map(repr, query.parameters))}"
        sql = query.sql
    except ContextOnly as error:
        query = people_query(condition, now=now, zone=ZONE, engine="sqlite", context=PAGE)
        words, sql = f"{error}. Here with an example page.", query.sql
    return Part("The same as one query over all people (SQLite)", words, code=sql)
