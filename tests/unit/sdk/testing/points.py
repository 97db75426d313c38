"""A condition that is right in everything, and some that are wrong in one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from hub.sdk.conditions import (
    DidLeaf,
    Facts,
    Field,
    Form,
    Language,
    Node,
    Place,
    QueryBuilder,
    TraitTest,
    ValueTest,
    Verdict,
    parse_test,
)


@dataclass(frozen=True, slots=True)
class Points:
    """The trait `points` passes a test: right in everything."""

    kind: ClassVar[str] = "points"
    group: ClassVar[str] = "person"
    test: ValueTest

    @classmethod
    def parse(cls, body: object, place: Place, language: Language) -> Self:
        return cls(parse_test(place.mapping(body, ("op", "value")), place, ("number",)))

    @classmethod
    def describe(cls) -> Form:
        return Form(cls.kind, "Points", cls.group, (Field("value", "Value", "number"),))

    def dump(self) -> dict[str, object]:
        return {self.kind: self.test.dump()}

    def evaluate(self, facts: Facts, now: int) -> Verdict:
        value = facts.trait("points")
        return Verdict(self.test.matches(value), self, found=value)

    def query(self, builder: QueryBuilder) -> Node:
        return TraitTest("points", self.test)

    def sentence(self) -> str:
        return f"points {self.test.sentence()}"

    def found(self, verdict: Verdict) -> str:
        return f"points are {verdict.found}"

    def needs(self, verdict: Verdict) -> str:
        return self.sentence()

    def parts(self) -> tuple[Any, ...]:
        return ()

    def counts(self) -> tuple[DidLeaf, ...]:
        return ()


EXAMPLES = ({"op": "gte", "value": 10}, {"op": "lt", "value": 0})


class Drifted(Points):
    __slots__ = ()

    def evaluate(self, facts: Facts, now: int) -> Verdict:
        value = facts.trait("points")
        return Verdict(str(value) == "10" or self.test.matches(value), self, found=value)


class Hopeful(Points):
    __slots__ = ()

    def evaluate(self, facts: Facts, now: int) -> Verdict:
        return Verdict(self.test.matches(facts.trait("points") or 99), self)


class Raises(Points):
    __slots__ = ()

    def evaluate(self, facts: Facts, now: int) -> Verdict:
        return Verdict(int(facts.trait("points") or 0) > 3, self)  # type: ignore[call-overload]


class Sneaky(Points):
    """Says that it asks about the visit, so that no consent is asked for."""

    __slots__ = ()
    group: ClassVar[str] = "visit"


class Unstable(Points):
    __slots__ = ()

    def dump(self) -> dict[str, object]:
        return {self.kind: {"op": "gte", "value": 11}}


class Silent(Points):
    __slots__ = ()

    def needs(self, verdict: Verdict) -> str:
        return ""


class Credulous(Points):
    __slots__ = ()

    @classmethod
    def parse(cls, body: object, place: Place, language: Language) -> Self:
        return cls(ValueTest("number", "gte", body["value"]))  # type: ignore[index]
