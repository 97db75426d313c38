"""What is known of a person: `{trait: {key: city, op: is, value: Gent}}`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from hub.sdk.conditions import (
    Condition,
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
from hub.sdk.values import ALL_OPERATORS, spoken


@dataclass(frozen=True, slots=True)
class Trait:
    """A trait passes a test; the keys email, name and phone are those of the person."""

    kind: ClassVar[str] = "trait"
    key: str
    test: ValueTest

    @classmethod
    def parse(cls, body: object, place: Place, language: Language) -> Self:
        """Read key, op and value."""
        data = place.mapping(body, ("key", "op"), ("value",))
        return cls(place.key("key").name(data["key"]), parse_test(data, place))

    @classmethod
    def describe(cls) -> Form:
        """The form of this condition."""
        fields = (
            Field("key", "Trait", "text"),
            Field("op", "Test", "operator", ALL_OPERATORS),
            Field("value", "Value", "value", required=False),
        )
        return Form("trait", "Known about the person", "person", fields)

    def dump(self) -> dict[str, object]:
        """The canonical plain data."""
        return {"trait": {"key": self.key, **self.test.dump()}}

    def evaluate(self, facts: Facts, now: int) -> Verdict:
        """Whether the trait passes; a missing one never does."""
        value = facts.trait(self.key)
        return Verdict(self.test.matches(value), self, found=value)

    def query(self, builder: QueryBuilder) -> Node:
        """The same as a node."""
        return TraitTest(self.key, self.test)

    def sentence(self) -> str:
        """The condition in words."""
        return f"{self.key} {self.test.sentence()}"

    def found(self, verdict: Verdict) -> str:
        """The value of the trait."""
        if verdict.found is None:
            return f"{self.key} is not known"
        return f"{self.key} is {spoken(verdict.found)}"

    def needs(self, verdict: Verdict) -> str:
        """The test that failed."""
        return f"{self.sentence()} ({self.found(verdict)})"

    def parts(self) -> tuple[Condition, ...]:
        """None."""
        return ()

    def counts(self) -> tuple[DidLeaf, ...]:
        """None."""
        return ()
