"""The dictionary of one source, folded from its events one by one, within fixed bounds.

The same events in the same order give the same dictionary, however they are cut into batches: so
a rebuild from the log gives what was there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from hub.personal import is_bsn, personal_name, personal_value

NAMES = 300  # event names of one source
FIELDS = 200  # paths of one event name
SOURCE_FIELDS = 5000  # paths of all event names of one source
DEPTH = 4
ITEMS = 20  # of a list that are looked at
PATH_CHARS = 200
EXAMPLES = 3
EXAMPLE_CHARS = 60
DAYS = 30
RARE = 2  # a name that came so often, and not for STALE_MS, makes room for a new one
STALE_MS = 7 * 86_400_000
CLOSELY = 200  # values of a field that are all looked at; later ones
NOW_AND_THEN = 16  # one in so many
BSN_SURE = 10  # so many numbers in a row that are right are no accident
DAY_MS = 86_400_000

EVENT, TRAITS = "event", "traits"
OTHERS = ""  # stands for the names that found no room
TRAITS_NAME = "Traits"
Key = tuple[str, str]  # scope, name


class Example(msgspec.Struct, array_like=True):
    """A value as it came. `node`: whose event it was, so that it goes with her."""

    value: str
    node: int
    at: int


class Field(msgspec.Struct, omit_defaults=True):
    """One property path. `n`: events that carry it. `types` -> events with such a value."""

    n: int = 0
    first: int = 0
    last: int = 0
    types: dict[str, int] = {}
    personal: str = ""
    nine: int = 0  # values of nine digits; negative: one of them was no citizen's number
    examples: list[Example] = []


class Kind(msgspec.Struct, omit_defaults=True):
    """One event name, or the traits. `crowded`: events with paths that found no room."""

    n: int = 0
    first: int = 0
    last: int = 0
    days: dict[int, int] = {}
    fields: dict[str, Field] = {}
    crowded: int = 0


class Words:
    """What one source sends. `changed` and `gone` are what is to be written."""

    def __init__(self, kinds: dict[Key, Kind] | None = None) -> None:
        self.kinds: dict[Key, Kind] = kinds or {}
        self.changed: set[Key] = set()
        self.gone: set[Key] = set()
        self._fields = sum(len(kind.fields) for kind in self.kinds.values())
        self._full_until = 0  # no name grows old enough before that

    def see(self, name: str, body: Mapping[str, Any], *, node: int, at: int) -> None:
        """One event more. `at`: when it was received, in milliseconds."""
        key = (EVENT, name) if name and not personal_value(name) else (EVENT, OTHERS)
        self._add(key, body.get("properties"), node, at)
        traits = body.get("traits")
        if isinstance(traits, dict) and traits:
            self._add((TRAITS, TRAITS_NAME), traits, node, at)

    def _add(self, key: Key, values: Any, node: int, at: int) -> None:
        kind = self._kind(key, at)
        kind.n += 1
        kind.last = max(kind.last, at)
        day = at // DAY_MS
        if kind.days.get(day):
            kind.days[day] += 1
        elif day > max(kind.days, default=0) - DAYS:
            kind.days[day] = 1
            newest = max(kind.days)
            for old in [d for d in kind.days if d <= newest - DAYS]:
                del kind.days[old]
        if isinstance(values, dict) and kind is not self.kinds.get((EVENT, OTHERS)):
            self._fold(kind, values, node, at)

    def _kind(self, key: Key, at: int) -> Kind:
        kind = self.kinds.get(key)
        if kind is None and key[1] != OTHERS and len(self.kinds) >= NAMES and not self._room(at):
            key = (EVENT, OTHERS)
            kind = self.kinds.get(key)
        self.changed.add(key)
        if kind is None:
            kind = self.kinds[key] = Kind(first=at, last=at)
            self.gone.discard(key)
        return kind

    def _room(self, at: int) -> bool:
        """Let the oldest rare name go: what somebody made up once does not stay for good."""
        if at < self._full_until:
            return False
        rare = [
            (kind.last, key)
            for key, kind in self.kinds.items()
            if kind.n <= RARE and key[0] == EVENT and key[1] != OTHERS
        ]
        last, key = min(rare, default=(at, ("", "")))
        if last + STALE_MS > at:
            # A name that is rare now came last at `last` or later; a new one finds no room.
            self._full_until = last + STALE_MS
            return False
        old = self.kinds.pop(key)
        self._fields -= len(old.fields)
        self.changed.discard(key)
        self.gone.add(key)
        others = self._kind((EVENT, OTHERS), old.first)
        others.n += old.n
        others.first, others.last = min(others.first, old.first), max(others.last, old.last)
        return True

    def _fold(self, kind: Kind, values: dict[str, Any], node: int, at: int) -> None:
        found: dict[str, tuple[set[str], Any]] = {}
        crowded = _walk(values, "", 1, found)
        for path, (types, value) in found.items():
            field = kind.fields.get(path)
            if field is None:
                if len(kind.fields) >= FIELDS or self._fields >= SOURCE_FIELDS:
                    crowded = True
                    continue
                name = path.rpartition(".")[2].removesuffix("[]")
                field = kind.fields[path] = Field(first=at, personal=personal_name(name))
                self._fields += 1
            field.n += 1
            field.last = max(field.last, at)
            for shape in types:
                field.types[shape] = field.types.get(shape, 0) + 1
            if not field.personal and (field.n <= CLOSELY or not field.n % NOW_AND_THEN):
                _look(field, value, node, at)
        kind.crowded += crowded


def _walk(
    values: dict[str, Any], prefix: str, depth: int, found: dict[str, tuple[set[str], Any]]
) -> bool:
    """Every path with the types of its values and the first of them; True if some were left out."""
    crowded = False
    for key, value in values.items():
        path = prefix + (key.replace(".", "\\.") if "." in key else key)
        # Names that would make a path mean two things are not listed.
        odd = not key or "\\" in key or "[]" in key
        if odd or len(path) > PATH_CHARS or personal_value(key):
            crowded = True
            continue
        crowded |= _visit(value, path, depth, found)
    return crowded


def _visit(value: Any, path: str, depth: int, found: dict[str, tuple[set[str], Any]]) -> bool:
    shape = _SHAPES.get(type(value), "text")
    if path in found:
        types, first = found[path]
        types.add(shape)
        # Whatever looks personal in a list is what counts.
        if type(value) is str and not personal_value(first) and personal_value(value):
            found[path] = (types, value)
    elif len(found) > SOURCE_FIELDS:
        return True
    else:
        found[path] = ({shape}, value)
    if depth >= DEPTH:
        return False
    if type(value) is dict:
        return _walk(value, f"{path}.", depth + 1, found)
    crowded = False
    if type(value) is list:
        for item in value[:ITEMS]:
            if type(item) is dict:
                crowded |= _walk(item, f"{path}[].", depth + 1, found)
            else:
                crowded |= _visit(item, f"{path}[]", depth + 1, found)
    return crowded


_SHAPES = {
    str: "text", int: "number", float: "number", bool: "boolean", list: "list", dict: "object",
    type(None): "null",
}  # fmt: skip


def _look(field: Field, value: Any, node: int, at: int) -> None:
    """What is personal is never kept as an example, nor is what stood there before it was known."""
    if isinstance(value, dict | list | bool | None):
        return
    field.personal = personal_value(value)
    citizen = _citizen(field, value)
    if field.personal:
        field.examples.clear()
    elif len(field.examples) < EXAMPLES and not citizen:
        text = str(value)
        if not text or len(text) > EXAMPLE_CHARS:
            return  # half a text tells little of the field, and long ones are prose
        if all(example.value != text for example in field.examples):
            field.examples.append(Example(text, node, at))


def _citizen(field: Field, value: Any) -> bool:
    """Whether it may be a citizen's number; sure once many in a row are."""
    text = str(value)
    if len(text) != 9 or not text.isdecimal():
        return False
    right = is_bsn(value)
    if field.nine >= 0:
        field.nine = field.nine + 1 if right else -1
        if field.nine >= BSN_SURE:
            field.personal = "national_id"
    return right


def without_examples(kind: Kind, goes: Any) -> int:
    """Take out the examples for which `goes(example)`; answer how many went."""
    n = 0
    for field in kind.fields.values():
        kept = [example for example in field.examples if not goes(example)]
        n += len(field.examples) - len(kept)
        field.examples = kept
    return n
