"""An empty database filled from a backup: with the tables of then, brought to those of today."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from hub import __version__
from hub.store.archive import Head, Table
from hub.store.migrate import CREATE, NOTE, migrate_postgres, migrate_sqlite
from hub.store.migrations import Dialect, Migration, migrations, pending
from hub.store.sealed import Damaged


class NotEmpty(Exception):
    """The place to restore into holds something."""


class Refill(Protocol):
    """Rows go in table by table; `finish` makes the indexes and checks the whole."""

    async def begin(self, head: Head) -> None: ...
    async def table(self, table: Table) -> None: ...
    async def rows(self, rows: Sequence[Sequence[Any]]) -> None: ...
    async def finish(self) -> None: ...
    async def abandon(self) -> None: ...


class Discard:
    """Keeps nothing: for reading a backup to its end."""

    async def begin(self, head: Head) -> None:
        taken("sqlite", head.steps)

    async def table(self, table: Table) -> None: ...
    async def rows(self, rows: Sequence[Sequence[Any]]) -> None: ...
    async def finish(self) -> None: ...
    async def abandon(self) -> None: ...


def taken(dialect: Dialect, names: Sequence[str]) -> list[Migration]:
    """The steps of these names. Raises DatabaseTooNew."""
    steps = migrations(dialect)
    missing = {step.name for step in pending(steps, names)}
    return [step for step in steps if step.name not in missing]


def split(steps: Sequence[Migration]) -> tuple[list[str], list[str]]:
    """Statements before the rows, and the indexes after them. Rows of steps are in the backup."""
    statements = [text for step in steps for text in step.statements]
    tables = [text for text in statements if text.startswith(("CREATE TABLE", "ALTER TABLE"))]
    return tables, [text for text in statements if text.startswith("CREATE INDEX")]


class SqliteRefill:
    """A new file. Nothing reads it before it is whole, so it needs no journal."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        os.chmod(path, 0o600)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-262144"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._indexes: list[str] = []
        self._numbers: dict[str, int] = {}
        self._insert = ""

    async def begin(self, head: Head) -> None:
        steps = taken("sqlite", head.steps)
        tables, self._indexes = split(steps)
        self._numbers = head.numbers
        self._connection.execute("BEGIN")
        for statement in (*tables, CREATE):
            self._connection.execute(statement)
        names = [(step.name, __version__) for step in steps]
        self._connection.executemany(f"{NOTE} (?, ?)", names)

    async def table(self, table: Table) -> None:
        names = ", ".join(f'"{name}"' for name in table.columns)
        marks = ", ".join("?" * len(table.columns))
        self._insert = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608

    async def rows(self, rows: Sequence[Sequence[Any]]) -> None:
        self._connection.executemany(self._insert, rows)

    async def finish(self) -> None:
        for statement in self._indexes:
            self._connection.execute(statement)
        for table, number in self._numbers.items():
            self._connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
            self._connection.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (table, number))
        self._connection.execute("COMMIT")
        fault = self._connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if fault != "ok":
            raise Damaged(f"the restored database is not sound: {fault}")
        migrate_sqlite(self._connection)
        self._connection.close()
        handle = os.open(self._path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)

    async def abandon(self) -> None:
        self._connection.close()


class PostgresRefill:
    """An empty database on a server: all of it in one transaction."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._transaction = connection.transaction()
        self._indexes: list[str] = []
        self._numbers: dict[str, int] = {}
        self._kinds: dict[str, dict[str, str]] = {}
        self._table = ""
        self._columns: list[str] = []
        self._bools: list[int] = []

    @classmethod
    async def open(cls, url: str) -> PostgresRefill:
        return cls(await asyncpg.connect(url))

    async def begin(self, head: Head) -> None:
        await self._transaction.start()
        found = await self._connection.fetchval(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = current_schema() LIMIT 1"
        )
        if found is not None:
            raise NotEmpty(
                f'the PostgreSQL database has tables already ("{found}"): create an empty one and '
                "name it with --database postgresql://..."
            )
        steps = taken("postgres", head.steps)
        tables, self._indexes = split(steps)
        self._numbers = head.numbers
        for statement in (*tables, CREATE):
            await self._connection.execute(statement)
        names = [(step.name, __version__) for step in steps]
        await self._connection.executemany(f"{NOTE} ($1, $2)", names)
        for table, column, kind in await self._connection.fetch(
            "SELECT table_name, column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = current_schema()"
        ):
            self._kinds.setdefault(table, {})[column] = kind

    async def table(self, table: Table) -> None:
        self._table, self._columns = table.name, table.columns
        kinds = self._kinds.get(table.name, {})
        # SQLite keeps true and false as numbers.
        self._bools = [i for i, name in enumerate(table.columns) if kinds.get(name) == "boolean"]

    async def rows(self, rows: Sequence[Sequence[Any]]) -> None:
        if self._bools:
            changed = [list(row) for row in rows]
            for row in changed:
                for i in self._bools:
                    row[i] = None if row[i] is None else bool(row[i])
            rows = changed
        await self._connection.copy_records_to_table(
            self._table, records=rows, columns=self._columns
        )

    async def finish(self) -> None:
        for statement in self._indexes:
            await self._connection.execute(statement)
        for table, number in self._numbers.items():
            if number and "id" in self._kinds.get(table, {}):
                await self._connection.execute(
                    "SELECT setval(pg_get_serial_sequence($1, 'id'), $2)", f'"{table}"', number
                )
        await migrate_postgres(self._connection)
        await self._transaction.commit()
        await self._connection.close()

    async def abandon(self) -> None:
        self._connection.terminate()
