"""Reading plain data (from YAML or JSON) with errors that name the place at fault."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NoReturn

from hub.sdk.errors import HubError

MAX_TEXT = 1000
MAX_NAME = 200


class InvalidCondition(HubError):
    """A condition can not be read; `path` names the place, like `when.all[1].did.within`."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


@dataclass(frozen=True, slots=True)
class Place:
    """Where we are in the data that is being read."""

    path: str
    depth: int = 0

    def key(self, name: str) -> Place:
        """The place one key below."""
        return replace(self, path=f"{self.path}.{name}")

    def index(self, position: int) -> Place:
        """The place of one member of a list, one level deeper."""
        return replace(self, path=f"{self.path}[{position}]", depth=self.depth + 1)

    def deeper(self) -> Place:
        """The same place, counted as one level deeper."""
        return replace(self, depth=self.depth + 1)

    def fail(self, message: str) -> NoReturn:
        """Refuse the data at this place."""
        raise InvalidCondition(self.path, message)

    def mapping(
        self, data: object, required: Iterable[str], optional: Iterable[str] = ()
    ) -> Mapping[str, object]:
        """The data as a mapping that has all required keys and no unknown one."""
        needed = tuple(required)
        allowed = (*needed, *optional)
        if not isinstance(data, Mapping):
            self.fail(f"expected {', '.join(allowed)}; got {kind_name(data)}")
        for name in data:
            if name not in allowed:
                self.key(str(name)).fail(f"unknown; {suggest(str(name), allowed)}")
        for name in needed:
            if name not in data:
                self.key(name).fail("is missing")
        return data

    def single(self, data: object, allowed: Iterable[str]) -> tuple[str, object]:
        """The one key of a mapping and its value."""
        names = tuple(allowed)
        if not isinstance(data, Mapping) or len(data) != 1:
            self.fail(f"expected exactly one of {', '.join(names)}; got {kind_name(data)}")
        name, value = next(iter(data.items()))
        if name not in names:
            self.key(str(name)).fail(f"unknown; {suggest(str(name), names)}")
        return str(name), value

    def sequence(self, data: object, limit: int) -> list[object]:
        """The data as a list of at most `limit` members."""
        if not isinstance(data, list | tuple):
            self.fail(f"expected a list; got {kind_name(data)}")
        if len(data) > limit:
            self.fail(f"at most {limit} members; got {len(data)}")
        return list(data)

    def whole(self, data: object, low: int, high: int) -> int:
        """The data as a whole number between `low` and `high`."""
        if type(data) is not int or not low <= data <= high:
            self.fail(f"expected a whole number from {low} to {high}; got {shown(data)}")
        return data

    def choice(self, data: object, allowed: Iterable[str]) -> str:
        """The data as one of the allowed words."""
        words = tuple(allowed)
        if not isinstance(data, str) or data not in words:
            self.fail(f"expected one of {', '.join(words)}; got {shown(data)}")
        return data

    def text(self, data: object, *, limit: int = MAX_TEXT) -> str:
        """The data as a text that is not empty and can be stored on every database."""
        if not isinstance(data, str):
            self.fail(f"expected a text; got {kind_name(data)} (put it in quotes)")
        if not data:
            self.fail("must not be empty")
        if len(data) > limit:
            self.fail(f"at most {limit} characters; got {len(data)}")
        if "\x00" in data or any("\ud800" <= letter <= "\udfff" for letter in data):
            self.fail("holds a character that can not be stored")
        return data

    def name(self, data: object) -> str:
        """The data as the key of a trait or property, or the name of an event."""
        text = self.text(data, limit=MAX_NAME)
        # SQLite has no way to write a quote inside a JSON path.
        if any(letter in '"\\' or ord(letter) < 32 for letter in text):
            self.fail("must not hold quotes, backslashes or control characters")
        return text


def shown(data: object) -> str:
    """A short, safe picture of a wrong value for an error message."""
    text = repr(data) if isinstance(data, str | int | float | bool | None) else kind_name(data)
    return text if len(text) <= 60 else text[:57] + "..."


def kind_name(data: object) -> str:
    """The word for a value's type that a person who writes YAML knows."""
    names: tuple[tuple[type, str], ...] = (
        (bool, "yes or no"),
        (int, "a number"),
        (float, "a number"),
        (str, "a text"),
        (list, "a list"),
        (tuple, "a list"),
        (Mapping, "a mapping with " + _keys_of(data)),
    )
    for kind, name in names:
        if isinstance(data, kind):
            return name
    return "nothing" if data is None else f"a {type(data).__name__}"


def _keys_of(data: object) -> str:
    if not isinstance(data, Mapping):
        return ""
    shown_keys = [str(key)[:30] for key in list(data)[:5]]
    return ("the keys " + ", ".join(shown_keys)) if shown_keys else "no keys"


def suggest(name: str, allowed: Iterable[str]) -> str:
    """A remedy for a misspelt word."""
    words = list(allowed)
    close = difflib.get_close_matches(name, words, n=1)
    return f"did you mean {close[0]}?" if close else f"expected one of {', '.join(words)}"
