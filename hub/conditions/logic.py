"""And, or, not. Two-valued: `not` is plain negation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from hub.sdk.conditions import (
    Condition,
    DidLeaf,
    Every,
    Facts,
    Field,
    Form,
    Language,
    Negation,
    Node,
    Place,
    QueryBuilder,
    Some,
    Verdict,
)

MAX_PARTS = 100


def _parse_parts(body: object, place: Place, language: Language) -> tuple[Condition, ...]:
    members = place.sequence(body, MAX_PARTS)
    return tuple(language.parse(part, place.index(i)) for i, part in enumerate(members))


def _soonest(parts: tuple[Verdict, ...]) -> int | None:
    return min((part.until for part in parts if part.until is not None), default=None)


def _joined(conditions: tuple[Condition, ...], word: str) -> str:
    texts = []
    for condition in conditions:
        text = condition.sentence()
        nested = len(condition.parts()) > 1 and len(conditions) > 1
        texts.append(f"({text})" if nested else text)
    return f" {word} ".join(texts)


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds. An empty list holds for everyone."""

    kind: ClassVar[str] = "all"
    members: tuple[Condition, ...]

    @classmethod
    def parse(cls, body: object, place: Place, language: Language) -> Self:
        """Read a list of conditions."""
        return cls(_parse_parts(body, place, language))

    @classmethod
    def describe(cls) -> Form:
        """The form of this condition."""
        return Form("all", "All of these", "logic", (Field("", "Conditions", "conditions"),))

    def dump(self) -> dict[str, object]:
        """The canonical plain data."""
        return {"all": [part.dump() for part in self.members]}

    def evaluate(self, facts: Facts, now: int) -> Verdict:
        """Whether every part holds."""
        parts = tuple(part.evaluate(facts, now) for part in self.members)
        return Verdict(all(part.ok for part in parts), self, parts=parts, until=_soonest(parts))

    def query(self, builder: QueryBuilder) -> Node:
        """The same as a node."""
        return Every(tuple(part.query(builder) for part in self.members))

    def sentence(self) -> str:
        """The condition in words."""
        return _joined(self.members, "and") or "everyone"

    def found(self, verdict: Verdict) -> str:
        """How many parts hold."""
        return f"{sum(part.ok for part in verdict.parts)} of {len(verdict.parts)} hold"

    def needs(self, verdict: Verdict) -> str:
        """What each failed part needs."""
        return " and ".join(part.needs for part in verdict.parts if not part.ok)

    def parts(self) -> tuple[Condition, ...]:
        """The conditions inside."""
        return self.members

    def counts(self) -> tuple[DidLeaf, ...]:
        """Nothing of its own."""
        return ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    kind: ClassVar[str] = "any"
    members: tuple[Condition, ...]

    @classmethod
    def parse(cls, body: object, place: Place, language: Language) -> Self:
        """Read a list of conditions that is not empty."""
        if body in ([], ()):
            place.fail("needs at least one condition")
        return cls(_parse_parts(body, place, language))

    @classmethod
    def describe(cls) -> Form:
        """The form of this condition."""
        return Form("any", "Any of these", "logic", (Field("", "Conditions", "conditions"),))

    def dump(self) -> dict[str, object]:
        """The canonical plain data."""
        return {"any": [part.dump() for part in self.members]}

    def evaluate(self, facts: Facts, now: int) -> Verdict:
        """Whether at least one part holds."""
        parts = tuple(part.evaluate(facts, now) for part in self.members)
        return Verdict(any(part.ok for part in parts), self, parts=parts, until=_soonest(parts))

    def query(self, builder: QueryBuilder) -> Node:
        """The same as a node."""
        return Some(tuple(part.query(builder) for part in self.members))

    def sentence(self) -> str:
        """The condition in words."""
        return _joined(self.members, "or")

    def found(self, verdict: Verdict) -> str:
        """How many parts hold."""
        return f"{sum(part.ok for part in verdict.parts)} of {len(verdict.parts)} hold"

    def needs(self, verdict: Verdict) -> str:
        """What any one part needs."""
        return " or ".join(part.needs for part in verdict.parts)

    def parts(self) -> tuple[Condition, ...]:
        """The conditions inside."""
        return self.members

    def counts(self) -> tuple[DidLeaf, ...]:
        """Nothing of its own."""
        return ()


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold; a person of whom nothing is known passes."""

    kind: ClassVar[str] = "not"
    member: Condition

    @classmethod
    def parse(cls, body: object, place: Place, language: Language) -> Self:
        """Read one condition."""
        return cls(language.parse(body, place.deeper()))

    @classmethod
    def describe(cls) -> Form:
        """The form of this condition."""
        return Form("not", "Not", "logic", (Field("", "Condition", "condition"),))

    def dump(self) -> dict[str, object]:
        """The canonical plain data."""
        return {"not": self.member.dump()}

    def evaluate(self, facts: Facts, now: int) -> Verdict:
        """Whether the condition inside fails."""
        inner = self.member.evaluate(facts, now)
        return Verdict(not inner.ok, self, parts=(inner,), until=inner.until)

    def query(self, builder: QueryBuilder) -> Node:
        """The same as a node."""
        return Negation(self.member.query(builder))

    def sentence(self) -> str:
        """The condition in words."""
        return f"not ({self.member.sentence()})"

    def found(self, verdict: Verdict) -> str:
        """What the condition inside found."""
        inner = verdict.parts[0]
        return self.member.found(inner)

    def needs(self, verdict: Verdict) -> str:
        """The opposite of what is true now."""
        return f"this must stop being true: {self.member.sentence()}"

    def parts(self) -> tuple[Condition, ...]:
        """The condition inside."""
        return (self.member,)

    def counts(self) -> tuple[DidLeaf, ...]:
        """Nothing of its own."""
        return ()
