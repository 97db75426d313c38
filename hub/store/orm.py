"""The ORM on the same database: its SQLite backend waits for the same lock as the writer."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tortoise import Tortoise, connections
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
)

from hub.store.migrate import migrate_postgres, migrate_sqlite
from hub.store.sqlite import PRAGMAS, connect


class _ImmediateWrapper(SqliteTransactionWrapper):
    async def begin(self) -> None:
        # A deferred BEGIN upgrades at its first write and fails beside another writer.
        await self._connection.execute("BEGIN IMMEDIATE")


class LockedSqliteClient(SqliteClient):
    """Tortoise's client, whose every call waits for the hub's write lock."""

    shared_lock: asyncio.Lock | None = None

    def __init__(self, file_path: str, **kwargs: Any) -> None:
        super().__init__(file_path, **kwargs)
        self.pragmas.update(PRAGMAS)
        if self.shared_lock is not None:
            self._lock = self.shared_lock

    def _in_transaction(self) -> SqliteTransactionContext:
        return SqliteTransactionContext(_ImmediateWrapper(self), self._lock)


client_class = LockedSqliteClient


async def open_orm(url: str, lock: asyncio.Lock | None) -> None:
    """Bring the database of `url` to today's tables and connect the models to it.

    `lock` is held meanwhile. Raises DatabaseTooNew, ForeignTable.
    """
    if url.startswith("sqlite:"):
        async with lock or asyncio.Lock():
            await asyncio.to_thread(_migrate_file, sqlite_path(url))
        credentials: dict[str, Any] = {"file_path": str(sqlite_path(url))}
        engine = "hub.store.orm"
    else:
        parts = urlsplit(url)
        engine = "tortoise.backends.asyncpg"
        credentials = {
            "host": parts.hostname,
            "port": parts.port or 5432,
            "user": unquote(parts.username or "postgres"),
            "password": unquote(parts.password or "") or None,
            "database": parts.path.lstrip("/"),
            "minsize": 1,
            "maxsize": 4,
        }
        if "host=" in (parts.query or ""):
            credentials["host"] = unquote(parts.query.split("host=", 1)[1].split("&", 1)[0])
    LockedSqliteClient.shared_lock = lock
    # Tortoise keeps its SQL by connection name, also when the next one speaks another dialect.
    name = engine.rpartition(".")[2]
    await Tortoise.init(
        config={
            "connections": {name: {"engine": engine, "credentials": credentials}},
            "apps": {"hub": {"models": ["hub.store.models"], "default_connection": name}},
            "use_tz": True,
        },
        _enable_global_fallback=True,
    )
    if engine.endswith("asyncpg"):
        client: Any = connections.get(name)
        async with client.acquire_connection() as connection:
            await migrate_postgres(connection)


def _migrate_file(path: Path) -> None:
    with closing(connect(path)) as connection:
        migrate_sqlite(connection)


async def close_orm() -> None:
    """Leave; a process that does not hangs at its end."""
    await Tortoise.close_connections()


def sqlite_path(url: str) -> Path:
    """The file of a `sqlite:///path` URL."""
    return Path(url.removeprefix("sqlite:///") if url.startswith("sqlite:///") else url[7:])
