"""The language: which conditions exist, and how plain data becomes a condition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final

from hub.conditions.counters import walk
from hub.conditions.events import Did, DidNot
from hub.conditions.logic import All, AnyOf, Not
from hub.conditions.traits import Trait
from hub.conditions.watched import whole_rule
from hub.sdk.conditions import Condition, Form, Place
from hub.watch import PluginFault, PluginOff

BUILT_IN: Final[tuple[type[Condition], ...]] = (
    All,
    AnyOf,
    Not,
    Trait,
    Did,
    DidNot,
)
MAX_DEPTH: Final = 10
MAX_CONDITIONS: Final = 500


class ConditionLanguage:
    """The built-in conditions and those that plugins add. Not changed once reading begins."""

    def __init__(self, extra: Iterable[type[Condition]] = ()) -> None:
        self._kinds: dict[str, type[Condition]] = {}
        for condition in (*BUILT_IN, *extra):
            self.register(condition)

    def register(self, condition: type[Condition]) -> None:
        """Add a condition; its `kind` must be free."""
        if condition.kind in self._kinds:
            raise ValueError(f"two conditions are named {condition.kind!r}; rename one")
        self._kinds[condition.kind] = condition

    def read(self, data: object, path: str = "when") -> Condition:
        """Read a whole condition; raises `InvalidCondition` that names the place."""
        place = Place(path)
        try:
            condition = self.parse(data, place)
            parts = list(islice(walk(condition), MAX_CONDITIONS + 1))
        except (PluginOff, PluginFault) as error:
            place.fail(str(error))
        if len(parts) > MAX_CONDITIONS:
            place.fail(f"more than {MAX_CONDITIONS} conditions")
        return whole_rule(condition, parts)

    def parse(self, data: object, place: Place) -> Condition:
        """Read one condition at a place; conditions call this for their parts."""
        if place.depth > MAX_DEPTH:
            place.fail(f"nested more than {MAX_DEPTH} levels deep")
        if isinstance(data, Mapping) and not data:
            place.fail("is empty; for everyone write {all: []}")
        kind, body = place.single(data, self._kinds)
        return self._kinds[kind].parse(body, place.key(kind), self)

    def forms(self) -> list[Form]:
        """The forms in which the UI offers the conditions."""
        found = []
        for condition in self._kinds.values():
            try:
                found.append(condition.describe())
            except (PluginOff, PluginFault):  # what can not be asked is not offered
                continue
        return found
