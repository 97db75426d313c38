"""What a condition is, what it may ask, and what it answers.

A condition is one class that can be read from plain data, evaluated for one person, turned into
a query over all people, and shown in a form. Times are integer milliseconds since the epoch,
UTC; `now` is always a parameter. A plugin composes its query from the nodes of this module and
never writes SQL.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import ClassVar, Protocol, Self, runtime_checkable
from zoneinfo import ZoneInfo

from hub.sdk.errors import HubError
from hub.sdk.parsing import InvalidCondition, Place
from hub.sdk.values import ValueTest, parse_test

__all__ = [
    "Always",
    "Condition",
    "Context",
    "ContextOnly",
    "DidLeaf",
    "EventCount",
    "EventMatch",
    "Every",
    "Facts",
    "Field",
    "Form",
    "InvalidCondition",
    "Language",
    "Negation",
    "Node",
    "Place",
    "PropertyTest",
    "QueryBuilder",
    "Reason",
    "Some",
    "TraitTest",
    "ValueTest",
    "Verdict",
    "parse_test",
    "to_ms",
]


def to_ms(moment: datetime) -> int:
    """An aware time as integer milliseconds since the epoch, rounded down."""
    if moment.tzinfo is None:
        raise ValueError("a time needs a zone")
    seconds = int(moment.replace(microsecond=0).timestamp())
    return seconds * 1000 + moment.microsecond // 1000


class ContextOnly(HubError):
    """The condition asks about the page or the device, which no stored person has."""

    def __init__(self, leaf: str) -> None:
        super().__init__(f"'{leaf}' is known only while somebody looks at a page; name a context")
        self.leaf = leaf


@dataclass(frozen=True, slots=True)
class Context:
    """The request in whose sight a condition is evaluated; what is unknown is left out."""

    page: Mapping[str, object] = field(default_factory=dict)
    device: str | None = None
    campaign: Mapping[str, object] = field(default_factory=dict)
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class PropertyTest:
    """A test of one property of an event."""

    property: str
    test: ValueTest


@dataclass(frozen=True, slots=True)
class EventMatch:
    """Which events count: a name, and tests that all must hold."""

    event: str
    where: tuple[PropertyTest, ...] = ()

    @property
    def key(self) -> str:
        """A stable name for this match: equal for equal matches, whatever count or window."""
        return _match_key(self)

    def matches(self, name: str, properties: object) -> bool:
        """Whether an event of this name with these properties counts."""
        if name != self.event:
            return False
        known = properties if isinstance(properties, Mapping) else {}
        return all(clause.test.matches(known.get(clause.property)) for clause in self.where)


@lru_cache(maxsize=4096)
def _match_key(match: EventMatch) -> str:
    clauses = sorted(
        {json.dumps([c.property, c.test.kind, c.test.dump()], sort_keys=True) for c in match.where}
    )
    text = json.dumps([match.event, clauses])
    return hashlib.sha256(text.encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class DidLeaf:
    """Event times that a condition needs: the `keep` newest of those that match."""

    match: EventMatch
    keep: int

    @property
    def key(self) -> str:
        """The key of its counter."""
        return self.match.key


class Facts(Protocol):
    """All that a condition may know of one person at one moment."""

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the workspace, in which days begin."""
        ...

    @property
    def context(self) -> Context:
        """The request; empty outside one."""
        ...

    def trait(self, key: str) -> object:
        """The value of a trait, or None."""
        ...

    def times(self, leaf: DidLeaf) -> Sequence[int]:
        """When matching events happened, newest first: all, or at least the `keep` newest."""
        ...


@dataclass(frozen=True, slots=True)
class Always:
    """True or false, whoever the person is."""

    ok: bool


@dataclass(frozen=True, slots=True)
class Every:
    """All nodes hold; true when there is none."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one node holds; false when there is none."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """The node does not hold."""

    node: Node


@dataclass(frozen=True, slots=True)
class TraitTest:
    """A trait passes a test."""

    key: str
    test: ValueTest


@dataclass(frozen=True, slots=True)
class EventCount:
    """How often matching events happened in [since, until) is between low and high."""

    match: EventMatch
    until: int
    since: int | None = None
    low: int = 1
    high: int | None = None


Node = Always | Every | Some | Negation | TraitTest | EventCount


class QueryBuilder(Protocol):
    """What a condition is told when it turns into a query."""

    @property
    def now(self) -> int:
        """The moment of the question, in milliseconds."""
        ...

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the workspace."""
        ...

    def known_context(self, leaf: str) -> Context:
        """The constant context of this query; raises `ContextOnly` when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a condition holds or not, in sentences for the marketer."""

    ok: bool
    asked: str
    found: str
    needs: str  # what would have to change; empty when ok
    parts: tuple[Reason, ...] = ()

    def dump(self) -> dict[str, object]:
        """The tree as plain data."""
        own = {"ok": self.ok, "asked": self.asked, "found": self.found, "needs": self.needs}
        return {**own, "parts": [part.dump() for part in self.parts]} if self.parts else {**own}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of a condition. Sentences are made only when asked for."""

    ok: bool
    condition: Condition
    found: object = None
    parts: tuple[Verdict, ...] = ()
    until: int | None = None  # no new event or trait: the answer can not change before this

    @property
    def needs(self) -> str:
        """What would have to change for the condition to hold; empty when it does."""
        return "" if self.ok else self.condition.needs(self)

    def reason(self) -> Reason:
        """The tree of reasons."""
        return Reason(
            ok=self.ok,
            asked=self.condition.sentence(),
            found=self.condition.found(self),
            needs=self.needs,
            parts=tuple(part.reason() for part in self.parts),
        )


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a condition's form; `type` names the input."""

    name: str
    label: str
    type: str  # text operator value number choice event window where condition conditions
    choices: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """How the UI offers a condition."""

    kind: str
    label: str
    group: str  # logic person behaviour visit
    fields: tuple[Field, ...]


class Language(Protocol):
    """The registered conditions; a condition uses it to read its parts."""

    def parse(self, data: object, place: Place) -> Condition:
        """Read a condition; raises `InvalidCondition`."""
        ...


@runtime_checkable
class Condition(Protocol):
    """One rule, or one operator over rules. Instances are frozen and compare by value."""

    kind: ClassVar[str]

    @classmethod
    def parse(cls, body: object, place: Place, language: Language) -> Self:
        """Read what stands under the key `kind`; raises `InvalidCondition`."""
        ...

    @classmethod
    def describe(cls) -> Form:
        """The form in which the UI offers this condition."""
        ...

    def dump(self) -> dict[str, object]:
        """The canonical plain data; reading it again gives an equal condition."""
        ...

    def evaluate(self, facts: Facts, now: int) -> Verdict:
        """The answer for one person at `now`. Pure and fast; never raises on odd facts."""
        ...

    def query(self, builder: QueryBuilder) -> Node:
        """The same question as a node; must agree with `evaluate` for every person."""
        ...

    def sentence(self) -> str:
        """The condition in words."""
        ...

    def found(self, verdict: Verdict) -> str:
        """What was found, in words."""
        ...

    def needs(self, verdict: Verdict) -> str:
        """What would have to change for a failed condition to hold, in words."""
        ...

    def parts(self) -> tuple[Condition, ...]:
        """The conditions inside this one."""
        ...

    def counts(self) -> tuple[DidLeaf, ...]:
        """The event times that this condition itself reads (not those of its parts)."""
        ...
