"""Bringing a database to today's tables: all steps in one transaction, or none."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from hub import __version__
from hub.store.migrations import ForeignTable, Migration, migrations, pending

TABLE = "hub_migration"
CREATE = f"CREATE TABLE {TABLE} (name VARCHAR(100) NOT NULL PRIMARY KEY, version VARCHAR(32))"
APPLIED = f"SELECT name FROM {TABLE} ORDER BY name"  # noqa: S608
NOTE = f"INSERT INTO {TABLE} (name, version) VALUES"
MIGRATE_LOCK = 7_203_116  # beside the lock of appends
_COLUMNS = re.compile(r'CREATE TABLE IF NOT EXISTS "(\w+)" \((.*?)\n\);', re.S)


def migrate_sqlite(
    connection: sqlite3.Connection, steps: Sequence[Migration] | None = None
) -> list[str]:
    """Take the missing steps; their names. The connection is in autocommit mode."""
    steps = migrations("sqlite") if steps is None else steps
    if not pending(steps, sqlite_applied(connection) or ()):
        return []
    connection.execute("BEGIN IMMEDIATE")
    try:
        applied = sqlite_applied(connection)
        todo = pending(steps, applied or ())
        _refuse_foreign(todo, _sqlite_columns(connection))
        if applied is None:
            connection.execute(CREATE)
        for step in todo:
            for statement in step.statements:
                connection.execute(statement)
            connection.execute(f"{NOTE} (?, ?)", (step.name, __version__))
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
    return [step.name for step in todo]


async def migrate_postgres(connection: Any, steps: Sequence[Migration] | None = None) -> list[str]:
    """Take the missing steps; their names. `connection` is asyncpg's own."""
    steps = migrations("postgres") if steps is None else steps
    if not pending(steps, await postgres_applied(connection) or ()):
        return []
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", MIGRATE_LOCK)
        applied = await postgres_applied(connection)  # another process may have been first
        todo = pending(steps, applied or ())
        _refuse_foreign(todo, await _postgres_columns(connection))
        if applied is None:
            await connection.execute(CREATE)
        for step in todo:
            for statement in step.statements:
                await connection.execute(statement)
            await connection.execute(f"{NOTE} ($1, $2)", step.name, __version__)
    return [step.name for step in todo]


def sqlite_applied(connection: sqlite3.Connection) -> list[str] | None:
    """The steps taken; None: this database knows of no steps yet."""
    try:
        return [row[0] for row in connection.execute(APPLIED)]
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return None
        raise


async def postgres_applied(connection: Any) -> list[str] | None:
    """The steps taken; None: this database knows of no steps yet."""
    # Asked first: a failed SELECT would end the transaction that it is in.
    if await connection.fetchval("SELECT to_regclass($1)", TABLE) is None:
        return None
    return [row[0] for row in await connection.fetch(APPLIED)]


def _refuse_foreign(todo: Sequence[Migration], found: Mapping[str, set[str]]) -> None:
    """Before there were steps the same tables were made: those are taken over, no others."""
    for table, body in _COLUMNS.findall("\n".join(step.sql for step in todo)):
        wanted = set(re.findall(r'^    "(\w+)"', body, re.M))
        if table in found and not wanted <= found[table]:
            raise ForeignTable(
                f'the database has a table "{table}" that is not of Regulars: '
                "give Regulars a database of its own"
            )


def _sqlite_columns(connection: sqlite3.Connection) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c "
        "WHERE m.type = 'table'"
    ):
        found.setdefault(table, set()).add(column)
    return found


async def _postgres_columns(connection: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for table, column in await connection.fetch(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = current_schema()"
    ):
        found.setdefault(table, set()).add(column)
    return found
