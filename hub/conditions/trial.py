"""Small worlds of people and events on SQLite and DuckDB: how a condition is tried out.

Used by the contract suite that authors of conditions inherit from, and by our own tests.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import duckdb

from hub.conditions.compile import SetQuery
from hub.conditions.counters import CounterFacts, observe
from hub.conditions.facts import EventFacts, EventRow, person_traits
from hub.sdk.conditions import Context, DidLeaf

ZONE = ZoneInfo("Europe/Brussels")
TABLES = (
    "node_person (node_id BIGINT, core_id BIGINT, person_id BIGINT, trusted BOOLEAN)",
    "person (id BIGINT, first_seen BIGINT, last_seen BIGINT, email TEXT, name TEXT, phone TEXT, "
    "trusted BOOLEAN, events BIGINT, traits {json})",
    'log (seq BIGINT, kind TEXT, name TEXT, node_id BIGINT, links {json}, "at" BIGINT, '
    "received_at BIGINT, source_id BIGINT, body {json})",
    'order_event (id BIGINT, node_id BIGINT, "at" BIGINT, name TEXT, order_pk BIGINT, '
    "properties {json}, provisional BOOLEAN)",
)
NAMES = ("order_event", "log", "person", "node_person")


@dataclass(frozen=True)
class Person:
    """One person with one or more nodes; each event is (node index, event)."""

    traits: dict[str, Any] = field(default_factory=dict)
    email: str | None = None
    events: tuple[tuple[int, EventRow], ...] = ()
    noise: tuple[EventRow, ...] = ()  # log rows that are no behaviour

    def known(self) -> dict[str, Any]:
        """The traits as conditions see them."""
        return person_traits(self.traits, email=self.email)

    def facts(self, zone: ZoneInfo = ZONE, context: Context | None = None) -> EventFacts:
        """Facts from the history."""
        rows = [row for _, row in self.events]
        return EventFacts(rows, self.known(), zone=zone, context=context)

    def counted(
        self, leaves: Sequence[DidLeaf], zone: ZoneInfo = ZONE, context: Context | None = None
    ) -> CounterFacts:
        """Facts from counters that saw each event once, in the order given."""
        counters: dict[str, Sequence[int]] = {leaf.key: () for leaf in leaves}
        for _, row in self.events:
            for leaf in leaves:
                counters[leaf.key] = observe(
                    leaf, row.name, row.at, row.properties, counters[leaf.key]
                )
        known = {leaf.key: leaf.keep for leaf in leaves}
        return CounterFacts(counters, known, self.known(), zone=zone, context=context)


def rows_of(people: Sequence[Person]) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of all tables; person i has the id 10 * i and the nodes 10 * i .. 10 * i + 2."""
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in NAMES}
    for i, person in enumerate(people):
        base = 10 * i
        rows["person"].append(
            (base, 0, 0, person.email, None, None, False, 0, dumped(person.traits))
        )
        rows["node_person"] += [(base + n, base, base, True) for n in range(3)]
        for n, row in person.events:
            if row.name.startswith("Order "):
                properties = dumped(row.properties)
                rows["order_event"].append((0, base + n, row.at, row.name, 0, properties, False))
                sighting = _log_row(base + n, row, "event")
                rows["log"] += [sighting, sighting]  # these count nowhere
            else:
                rows["log"].append(_log_row(base + n, row, "event"))
        rows["log"] += [_log_row(base, row, "record") for row in person.noise]
    return rows


def _log_row(node: int, row: EventRow, kind: str) -> tuple[Any, ...]:
    body = dumped({"type": "track", "event": row.name, "properties": row.properties})
    return (0, kind, row.name, node, "[]", row.at, row.at, 0, body)


def dumped(value: object) -> str:
    """JSON as the hub stores it: readable, not escaped.

    The text `spelled:1e400` becomes the bare number 1e400, which Python itself can not write.
    """
    return re.sub('"spelled:([^"]*)"', r"\1", json.dumps(value, ensure_ascii=False))


class Engine(Protocol):
    """A database of one engine with the tables of the hub."""

    name: Any

    def fill(self, people: Sequence[Person]) -> None:
        """Replace all rows."""

    def ask(self, query: SetQuery) -> list[tuple[Any, ...]]:
        """Run a query."""


class SqliteEngine:
    """SQLite, in memory."""

    name = "sqlite"

    def __init__(self) -> None:
        self._db = sqlite3.connect(":memory:")
        for table in TABLES:
            self._db.execute("CREATE TABLE " + table.format(json="TEXT"))

    def fill(self, people: Sequence[Person]) -> None:
        for name, rows in rows_of(people).items():
            self._db.execute(f"DELETE FROM {name}")  # noqa: S608 - names of this module
            if rows:
                marks = ",".join("?" * len(rows[0]))
                self._db.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)  # noqa: S608

    def ask(self, query: SetQuery) -> list[tuple[Any, ...]]:
        return self._db.execute(query.sql, query.parameters).fetchall()


class DuckdbEngine:
    """DuckDB, in memory."""

    name = "duckdb"

    def __init__(self) -> None:
        self._db = duckdb.connect(config={"threads": 1})
        for table in TABLES:
            self._db.execute("CREATE TABLE " + table.format(json="TEXT"))

    def fill(self, people: Sequence[Person]) -> None:
        self._db.execute("BEGIN")
        for name, rows in rows_of(people).items():
            self._db.execute(f"DELETE FROM {name}")  # noqa: S608 - names of this module
            if rows:
                marks = ",".join("(" + ",".join("?" * len(row)) + ")" for row in rows)
                flat = [cell for row in rows for cell in row]
                self._db.execute(f"INSERT INTO {name} VALUES {marks}", flat)  # noqa: S608
        self._db.execute("COMMIT")

    def ask(self, query: SetQuery) -> list[tuple[Any, ...]]:
        return self._db.execute(query.sql, list(query.parameters)).fetchall()
