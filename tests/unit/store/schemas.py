"""Looking at a database from outside: its schema, rows to fill it, a digest of what it holds."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from typing import Any

# SQLite calls them INT.
BOOLEANS = frozenset({
    "trusted", "provisional", "published", "enabled", "disabled", "done", "pause_output",
})  # fmt: skip
Columns = Mapping[str, list[tuple[str, str]]]  # table -> (column, type)


def sqlite_schema(connection: sqlite3.Connection) -> dict[str, Any]:
    """Tables, columns, types, nullability, defaults, keys, uniques and indexes; no order."""
    found: dict[str, Any] = {}
    tables = "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name"
    for table, sql in connection.execute(tables).fetchall():
        if table in ("hub_migration", "sqlite_sequence"):
            continue
        columns = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
        found[table] = {row[1]: row[2:] for row in columns}
        found[f"{table} numbered"] = "AUTOINCREMENT" in sql
        for _, name, unique, origin, partial in connection.execute(f'PRAGMA index_list("{table}")'):
            of = [row[2] for row in connection.execute(f'PRAGMA index_info("{name}")')]
            label = name if origin == "c" else f"{origin} of {of}"  # the others are numbered
            found[f"{table} index {label}"] = (unique, partial, of)
    return found


async def postgres_schema(connection: Any) -> dict[str, Any]:
    """The same of PostgreSQL."""
    found: dict[str, Any] = {}
    for row in await connection.fetch(
        "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, "
        "column_default, is_identity FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name <> 'hub_migration'"
    ):
        found.setdefault(row[0], {})[row[1]] = tuple(row)[2:]
    for name, text in await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes "
        "WHERE schemaname = 'public' AND tablename <> 'hub_migration'"
    ):
        found[f"index {name}"] = text
    for table, name, text in await connection.fetch(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> "
        "'hub_migration'"
    ):
        found[f"{table} constraint {name}"] = text
    return found


def sqlite_columns(connection: sqlite3.Connection) -> Columns:
    """Every column of the hub's tables."""
    return {
        table: sorted((name, kind) for name, kind in connection.execute(
            "SELECT name, type FROM pragma_table_info(?)", (table,)))
        for (table,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' "
            "AND name NOT IN ('hub_migration', 'sqlite_sequence')"
        ).fetchall()
    }  # fmt: skip


async def postgres_columns(connection: Any) -> Columns:
    """Every column of the hub's tables."""
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in await connection.fetch(
        "SELECT table_name, column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name <> 'hub_migration' "
        "ORDER BY table_name, column_name"
    ):
        found.setdefault(table, []).append((column, kind))
    return found


def value(column: str, kind: str, number: int, *, postgres: bool) -> Any:
    """Something that fits the column, another for each number."""
    kind = kind.upper()
    if "BOOL" in kind or column in BOOLEANS:
        return number % 2 == 0 if postgres else number % 2
    if "JSON" in kind:
        return f'{{"n": {number}, "text": "é \\" \\\\ {column}"}}'
    if kind in ("BLOB", "BYTEA"):
        return number.to_bytes(23, "big")
    if "CHAR" in kind or kind == "TEXT":
        text = f"{number}é\t'\\"
        return text[:3] if column == "currency" else text
    return number


def fill_sqlite(connection: sqlite3.Connection, rows: int, start: int = 1) -> None:
    """Rows in every table."""
    for table, columns in sqlite_columns(connection).items():
        names = ", ".join(f'"{name}"' for name, _ in columns)
        marks = ", ".join("?" * len(columns))
        connection.executemany(
            f'INSERT INTO "{table}" ({names}) VALUES ({marks})',
            [[value(name, kind, number, postgres=False) for name, kind in columns]
             for number in range(start, start + rows)],
        )  # fmt: skip


async def fill_postgres(connection: Any, rows: int) -> None:
    """Rows in every table."""
    for table, columns in (await postgres_columns(connection)).items():
        names = ", ".join(f'"{name}"' for name, _ in columns)
        marks = ", ".join(f"${place}" for place in range(1, len(columns) + 1))
        await connection.executemany(
            f'INSERT INTO "{table}" ({names}) VALUES ({marks})',
            [[value(name, kind, number, postgres=True) for name, kind in columns]
             for number in range(1, rows + 1)],
        )  # fmt: skip


def sqlite_digest(connection: sqlite3.Connection, columns: Columns) -> dict[str, tuple[int, str]]:
    """Table -> how many rows, and the hash of these columns of them."""
    return {
        table: hashed(
            connection.execute(
                f"SELECT {', '.join(f'{chr(34)}{name}{chr(34)}' for name, _ in names)} "
                f'FROM "{table}"'
            ).fetchall()
        )
        for table, names in columns.items()
    }


async def postgres_digest(connection: Any, columns: Columns) -> dict[str, tuple[int, str]]:
    """The same of PostgreSQL."""
    found = {}
    for table, names in columns.items():
        listed = ", ".join(f'"{name}"' for name, _ in names)
        found[table] = hashed(
            [tuple(row) for row in await connection.fetch(f'SELECT {listed} FROM "{table}"')]
        )
    return found


def hashed(rows: list[Any]) -> tuple[int, str]:
    """How many rows, and what they are together, in whatever order."""
    return len(rows), hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()
