"""What every condition must withstand, as a test class to inherit from.

class TestBirthday(ConditionContract):
    condition = Birthday
    examples = ({"within": {"days": 7}}, {"within": {"days": 1}})

An example is what stands under the condition's kind in a widget's text. The people of these tests
are made from the examples themselves: each trait and event that the compiled query names occurs
missing, null, of each wrong type, and on both sides of each edge. SQLite and DuckDB run the query.
"""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

import msgspec

from hub.sdk.conditions import Condition, Context, ContextOnly, Language
from hub.sdk.declared import faults
from hub.sdk.parsing import InvalidCondition
from hub.sdk.testing.crowd import CONTEXTS, NOW, WRONG, Asked, crowd_of, leaves_of

__all__ = ["ConditionContract"]

GROUPS = ("logic", "person", "behaviour", "visit")
GARBAGE: tuple[object, ...] = (
    None, True, 0, -1, 1.5, "", "x", [], [[]], {}, {"": ""}, {"is": None}, {"is": []}, [None] * 300,
    {"op": "is"}, {"op": "__class__", "value": 1}, {"x": {"y": {"z": []}}}, "x" * 100_000,
    {"value": float("nan")}, {"is": "\x00"}, {1: 2}, {"all": []},
)  # fmt: skip
CLOCKS = frozenset({"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"})
BOTH = (True, False)
CALLS = 100  # questions to the facts that one answer may cost


class ConditionContract:
    """Inherit, name the class and some examples, and every test below runs against it."""

    condition: ClassVar[type[Condition]]
    examples: ClassVar[Sequence[object]] = ()
    contexts: ClassVar[Sequence[Context]] = ()  # page views that matter to it
    # Whether it holds for somebody of whom nothing is known ("has not bought anything").
    holds_for_strangers: ClassVar[bool] = False

    @cached_property
    def _language(self) -> Any:
        # The hub's own evaluators: loaded by name, because the SDK lies below them.
        parse = importlib.import_module("hub.conditions.parse")
        known = {kind.kind for kind in parse.BUILT_IN}
        return parse.ConditionLanguage([] if self.condition.kind in known else [self.condition])

    def _read(self, body: object) -> Condition:
        condition: Condition = self._language.read({self.condition.kind: body})
        return condition

    def _all(self) -> list[Condition]:
        assert len(self.examples) >= 2, "give at least two examples"
        return [self._read(copy.deepcopy(body)) for body in self.examples]

    def _contexts(self) -> tuple[Context, ...]:
        return (*CONTEXTS, *self.contexts)

    def test_the_declaration_is_whole(self) -> None:
        assert faults("register_conditions", self.condition) == []
        form = self.condition.describe()
        assert form.kind == self.condition.kind
        assert form.label.strip()
        assert form.group in GROUPS
        assert all(field.label.strip() for field in form.fields)
        assert all(field.choices for field in form.fields if field.type in {"choice", "operator"})

    def test_it_is_written_as_it_was_read(self) -> None:
        language: Language = self._language
        for condition in self._all():
            plain = condition.dump()
            assert list(plain) == [condition.kind]
            again = self._language.read(json.loads(json.dumps(plain)))
            assert again == condition
            assert hash(again) == hash(condition)
            assert again.dump() == plain
            msgspec.json.encode(plain)
        assert language is self._language

    def test_it_speaks_in_sentences(self) -> None:
        for condition in self._all():
            assert condition.sentence().strip()
            for facts in self._facts(condition):
                verdict = condition.evaluate(facts, NOW)
                reason = verdict.reason()
                assert reason.asked == condition.sentence()
                assert reason.found.strip()
                assert bool(reason.needs.strip()) is not verdict.ok

    def test_garbage_is_refused_by_name(self) -> None:
        refused = 0
        for garbage in GARBAGE:
            try:
                self._read(garbage)
            except InvalidCondition as error:
                assert str(error).startswith("when"), "name the place, through Place.fail"
                refused += 1
        assert refused >= len(GARBAGE) // 2

    def test_the_query_gives_the_same_people(self) -> None:
        trial = importlib.import_module("hub.conditions.trial")
        compiled = importlib.import_module("hub.conditions.compile")
        engines = (trial.SqliteEngine(), trial.DuckdbEngine())
        answers: set[bool] = set()
        for condition in self._all():
            people = crowd_of(condition, self._contexts(), trial)
            for engine in engines:
                engine.fill(people)
            for when in (condition, *_wrapped(self._language, condition)):
                for context in self._contexts():
                    holding = [
                        10 * i
                        for i, person in enumerate(people)
                        if when.evaluate(person.facts(context=context), NOW).ok
                    ]
                    answers |= {bool(holding), len(holding) == len(people)}
                    for engine in engines:
                        query = compiled.people_query(
                            when, now=NOW, zone=trial.ZONE, engine=engine.name, context=context
                        )
                        found = [row[0] for row in engine.ask(query)]
                        assert found == holding, (engine.name, when.dump(), context)
        assert answers == {True, False}, "some example must hold for some and not for others"

    def test_counters_give_the_same_answer_as_the_history(self) -> None:
        trial = importlib.import_module("hub.conditions.trial")
        for condition in self._all():
            leaves = leaves_of(condition)
            for person in crowd_of(condition, self._contexts(), trial):
                if any(row.at >= NOW for _, row in person.events):
                    continue  # counters answer for moments after every event
                for context in self._contexts():
                    history = condition.evaluate(person.facts(context=context), NOW)
                    counted = condition.evaluate(person.counted(leaves, context=context), NOW)
                    assert history.ok is counted.ok, person

    def test_it_declares_the_event_times_that_it_reads(self) -> None:
        for condition in self._all():
            declared = {leaf.key: leaf.keep for leaf in leaves_of(condition)}
            for facts in self._facts(condition):
                condition.evaluate(facts, NOW)
                for leaf in facts.leaves:
                    assert declared.get(leaf.key, 0) >= leaf.keep, "name it in counts()"

    def test_what_is_unknown_never_helps_and_odd_values_raise_nothing(self) -> None:
        for condition in self._all():
            asked = Asked({}, (), Context())
            nothing = condition.evaluate(asked, NOW)
            assert nothing.ok is self.holds_for_strangers, condition.sentence()
            for key in asked.traits:
                null = Asked({key: None}, (), Context())
                assert condition.evaluate(null, NOW).ok is nothing.ok, f"{key}: null is missing"
                for wrong in WRONG:
                    assert condition.evaluate(Asked({key: wrong}, (), Context()), NOW).ok in BOTH
            for wrong in WRONG:
                odd = Context(page=_Every(wrong), campaign=_Every(wrong))
                verdict = condition.evaluate(Asked({}, (), odd), NOW)
                assert verdict.ok in BOTH
                assert verdict.ok is nothing.ok or wrong is not None, "null is missing"

    def test_who_asks_about_the_visit_asks_about_nothing_else(self) -> None:
        """Rules of the group `visit` are answered without consent: they may read no person."""
        group = self.condition.describe().group
        for condition in self._all():
            try:
                condition.query(_Builder(None))
                needs_visit = False
            except ContextOnly:
                needs_visit = True
            if not condition.parts():
                assert needs_visit is (group == "visit")
            if group == "visit":
                assert not condition.counts()
                for facts in self._facts(condition):
                    condition.evaluate(facts, NOW)
                    assert not facts.traits
                    assert not facts.leaves

    def test_the_same_facts_give_the_same_answer(self) -> None:
        for condition in self._all():
            before = condition.dump()
            for facts in self._facts(condition):
                first = condition.evaluate(facts, NOW)
                assert condition.evaluate(facts, NOW) == first
            assert condition.dump() == before

    def test_it_reads_no_clock(self) -> None:
        source = inspect.getsourcefile(self.condition)
        assert source is not None
        with open(source, encoding="utf-8") as file:
            tree = ast.parse(file.read())
        calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
        called = {ast.unparse(call).replace("datetime.datetime", "datetime") for call in calls}
        assert not CLOCKS & called, "the moment is the parameter `now`"

    def test_an_answer_costs_few_questions(self) -> None:
        for condition in self._all():
            for facts in self._facts(condition):
                condition.evaluate(facts, NOW)
                assert facts.calls <= CALLS

    def _facts(self, condition: Condition) -> list[Asked]:
        trial = importlib.import_module("hub.conditions.trial")
        people = crowd_of(condition, self._contexts(), trial)
        return [
            Asked(person.known(), [row for _, row in person.events], context)
            for person in people
            for context in self._contexts()
        ]


class _Every(dict[str, object]):
    """Answers every key with the same odd value."""

    def __init__(self, value: object) -> None:
        super().__init__()
        self._value = value

    def get(self, key: str, default: object = None) -> object:
        return self._value

    def __getitem__(self, key: str) -> object:
        return self._value


class _Builder:
    """Builds a query outside any page view, or in the sight of one."""

    def __init__(self, context: Context | None) -> None:
        trial = importlib.import_module("hub.conditions.trial")
        self.now, self.zone, self._context = NOW, trial.ZONE, context

    def known_context(self, leaf: str) -> Context:
        if self._context is None:
            raise ContextOnly(leaf)
        return self._context


def _wrapped(language: Any, condition: Condition) -> list[Condition]:
    read: Callable[[Mapping[str, object]], Condition] = language.read
    plain = condition.dump()
    return [
        read({"not": plain}),
        read({"all": [plain, {"not": {"not": plain}}]}),
        read({"any": [plain, {"not": plain}]}),
    ]
