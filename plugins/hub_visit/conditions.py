"""The visit of this moment: page, device, campaign, locale. No stored person has these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Self, cast

from hub.sdk.conditions import (
    Always,
    Condition,
    Context,
    DidLeaf,
    Facts,
    Field,
    Form,
    Language,
    Node,
    Place,
    QueryBuilder,
    ValueTest,
    Verdict,
    parse_test,
)
from hub.sdk.values import OPERATORS, spoken

PAGE_FIELDS: Final = ("url", "path", "search", "title", "referrer", "product", "category")
CAMPAIGN_FIELDS: Final = ("source", "medium", "name", "term", "content", "id")
DEVICES: Final = ("phone", "tablet", "desktop")
_TEXT_OPERATORS: Final = (*OPERATORS["text"], "exists")


class _ContextLeaf:
    """What the four leaves share: they fold to a constant and read no event."""

    __slots__ = ()
    kind: ClassVar[str]

    def value(self, context: Context) -> object:
        """What the context says."""
        raise NotImplementedError

    def holds(self, value: object) -> bool:
        """Whether that passes."""
        raise NotImplementedError

    def sentence(self) -> str:
        """The condition in words."""
        raise NotImplementedError

    def evaluate(self, facts: Facts, now: int) -> Verdict:
        """Whether the visit passes."""
        value = self.value(facts.context)
        return Verdict(self.holds(value), cast("Condition", self), found=value)

    def query(self, builder: QueryBuilder) -> Node:
        """True or false for all; needs a constant context."""
        return Always(self.holds(self.value(builder.known_context(self.kind))))

    def found(self, verdict: Verdict) -> str:
        """What the context said."""
        return "not known" if verdict.found is None else f"it is {spoken(verdict.found)}"

    def needs(self, verdict: Verdict) -> str:
        """The test that failed."""
        return f"{self.sentence()} ({self.found(verdict)})"

    def parts(self) -> tuple[Condition, ...]:
        """None."""
        return ()

    def counts(self) -> tuple[DidLeaf, ...]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True)
class _FieldLeaf(_ContextLeaf):
    """A named field of the visit passes a test of text."""

    label: ClassVar[str]
    names: ClassVar[tuple[str, ...]]
    field: str
    test: ValueTest

    @classmethod
    def parse(cls, body: object, place: Place, language: Language) -> Self:
        """Read field, op and value."""
        data = place.mapping(body, ("field", "op"), ("value",))
        name = place.key("field").choice(data["field"], cls.names)
        return cls(name, parse_test(data, place, ("text", "any")))

    @classmethod
    def describe(cls) -> Form:
        """The form of this condition."""
        fields = (
            Field("field", "Field", "choice", cls.names),
            Field("op", "Test", "operator", _TEXT_OPERATORS),
            Field("value", "Value", "value", required=False),
        )
        return Form(cls.kind, cls.label, "visit", fields)

    def dump(self) -> dict[str, object]:
        """The canonical plain data."""
        return {self.kind: {"field": self.field, **self.test.dump()}}

    def holds(self, value: object) -> bool:
        """Whether the field passes the test."""
        return self.test.matches(value)

    def sentence(self) -> str:
        """The condition in words."""
        return f"{self.label}'s {self.field} {self.test.sentence()}"


@dataclass(frozen=True, slots=True)
class Page(_FieldLeaf):
    """The page that is looked at."""

    kind: ClassVar[str] = "page"
    label: ClassVar[str] = "the page"
    names: ClassVar[tuple[str, ...]] = PAGE_FIELDS

    def value(self, context: Context) -> object:
        """The field of the page."""
        return context.page.get(self.field)


@dataclass(frozen=True, slots=True)
class Campaign(_FieldLeaf):
    """The campaign that brought the visitor to this page."""

    kind: ClassVar[str] = "campaign"
    label: ClassVar[str] = "the campaign"
    names: ClassVar[tuple[str, ...]] = CAMPAIGN_FIELDS

    def value(self, context: Context) -> object:
        """The field of the campaign."""
        return context.campaign.get(self.field)


@dataclass(frozen=True, slots=True)
class Device(_ContextLeaf):
    """The kind of device."""

    kind: ClassVar[str] = "device"
    type: str

    @classmethod
    def parse(cls, body: object, place: Place, language: Language) -> Self:
        """Read `{is: phone}`."""
        data = place.mapping(body, ("is",))
        return cls(place.key("is").choice(data["is"], DEVICES))

    @classmethod
    def describe(cls) -> Form:
        """The form of this condition."""
        return Form("device", "The device", "visit", (Field("is", "Is a", "choice", DEVICES),))

    def dump(self) -> dict[str, object]:
        """The canonical plain data."""
        return {"device": {"is": self.type}}

    def value(self, context: Context) -> object:
        """The kind of device."""
        return context.device

    def holds(self, value: object) -> bool:
        """Whether it is the one asked for."""
        return value == self.type

    def sentence(self) -> str:
        """The condition in words."""
        return f"the device is a {self.type}"


@dataclass(frozen=True, slots=True)
class Locale(_ContextLeaf):
    """The language of the visit; `nl` also means nl-BE."""

    kind: ClassVar[str] = "locale"
    tag: str

    @classmethod
    def parse(cls, body: object, place: Place, language: Language) -> Self:
        """Read `{is: nl}`."""
        data = place.mapping(body, ("is",))
        tag = place.key("is").text(data["is"], limit=35).replace("_", "-").lower()
        if not tag.isascii() or not tag.replace("-", "").isalnum():
            place.key("is").fail("expected a language tag like nl or nl-BE")
        return cls(tag)

    @classmethod
    def describe(cls) -> Form:
        """The form of this condition."""
        return Form("locale", "The language", "visit", (Field("is", "Is", "text"),))

    def dump(self) -> dict[str, object]:
        """The canonical plain data."""
        return {"locale": {"is": self.tag}}

    def value(self, context: Context) -> object:
        """The language tag of the visit."""
        return context.locale

    def holds(self, value: object) -> bool:
        """Whether it is the one asked for or begins with it."""
        if not isinstance(value, str):
            return False
        tag = value.replace("_", "-").lower()
        return tag == self.tag or tag.startswith(self.tag + "-")

    def sentence(self) -> str:
        """The condition in words."""
        return f"the language is {self.tag}"
