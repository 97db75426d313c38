"""What becomes of single fields of events at the door: left out, or replaced by a keyed hash."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Literal

import msgspec
import orjson

Action = Literal["drop", "hash", "keep"]
ACTIONS = ("drop", "hash", "keep")
EVENT, TRAITS = "event", "traits"
_PARTS = re.compile(r"(?:\\\.|[^.])+")
_LISTS = re.compile(r"((?:\[\])*)$")


class FieldRule(msgspec.Struct, frozen=True):
    """`scope`: event or traits; `name`: of the event; `path` as the dictionary writes it. `keep`
    changes nothing: somebody looked at the field and wants it so."""

    scope: str
    name: str
    path: str
    action: Action


class FieldRules:
    """The rules of one source. `digest` is the keyed hash of a text."""

    def __init__(self, rules: Iterable[FieldRule], digest: Callable[[str], str]) -> None:
        self.rules = tuple(rules)
        self._digest = digest
        self._by: dict[tuple[str, str], list[tuple[list[tuple[str, int]], Action]]] = {}
        for rule in self.rules:
            if rule.action != "keep" and steps(rule.path):
                place = (rule.scope, rule.name if rule.scope == EVENT else "")
                self._by.setdefault(place, []).append((steps(rule.path), rule.action))

    def apply(self, name: str, properties: dict[str, Any] | None, traits: dict[str, Any]) -> None:
        """Change the fields of one event in place."""
        for path, action in self._by.get((EVENT, name), ()):
            if properties:
                self._change(properties, path, action)
        for path, action in self._by.get((TRAITS, ""), ()):
            self._change(traits, path, action)

    def _change(self, holder: dict[str, Any], path: list[tuple[str, int]], action: Action) -> None:
        key, lists = path[0]
        if key not in holder:
            return
        if lists:
            holder[key] = self._items(holder[key], lists, path[1:], action)
        elif len(path) > 1:
            if isinstance(holder[key], dict):
                self._change(holder[key], path[1:], action)
        elif action == "drop":
            del holder[key]
        else:
            holder[key] = self._hashed(holder[key])

    def _items(self, value: Any, lists: int, rest: list[tuple[str, int]], action: Action) -> Any:
        if not isinstance(value, list):
            return value
        if lists > 1:
            return [self._items(item, lists - 1, rest, action) for item in value]
        if rest:
            for item in value:
                if isinstance(item, dict):
                    self._change(item, rest, action)
            return value
        return [] if action == "drop" else [self._hashed(item) for item in value]

    def _hashed(self, value: Any) -> Any:
        if value is None or isinstance(value, bool) or value == "":
            return value
        text = value if isinstance(value, str) else orjson.dumps(value).decode()
        return f"hash:{self._digest(text.strip().casefold())[:32]}"


def steps(path: str) -> list[tuple[str, int]]:
    """The keys of a path, each with how many lists deep its items lie."""
    found = []
    for part in _PARTS.findall(path):
        tail = _LISTS.search(part)
        lists = len(tail[1]) if tail else 0
        found.append((part[: len(part) - lists].replace("\\.", "."), lists // 2))
    return found
