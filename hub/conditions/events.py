"""What somebody did, or did not do: n times, in a window, where properties pass tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Self
from zoneinfo import ZoneInfo

from hub.conditions.window import Window, local_time
from hub.sdk.conditions import (
    Condition,
    DidLeaf,
    EventCount,
    EventMatch,
    Facts,
    Field,
    Form,
    Language,
    Negation,
    Node,
    Place,
    PropertyTest,
    QueryBuilder,
    Verdict,
    parse_test,
)

MAX_TIMES: Final = 1000
MAX_CLAUSES: Final = 20
_COUNTS: Final = ("at_least", "exactly", "at_most")


@dataclass(frozen=True, slots=True)
class Count:
    """How often: at least, exactly or at most n times."""

    how: str
    n: int

    @classmethod
    def parse(cls, data: object, place: Place) -> Count:
        """Read `{at_least: 2}`."""
        how, n = place.single(data, _COUNTS)
        return cls(how, place.key(how).whole(n, 1 if how == "at_least" else 0, MAX_TIMES))

    def holds(self, times: int) -> bool:
        """Whether this many times is right."""
        if self.how == "at_least":
            return times >= self.n
        return times == self.n if self.how == "exactly" else times <= self.n

    def sentence(self) -> str:
        """The count in words."""
        return f"{self.how.replace('_', ' ')} {_times(self.n)}"


@dataclass(frozen=True, slots=True)
class Found:
    """What a count saw."""

    times: int
    capped: bool  # there may be more: a counter keeps only the newest
    latest: int | None
    zone: ZoneInfo

    def sentence(self) -> str:
        """The finding in words."""
        if self.latest is None:
            return "never"
        when = f"{local_time(self.latest, self.zone):%Y-%m-%d %H:%M}"
        often = f"{_times(self.times)} or more" if self.capped else _times(self.times)
        return f"{often}, latest {when}"


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n} times"


def count_times(
    facts: Facts, now: int, leaf: DidLeaf, count: Count, window: Window | None
) -> tuple[bool, Found, int | None]:
    """Whether the count holds, what was found, and when that may change with no new event."""
    start = None if window is None else window.start(now, facts.zone)
    times = facts.times(leaf)
    inside = [at for at in times if at < now and (start is None or at >= start)]
    capped = len(inside) == len(times) == leaf.keep
    found = Found(len(inside), capped, inside[0] if inside else None, facts.zone)
    changes = [at + 1 for at in times if at >= now]
    turning = _turning(inside, count)
    if window is not None and turning is not None:
        changes.append(window.leaves(turning, facts.zone))
    return count.holds(len(inside)), found, min(changes, default=None)


def _turning(inside: list[int], count: Count) -> int | None:
    """The event whose leaving the window turns the answer."""
    if count.how == "at_least":
        return inside[count.n - 1] if len(inside) >= count.n else None
    if len(inside) > count.n:
        return inside[count.n]
    if count.how == "exactly" and count.n and len(inside) == count.n:
        return inside[count.n - 1]
    return None


def _parse_match(data: dict[str, object], place: Place) -> EventMatch:
    event = place.key("event").name(data["event"])
    spot = place.key("where")
    clauses = spot.sequence(data.get("where", []), MAX_CLAUSES)
    return EventMatch(event, tuple(_parse_clause(c, spot.index(i)) for i, c in enumerate(clauses)))


def _parse_clause(data: object, place: Place) -> PropertyTest:
    clause = place.mapping(data, ("property", "op"), ("value",))
    return PropertyTest(place.key("property").name(clause["property"]), parse_test(clause, place))


def _parse_window(data: dict[str, object], place: Place) -> Window | None:
    return Window.parse(data["within"], place.key("within")) if "within" in data else None


def _dump(match: EventMatch, window: Window | None, count: Count | None) -> dict[str, object]:
    data: dict[str, object] = {"event": match.event}
    if count is not None and count != ONCE:
        data["count"] = {count.how: count.n}
    if window is not None:
        data["within"] = window.dump()
    if match.where:
        data["where"] = [{"property": c.property, **c.test.dump()} for c in match.where]
    return data


def _tail(match: EventMatch, window: Window | None) -> str:
    clauses = " and ".join(f"{c.property} {c.test.sentence()}" for c in match.where)
    return (f" {window.sentence()}" if window else "") + (f" where {clauses}" if clauses else "")


ONCE: Final = Count("at_least", 1)
NEVER: Final = Count("at_most", 0)
_FIELDS: Final = (
    Field("event", "Event", "event"),
    Field("within", "In the last", "window", required=False),
    Field("where", "Where", "where", required=False),
)


@dataclass(frozen=True, slots=True)
class Did:
    """Matching events happened this often."""

    kind: ClassVar[str] = "did"
    match: EventMatch
    count: Count = ONCE
    window: Window | None = None

    @classmethod
    def parse(cls, body: object, place: Place, language: Language) -> Self:
        """Read event, count, within and where."""
        data = dict(place.mapping(body, ("event",), ("count", "within", "where")))
        count = Count.parse(data["count"], place.key("count")) if "count" in data else ONCE
        return cls(_parse_match(data, place), count, _parse_window(data, place))

    @classmethod
    def describe(cls) -> Form:
        """The form of this condition."""
        count = Field("count", "How often", "count", _COUNTS, required=False)
        return Form("did", "Did", "behaviour", (_FIELDS[0], count, *_FIELDS[1:]))

    def dump(self) -> dict[str, object]:
        """The canonical plain data."""
        return {"did": _dump(self.match, self.window, self.count)}

    def evaluate(self, facts: Facts, now: int) -> Verdict:
        """Whether the count is right in [start, now)."""
        ok, found, until = count_times(facts, now, self.counts()[0], self.count, self.window)
        return Verdict(ok, self, found=found, until=until)

    def query(self, builder: QueryBuilder) -> Node:
        """The same as a node."""
        low, high = self.count.n, self.count.n
        node = EventCount(
            match=self.match,
            until=builder.now,
            since=self.window.start(builder.now, builder.zone) if self.window else None,
            low=0 if self.count.how == "at_most" else low,
            high=None if self.count.how == "at_least" else high,
        )
        return node

    def sentence(self) -> str:
        """The condition in words."""
        often = "" if self.count == ONCE else f" {self.count.sentence()}"
        return f"did {self.match.event}{often}{_tail(self.match, self.window)}"

    def found(self, verdict: Verdict) -> str:
        """How often it happened."""
        return verdict.found.sentence() if isinstance(verdict.found, Found) else ""

    def needs(self, verdict: Verdict) -> str:
        """How many are missing or too many."""
        times = verdict.found.times if isinstance(verdict.found, Found) else 0
        if times < self.count.n:
            return f"{self.match.event} {_times(self.count.n - times)} more"
        if self.window is None:
            return f"it happened too often; no later event can change this: {self.sentence()}"
        return f"time must pass until {self.match.event} counts {self.count.sentence()}"

    def parts(self) -> tuple[Condition, ...]:
        """None."""
        return ()

    def counts(self) -> tuple[DidLeaf, ...]:
        """The n newest times decide "at least n"; one more decides the others."""
        return (DidLeaf(self.match, self.count.n + (self.count.how != "at_least")),)


@dataclass(frozen=True, slots=True)
class DidNot:
    """No matching event happened; holds for a person of whom nothing is known."""

    kind: ClassVar[str] = "did_not"
    match: EventMatch
    window: Window | None = None

    @classmethod
    def parse(cls, body: object, place: Place, language: Language) -> Self:
        """Read event, within and where."""
        data = dict(place.mapping(body, ("event",), ("within", "where")))
        return cls(_parse_match(data, place), _parse_window(data, place))

    @classmethod
    def describe(cls) -> Form:
        """The form of this condition."""
        return Form("did_not", "Did not", "behaviour", _FIELDS)

    def dump(self) -> dict[str, object]:
        """The canonical plain data."""
        return {"did_not": _dump(self.match, self.window, None)}

    def evaluate(self, facts: Facts, now: int) -> Verdict:
        """Whether nothing matches in [start, now)."""
        ok, found, until = count_times(facts, now, self.counts()[0], NEVER, self.window)
        return Verdict(ok, self, found=found, until=until)

    def query(self, builder: QueryBuilder) -> Node:
        """The same as a node."""
        since = self.window.start(builder.now, builder.zone) if self.window else None
        return Negation(EventCount(match=self.match, until=builder.now, since=since))

    def sentence(self) -> str:
        """The condition in words."""
        return f"did not {self.match.event}{_tail(self.match, self.window)}"

    def found(self, verdict: Verdict) -> str:
        """How often it happened."""
        return verdict.found.sentence() if isinstance(verdict.found, Found) else ""

    def needs(self, verdict: Verdict) -> str:
        """Time, or nothing any more."""
        if self.window is None:
            return f"it happened already; no later event can change this: {self.sentence()}"
        return f"no {self.match.event} {self.window.sentence()} ({self.found(verdict)})"

    def parts(self) -> tuple[Condition, ...]:
        """None."""
        return ()

    def counts(self) -> tuple[DidLeaf, ...]:
        """The newest time decides."""
        return (DidLeaf(self.match, 1),)
