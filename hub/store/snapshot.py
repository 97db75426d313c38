"""All rows of a database at one moment, beside a hub that goes on writing."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from hub.store.archive import BLOCK, Frame, Rows, Table
from hub.store.database import Row
from hub.store.migrate import postgres_applied, sqlite_applied
from hub.store.migrations import Dialect, migrations, pending
from hub.store.orm import sqlite_path
from hub.store.postgres import numbered
from hub.store.sqlite import connect

FIRST = "0001_first"


class NothingToSave(Exception):
    """There is no database of Regulars there."""


class DatabaseDamaged(Exception):
    """The database can not be read whole."""


def steps_of(dialect: Dialect, applied: list[str] | None, tables: set[str]) -> list[str]:
    """The steps a database has, also one from before there were steps."""
    if applied is None:
        if "log" not in tables:
            raise NothingToSave("there is no database of Regulars: check --data and database_url")
        applied = [FIRST]
    pending(migrations(dialect), applied)
    return applied


def known_tables(dialect: Dialect) -> set[str]:
    """The tables of the hub; others in the same database are none of its business."""
    text = "".join(step.sql for step in migrations(dialect))
    return set(re.findall(r'CREATE TABLE (?:IF NOT EXISTS )?"(\w+)"', text))


class SqliteSnapshot:
    """One read transaction; what was committed before it is inside."""

    dialect: Dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        found = {row[0] for row in rows} & known_tables("sqlite")
        self.steps = steps_of("sqlite", sqlite_applied(connection), found)
        self._tables = {
            name: [row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')]
            for name in sorted(found)
        }
        self.numbers = dict(connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall())

    @property
    def tables(self) -> Mapping[str, Sequence[str]]:
        """The columns of each table."""
        return self._tables

    async def blocks(self, sql: str, params: Row = ()) -> AsyncIterator[list[Row]]:
        """The rows of a statement, some at a time; one statement at a time."""
        rows = await asyncio.to_thread(self._connection.execute, sql, params)
        while block := await asyncio.to_thread(rows.fetchmany, BLOCK):
            yield block

    def frames(self) -> Iterator[Frame]:
        fault = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if fault != "ok":
            raise DatabaseDamaged(f"the database is damaged ({fault}): restore the last backup")
        for table, columns in self._tables.items():
            yield Table(table, columns)
            names = ", ".join(f'"{name}"' for name in columns)
            rows = self._connection.execute(f'SELECT {names} FROM "{table}"')  # noqa: S608
            while block := rows.fetchmany(BLOCK):
                yield Rows(block)


@contextmanager
def sqlite_snapshot(path: Path) -> Iterator[SqliteSnapshot]:
    """Open a snapshot. Raises NothingToSave, DatabaseDamaged, DatabaseTooNew."""
    if not path.exists():
        raise NothingToSave(f"there is no database {path}: check --data")
    try:
        with closing(connect(path, read_only=True)) as connection:
            connection.execute("BEGIN")
            yield SqliteSnapshot(connection)
    except sqlite3.DatabaseError as error:
        raise DatabaseDamaged(f"the database can not be read whole: {error}") from error


class PostgresSnapshot:
    """One REPEATABLE READ transaction."""

    dialect: Dialect = "postgres"

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._tables: dict[str, list[str]] = {}
        self.steps: list[str] = []
        self.numbers: dict[str, int] = {}

    async def look(self) -> None:
        """Read what there is. The connection is inside the transaction."""
        known = known_tables("postgres")
        for table, column, default in await self._connection.fetch(
            "SELECT table_name, column_name, column_default FROM information_schema.columns "
            "WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position"
        ):
            if table not in known:
                continue
            self._tables.setdefault(table, []).append(column)
            if default and default.startswith("nextval("):
                name = await self._connection.fetchval(
                    "SELECT pg_get_serial_sequence($1, $2)", f'"{table}"', column
                )
                last, called = await self._connection.fetchrow(
                    f"SELECT last_value, is_called FROM {name}"  # noqa: S608
                )
                self.numbers[table] = last if called else 0
        applied = await postgres_applied(self._connection)
        self.steps = steps_of("postgres", applied, set(self._tables))

    @property
    def tables(self) -> Mapping[str, Sequence[str]]:
        """The columns of each table."""
        return self._tables

    async def blocks(self, sql: str, params: Row = ()) -> AsyncIterator[list[Row]]:
        """The rows of a statement, some at a time; one statement at a time."""
        cursor = await self._connection.cursor(numbered(sql), *params)
        while block := await cursor.fetch(BLOCK):
            yield [tuple(row) for row in block]

    async def frames(self) -> AsyncIterator[Frame]:
        for table, columns in self._tables.items():
            yield Table(table, columns)
            names = ", ".join(f'"{name}"' for name in columns)
            cursor = await self._connection.cursor(f'SELECT {names} FROM "{table}"')  # noqa: S608
            while block := await cursor.fetch(BLOCK):
                yield Rows([tuple(row) for row in block])


@asynccontextmanager
async def postgres_snapshot(url: str) -> AsyncIterator[PostgresSnapshot]:
    """Open a snapshot. Raises NothingToSave, DatabaseTooNew."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            snapshot = PostgresSnapshot(connection)
            await snapshot.look()
            yield snapshot
    finally:
        await connection.close()


Snapshot = SqliteSnapshot | PostgresSnapshot


@asynccontextmanager
async def open_snapshot(url: str) -> AsyncIterator[Snapshot]:
    """A snapshot of either database. Raises NothingToSave, DatabaseDamaged, DatabaseTooNew."""
    if url.startswith("sqlite:"):
        with sqlite_snapshot(sqlite_path(url)) as snapshot:
            yield snapshot
    else:
        async with postgres_snapshot(url) as other:
            yield other
