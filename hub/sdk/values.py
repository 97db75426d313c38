"""Tests of one stored value: `city is Gent`, `price gt 10`.

Each operator belongs to one type and nothing is coerced: a value that is missing, null or of
another type fails the test, whatever the operator. Numbers compare as double precision. Texts
compare by code point. A time is an ISO text in UTC (`Z` or `+00:00`) and compares by
millisecond.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, cast

from hub.sdk.parsing import Place, kind_name

Kind = Literal["text", "number", "boolean", "time", "list", "any"]
Operand = str | float | bool | tuple[str, ...] | tuple[float, ...] | None

OPERATORS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "text": ("is", "is_not", "contains", "starts_with", "in"),
    "number": ("is", "is_not", "gt", "gte", "lt", "lte", "in"),
    "boolean": ("is", "is_not"),
    "time": ("before", "after"),
    "list": ("has",),
    "any": ("exists",),
}
ALL_OPERATORS: Final = tuple(dict.fromkeys(op for ops in OPERATORS.values() for op in ops))
MAX_MEMBERS: Final = 1000
_EXACT: Final = 2**53
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"(\.[0-9]{3}([0-9]{3})?)?(Z|\+00:00)"
)
_WORDS: Final = {
    "is": "is",
    "is_not": "is not",
    "contains": "contains",
    "starts_with": "starts with",
    "in": "is one of",
    "gt": "is more than",
    "gte": "is at least",
    "lt": "is less than",
    "lte": "is at most",
    "before": "is before",
    "after": "is after",
    "has": "has",
    "exists": "is known",
}


@dataclass(frozen=True, slots=True)
class ValueTest:
    """One operator of one type with its operand, already in its canonical form."""

    kind: Kind
    op: str
    operand: Operand = None

    def matches(self, value: object) -> bool:
        """Whether a stored value passes; never raises, whatever the value."""
        if value is None:
            return False
        return _MATCHERS[self.kind](self, value)

    def dump(self) -> dict[str, object]:
        """The canonical plain data: the keys `op` and `value`."""
        if self.kind == "any":
            return {"op": self.op}
        return {"op": self.op, "value": _plain(self)}

    def sentence(self) -> str:
        """The test in words, to follow the name of what is tested."""
        if self.kind == "any":
            return _WORDS[self.op]
        plain = _plain(self)
        members = plain if isinstance(plain, list) else [plain]
        return f"{_WORDS[self.op]} {', '.join(spoken(member) for member in members)}"


def parse_test(
    body: Mapping[str, object], place: Place, kinds: tuple[Kind, ...] = tuple(OPERATORS)
) -> ValueTest:
    """Read the keys `op` and `value` of a mapping; the value's type decides between types."""
    allowed = tuple(dict.fromkeys(op for kind in kinds for op in OPERATORS[kind]))
    op = place.key("op").choice(body["op"], allowed)
    spot = place.key("value")
    if op == "exists":
        if body.get("value", True) is not True:
            spot.fail("leave it out; for the opposite put the condition inside `not`")
        return ValueTest("any", op)
    if "value" not in body:
        spot.fail("is missing")
    value = body["value"]
    if op == "in":
        return _parse_in(value, spot, kinds)
    kind = _kind_for(op, value, spot, kinds)
    return ValueTest(kind, op, _operand(kind, value, spot, allow_empty=op in ("is", "is_not")))


def number_of(value: object) -> float | None:
    """The value as a double when it is a finite number; None for anything else."""
    if type(value) is not int and type(value) is not float:
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def time_key(value: object) -> str | None:
    """The first 23 characters of a UTC time, which order as time does; None if it is no time."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return None
    return value[:19] + (value[19:23] if value[19] == "." else ".000")


def spoken(value: object) -> str:
    """A stored value in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return f"“{value if len(value) <= 80 else value[:79] + '…'}”"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(spoken(member) for member in value[:10]) + "]"
    return "a nested value" if isinstance(value, Mapping) else str(value)


def _kind_for(op: str, value: object, place: Place, kinds: tuple[Kind, ...]) -> Kind:
    owners: list[Kind] = [kind for kind in kinds if op in OPERATORS[kind]]
    if len(owners) == 1:
        return owners[0]
    for kind, types in (("boolean", bool), ("number", (int, float)), ("text", str)):
        if isinstance(value, cast("type", types)) and kind in owners:
            return kind
    return place.fail(f"{op!r} compares {' or '.join(owners)}; got {kind_name(value)}")


def _operand(kind: Kind, value: object, place: Place, *, allow_empty: bool = False) -> Operand:
    if kind == "text" and value == "" and allow_empty:
        return ""
    if kind in ("text", "list"):
        return place.text(value)
    if kind == "boolean":
        if not isinstance(value, bool):
            place.fail(f"expected true or false; got {kind_name(value)}")
        return value
    if kind == "time":
        return _parse_time(value, place)
    number = number_of(value)
    if number is None:
        place.fail(f"expected a number; got {kind_name(value)}")
    return number + 0.0  # -0.0 becomes 0.0


def _parse_in(value: object, place: Place, kinds: tuple[Kind, ...]) -> ValueTest:
    members = place.sequence(value, MAX_MEMBERS)
    if not members:
        place.fail("needs at least one member")
    kind = _kind_for("in", members[0], place.index(0), kinds)
    operands = [
        _operand(kind, member, place.index(i), allow_empty=True) for i, member in enumerate(members)
    ]
    return ValueTest(kind, "in", cast("Operand", tuple(dict.fromkeys(operands))))


def _parse_time(value: object, place: Place) -> str:
    remedy = "expected a time with its zone, like 2026-01-31T09:00:00Z"
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            place.fail(f"{remedy}; got {value[:40]!r}")
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        place.fail(f"{remedy}; got {kind_name(value)}")
    try:
        text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
    except OverflowError:
        place.fail(f"{remedy}; it is out of range")
    return text + "Z"


def _plain(test: ValueTest) -> object:
    if isinstance(test.operand, tuple):
        return [_plain_member(member) for member in test.operand]
    return _plain_member(test.operand)


def _plain_member(value: object) -> object:
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
        return int(value)
    return value


def _match_text(test: ValueTest, value: object) -> bool:
    if not isinstance(value, str):
        return False
    match test.op:
        case "is":
            return value == test.operand
        case "is_not":
            return value != test.operand
        case "in":
            return value in cast("tuple[str, ...]", test.operand)
        case "contains":
            return cast("str", test.operand) in value
        case _:
            return value.startswith(cast("str", test.operand))


def _match_number(test: ValueTest, value: object) -> bool:
    number = number_of(value)
    if number is None:
        return False
    if test.op == "in":
        return number in cast("tuple[float, ...]", test.operand)
    operand = cast("float", test.operand)
    match test.op:
        case "is":
            return number == operand
        case "is_not":
            return number != operand
        case "gt":
            return number > operand
        case "gte":
            return number >= operand
        case "lt":
            return number < operand
        case _:
            return number <= operand


def _match_boolean(test: ValueTest, value: object) -> bool:
    return isinstance(value, bool) and (value is test.operand) is (test.op == "is")


def _match_time(test: ValueTest, value: object) -> bool:
    key = time_key(value)
    if key is None:
        return False
    edge = cast("str", test.operand)[:23]
    return key < edge if test.op == "before" else key > edge


def _match_list(test: ValueTest, value: object) -> bool:
    return isinstance(value, list | tuple) and any(
        isinstance(member, str) and member == test.operand for member in value
    )


def _match_any(_test: ValueTest, _value: object) -> bool:
    return True


_MATCHERS: Final[Mapping[Kind, Callable[[ValueTest, object], bool]]] = {
    "text": _match_text,
    "number": _match_number,
    "boolean": _match_boolean,
    "time": _match_time,
    "list": _match_list,
    "any": _match_any,
}
