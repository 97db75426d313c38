"""How each engine reads one JSON value with its type. Every value is a bound parameter.

A slot is a JSON column and the keys that lead to the value. `text` and `number` are only
evaluated behind the type check of the same slot (a CASE), because casts of other types raise.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import reduce
from typing import Final, Literal, Protocol

from sqlglot import exp

from hub.sdk.errors import HubError

Name = Literal["sqlite", "postgres", "duckdb"]
Parameter = str | int | float
LARGEST: Final = 1.7976931348623157e308
_SMALLEST: Final = "2.4703282292062328e-324"  # a decimal below this is zero as a double


@dataclass(frozen=True, slots=True)
class Slot:
    """One JSON value: `column`, then the keys."""

    column: exp.Expr
    keys: tuple[str, ...]


# Built by hand: sqlglot would parse the name of the type once per value.
_TYPES: Final = {
    str: exp.DataType.Type.TEXT,
    int: exp.DataType.Type.BIGINT,
    float: exp.DataType.Type.DOUBLE,
}
MAX_PARAMETERS: Final = 30_000  # SQLite takes 32,766 and asyncpg 32,767


class TooLarge(HubError):
    """The query would hold more values than a database takes."""


class Binder:
    """Collects parameters and hands out their numbered markers."""

    def __init__(self, sign: str) -> None:
        self.values: list[Parameter] = []
        self._sign = sign
        self._seen: dict[tuple[type, Parameter], int] = {}

    def bind(self, value: Parameter) -> exp.Expr:
        """A marker for the value, cast to its type so that no engine has to guess."""
        key = (type(value), value)
        if key not in self._seen:
            if len(self.values) >= MAX_PARAMETERS:
                raise TooLarge(f"the condition holds more than {MAX_PARAMETERS} values; split it")
            self.values.append(value)
            self._seen[key] = len(self.values)
        marker = exp.Var(this=f"{self._sign}{self._seen[key]}")
        return exp.Cast(this=marker, to=exp.DataType(this=_TYPES[type(value)]))


class Dialect(Protocol):
    """What the compiler asks of an engine."""

    name: Name
    sign: str

    def type_is(self, slot: Slot, kind: str, binder: Binder) -> exp.Expr:
        """Whether the stored JSON type is text, number, boolean, list, or any but null."""
        ...

    def text(self, slot: Slot, binder: Binder) -> exp.Expr:
        """A stored text, unquoted, compared by code point."""
        ...

    def number(self, slot: Slot, binder: Binder) -> exp.Expr:
        """A stored number as a double; NULL when it is too large for one."""
        ...

    def truth(self, slot: Slot, binder: Binder) -> exp.Expr:
        """A stored boolean."""
        ...

    def has(self, slot: Slot, member: str, binder: Binder) -> exp.Expr:
        """Whether a stored list holds this text."""
        ...

    def code_points(self, text: exp.Expr) -> exp.Expr:
        """A text that orders by code point."""
        ...

    def is_time(self, text: exp.Expr, binder: Binder) -> exp.Expr:
        """Whether a text is a UTC time as `hub.sdk.values.time_key` knows it."""
        ...


def dialect(name: Name) -> Dialect:
    """The engine of that name."""
    kinds: dict[Name, type[Dialect]] = {
        "sqlite": Sqlite,
        "postgres": Postgres,
        "duckdb": Duckdb,
    }
    return kinds[name]()


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """A function call that is written as it stands."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def within_doubles(number: exp.Expr) -> exp.Expr:
    """The number, or NULL when it is larger than the largest double."""
    edge = exp.Literal.number(repr(LARGEST))
    fits = exp.LTE(this=exp.Abs(this=number.copy()), expression=exp.cast(edge, "double"))
    return exp.Case().when(fits, number.copy())


def _literals(*words: str) -> list[exp.Expr]:
    return [exp.Literal.string(word) for word in words]


def _quoted_path(keys: tuple[str, ...]) -> str:
    if any(letter in key for key in keys for letter in '"\\'):
        raise ValueError("a key with quotes can not be asked for")
    return "$" + "".join(f'."{key}"' for key in keys)


_DAY: Final = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]"
_GLOBS: Final = tuple(
    _DAY + fraction + zone
    for fraction in ("", ".[0-9][0-9][0-9]", ".[0-9][0-9][0-9][0-9][0-9][0-9]")
    for zone in ("Z", "+00:00")
)
_REGEX: Final = "^" + _DAY + r"(\.[0-9]{3}([0-9]{3})?)?(Z|\+00:00)$"


def _glob_time(text: exp.Expr) -> exp.Expr:
    return exp.or_(
        *(exp.Glob(this=text.copy(), expression=exp.Literal.string(glob)) for glob in _GLOBS)
    )


class Sqlite:
    """SQLite: JSON is text."""

    name: Name = "sqlite"
    sign = "?"
    _types: Final = {
        "text": ("text",),
        "number": ("integer", "real"),
        "boolean": ("true", "false"),
        "list": ("array",),
    }

    def type_is(self, slot: Slot, kind: str, binder: Binder) -> exp.Expr:
        """By json_type."""
        found = self._call("json_type", slot, binder)
        if kind == "any":
            return exp.NEQ(this=found, expression=exp.Literal.string("null"))
        return exp.In(this=found, expressions=_literals(*self._types[kind]))

    def text(self, slot: Slot, binder: Binder) -> exp.Expr:
        """SQLite compares bytes of UTF-8, which is code point order."""
        return self._call("json_extract", slot, binder)

    def number(self, slot: Slot, binder: Binder) -> exp.Expr:
        """Infinity, which a JSON text can spell as 1e999, becomes NULL."""
        return within_doubles(exp.cast(self._call("json_extract", slot, binder), "double"))

    def truth(self, slot: Slot, binder: Binder) -> exp.Expr:
        """The type is the value."""
        return exp.EQ(
            this=self._call("json_type", slot, binder), expression=exp.Literal.string("true")
        )

    def has(self, slot: Slot, member: str, binder: Binder) -> exp.Expr:
        """By json_each."""
        each = self._call("json_each", slot, binder)
        kind = exp.EQ(this=exp.column("type", "j"), expression=exp.Literal.string("text"))
        same = exp.EQ(this=exp.column("value", "j"), expression=binder.bind(member))
        alias = exp.TableAlias(this=exp.to_identifier("j"))
        rows = exp.select(exp.Literal.number(1)).from_(exp.Table(this=each, alias=alias))
        return exp.Exists(this=rows.where(kind, same))

    def code_points(self, text: exp.Expr) -> exp.Expr:
        """As it is."""
        return text

    def is_time(self, text: exp.Expr, binder: Binder) -> exp.Expr:
        """By GLOB: there is no regular expression."""
        return _glob_time(text)

    def _call(self, name: str, slot: Slot, binder: Binder) -> exp.Expr:
        return call(name, slot.column.copy(), binder.bind(_quoted_path(slot.keys)))


class Postgres:
    """PostgreSQL: JSON is jsonb."""

    name: Name = "postgres"
    sign = "$"
    _types: Final = {"text": "string", "number": "number", "boolean": "boolean", "list": "array"}

    def type_is(self, slot: Slot, kind: str, binder: Binder) -> exp.Expr:
        """By jsonb_typeof."""
        found = call("jsonb_typeof", self._value(slot, binder))
        if kind == "any":
            return exp.NEQ(this=found, expression=exp.Literal.string("null"))
        return exp.EQ(this=found, expression=exp.Literal.string(self._types[kind]))

    def text(self, slot: Slot, binder: Binder) -> exp.Expr:
        """With the collation of code points."""
        return self.code_points(self._leaf(slot, binder))

    def number(self, slot: Slot, binder: Binder) -> exp.Expr:
        """jsonb holds any decimal; a cast of one outside the doubles would raise."""
        decimal = exp.cast(self._leaf(slot, binder), "decimal")
        size = exp.Abs(this=decimal)

        def edge(text: str) -> exp.Expr:
            return exp.cast(exp.Literal.string(text), "decimal")

        tiny = exp.LT(this=size.copy(), expression=edge(_SMALLEST))
        fits = exp.LTE(this=size.copy(), expression=edge(repr(LARGEST)))
        zero = exp.cast(exp.Literal.number(0), "double")
        return exp.Case().when(tiny, zero).when(fits, exp.cast(decimal.copy(), "double"))

    def truth(self, slot: Slot, binder: Binder) -> exp.Expr:
        """By its text."""
        return exp.EQ(this=self._leaf(slot, binder), expression=exp.Literal.string("true"))

    def has(self, slot: Slot, member: str, binder: Binder) -> exp.Expr:
        """By containment of a list of one."""
        wanted = exp.cast(binder.bind(json.dumps([member])), "jsonb")
        return _operator(self._value(slot, binder), "@>", wanted)

    def code_points(self, text: exp.Expr) -> exp.Expr:
        """COLLATE "C"."""
        return exp.paren(exp.Collate(this=text, expression=exp.to_identifier("C", quoted=True)))

    def is_time(self, text: exp.Expr, binder: Binder) -> exp.Expr:
        """By a regular expression."""
        return exp.RegexpLike(this=text, expression=exp.Literal.string(_REGEX))

    def _value(self, slot: Slot, binder: Binder) -> exp.Expr:
        start = slot.column.copy()
        return reduce(lambda at, key: _operator(at, "->", binder.bind(key)), slot.keys, start)

    def _leaf(self, slot: Slot, binder: Binder) -> exp.Expr:
        above = self._value(Slot(slot.column, slot.keys[:-1]), binder)
        return _operator(above, "->>", binder.bind(slot.keys[-1]))


def _operator(left: exp.Expr, sign: str, right: exp.Expr) -> exp.Expr:
    return exp.paren(
        exp.Operator(this=left, operator=f"pg_catalog.{sign}", expression=right), copy=False
    )


class Duckdb:
    """DuckDB: JSON is text or its JSON type; paths are JSON pointers, which have no wildcard."""

    name: Name = "duckdb"
    sign = "$"
    _types: Final = {
        "text": ("VARCHAR",),
        "number": ("BIGINT", "UBIGINT", "HUGEINT", "DOUBLE"),
        "boolean": ("BOOLEAN",),
        "list": ("ARRAY",),
    }

    def type_is(self, slot: Slot, kind: str, binder: Binder) -> exp.Expr:
        """By json_type."""
        found = self._call("json_type", slot, binder)
        if kind == "any":
            return exp.NEQ(this=found, expression=exp.Literal.string("NULL"))
        return exp.In(this=found, expressions=_literals(*self._types[kind]))

    def text(self, slot: Slot, binder: Binder) -> exp.Expr:
        """DuckDB compares bytes of UTF-8, which is code point order."""
        return self._call("json_extract_string", slot, binder)

    def number(self, slot: Slot, binder: Binder) -> exp.Expr:
        """A number too large for a double does not cast, or is infinite: NULL."""
        kind = exp.DataType.build("double")
        return within_doubles(exp.TryCast(this=self.text(slot, binder), to=kind))

    def truth(self, slot: Slot, binder: Binder) -> exp.Expr:
        """By its text."""
        return exp.EQ(this=self.text(slot, binder), expression=exp.Literal.string("true"))

    def has(self, slot: Slot, member: str, binder: Binder) -> exp.Expr:
        """By unnesting: a list of texts would make the number 1 equal the text 1."""
        whole = self._call("json_extract", slot, binder)
        members = call("unnest", call("json_extract", whole, exp.Literal.string("$[*]")))
        rows = exp.select(exp.alias_(members, "v")).subquery("j")
        value = exp.column("v", "j")
        kind = exp.EQ(this=call("json_type", value), expression=exp.Literal.string("VARCHAR"))
        text = call("json_extract_string", value.copy(), exp.Literal.string("$"))
        same = exp.EQ(this=text, expression=binder.bind(member))
        return exp.Exists(this=exp.select(exp.Literal.number(1)).from_(rows).where(kind, same))

    def code_points(self, text: exp.Expr) -> exp.Expr:
        """As it is."""
        return text

    def is_time(self, text: exp.Expr, binder: Binder) -> exp.Expr:
        """By GLOB."""
        return _glob_time(text)

    def _call(self, name: str, slot: Slot, binder: Binder) -> exp.Expr:
        return call(name, slot.column.copy(), binder.bind(_pointer(slot.keys)))


def _pointer(keys: tuple[str, ...]) -> str:
    return "".join("/" + re.sub("[~/]", lambda m: {"~": "~0", "/": "~1"}[m[0]], k) for k in keys)
