"""The third engine, and the small worlds that all three are asked about."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg

from hub.conditions.compile import SetQuery
from hub.conditions.trial import (
    NAMES,
    TABLES,
    ZONE,
    DuckdbEngine,
    Engine,
    Person,
    SqliteEngine,
    rows_of,
)

__all__ = ["ZONE", "DuckdbEngine", "Engine", "Person", "PostgresEngine", "SqliteEngine"]


class PostgresEngine:
    name = "postgres"

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._db = self._wait(asyncpg.connect(url))
        for table in TABLES:
            self._wait(self._db.execute("CREATE TABLE " + table.format(json="JSONB")))

    def close(self) -> None:
        self._wait(self._db.close())
        self._loop.close()

    def fill(self, people: Sequence[Person]) -> None:
        self._wait(self._db.execute("TRUNCATE " + ", ".join(NAMES)))
        for name, rows in rows_of(people).items():
            if rows:
                marks = ",".join(f"${n + 1}" for n in range(len(rows[0])))
                self._wait(self._db.executemany(f"INSERT INTO {name} VALUES ({marks})", rows))

    def ask(self, query: SetQuery) -> list[tuple[Any, ...]]:
        found = self._wait(self._db.fetch(query.sql, *query.parameters))
        return [tuple(row) for row in found]

    def _wait(self, work: Any) -> Any:
        return self._loop.run_until_complete(work)
