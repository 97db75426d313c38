"""The vocabulary of the data map: what is kept of people, why, how long, and how it goes.

Each table, file and plugin key declares itself with these, right where it is defined. The export,
the erasure, the retention job and the record of processing are driven by the declarations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

DataClass = Literal[
    "identifier",  # names a person or a browser
    "contact",  # what a person is called and how to reach her
    "behaviour",  # what somebody did
    "order",  # what was bought
    "consent",  # what somebody agreed to
    "message",  # what was sent
    "derived",  # follows from the rest
    "catalogue",  # of the shop, of nobody
    "technical",  # numbers and times that keep the rest together
    "configuration",
    "staff",  # of people who work here
    "secret",
]
Kept = Literal[
    "person",  # until the person is erased
    "behaviour", "decision", "message", "technical",  # as [retention] of the settings says
    "books",  # for good, without a name once the person is erased
    "proof",  # for good: keyed hashes and numbers only
    "workspace",  # as long as the hub
]  # fmt: skip
# What an export does with a table.
Export = Literal["no", "rows", "identifiers", "log", "orders", "order_parts"]
# What an erasure does with a table.
Erase = Literal[
    "no", "delete", "blank", "release", "tombstone", "log", "orders", "order_parts", "links",
    "scrub", "tokens", "examples", "letters",
]  # fmt: skip
CLASSES: tuple[str, ...] = get_args(DataClass)
# Nobody's data: a table of these alone needs neither export nor erasure.
IMPERSONAL = frozenset({"technical", "configuration", "staff", "secret", "catalogue"})


class Undeclared(Exception):
    """Something is kept that the data map does not know; the message says what to add where."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One table. `columns`: data class -> names of the columns, separated by spaces.

    `key`: the column with the node of the person, for the ways that go by it. `note` says why
    there is no way where one would be expected.
    """

    purpose: str
    kept: Kept
    columns: Mapping[str, str]
    export: Export = "no"
    erase: Erase = "no"
    key: str = ""
    note: str = ""

    @property
    def classes(self) -> dict[str, str]:
        """Column -> data class."""
        return {name: kind for kind, names in self.columns.items() for name in names.split()}

    @property
    def personal(self) -> bool:
        """Whether a row can tell something about a person."""
        return bool(set(self.columns) - IMPERSONAL)


class HeldFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file or folder of the data folder; `name` may hold `*`."""

    name: str
    purpose: str
    data_class: DataClass
    kept: Kept
    export: str
    erase: str


class HeldState(msgspec.Struct, frozen=True, kw_only=True):
    """A key that a plugin keeps. `personal`: it holds something about people."""

    plugin: str
    key: str
    purpose: str
    personal: bool


def faults(table: str, held: Held | None, columns: set[str]) -> list[str]:
    """What is wrong with the declaration of a table of these columns; none: it is whole."""
    if held is None:
        return [f"{table}: is not in the data map: give its model a `held`"]
    known = held.classes
    found = [
        f"{table}.{name}: is not in the data map: add it to `held`"
        for name in sorted(columns - known.keys())
    ]
    found += [
        f"{table}.{name}: is in the data map but not in the table"
        for name in sorted(known.keys() - columns)
    ]
    found += [f"{table}: '{kind}' is no data class" for kind in held.columns if kind not in CLASSES]
    names = " ".join(held.columns.values()).split()
    found += [
        f"{table}.{name}: is declared twice"
        for name in sorted({n for n in names if names.count(n) > 1})
    ]
    if held.personal and "no" in (held.export, held.erase) and not held.note:
        found.append(f"{table}: is personal, so it needs an export and an erase, or a note why not")
    if held.export == "rows" or held.erase in ("delete", "release", "blank"):
        if held.key not in columns:
            found.append(f"{table}: '{held.key}' is not a column, but the rows are found by it")
    return found
