"""Fixtures of all tests: an empty database of each kind, and a hub on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from hub.store.database import Database
from hub.store.orm import close_orm, open_orm
from hub.store.postgres import PostgresDatabase
from hub.store.sqlite import SqliteDatabase
from tests.postgres import fresh_database, postgres_url
from tests.shop import Shop, open_shop

# How fast a busy machine makes up examples says nothing about the code.
settings.register_profile("hub", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("hub")


@pytest.fixture(scope="session")
def postgres_database() -> str:
    """One database on PostgreSQL: emptied for each test, which is faster than making another."""
    return fresh_database(postgres_url())


@pytest.fixture(params=["sqlite", "postgres"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database: each test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hub.db'}"
    url: str = request.getfixturevalue("postgres_database")
    await empty(url)
    return url


async def empty(url: str) -> None:
    """Remove every row of a PostgreSQL database."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT relname FROM pg_stat_user_tables "
            "WHERE schemaname = 'public' AND relname <> 'hub_migration'"
        )
        if rows:
            names = ", ".join(f'"{row[0]}"' for row in rows)
            await connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    finally:
        await connection.close()


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """An open store with the hub's tables."""
    if database_url.startswith("sqlite:"):
        sqlite = SqliteDatabase(tmp_path / "hub.db")
        await open_orm(database_url, sqlite.lock)
        opened: Database = sqlite
    else:
        await open_orm(database_url, None)
        opened = await PostgresDatabase.open(database_url)
    try:
        yield opened
    finally:
        await close_orm()
        await opened.close()


@pytest.fixture
async def shop(database_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    """An open hub on either database, with one source of each kind."""
    async with open_shop(tmp_path, database_url) as opened:
        yield opened


@pytest.fixture
async def lite(tmp_path: Path) -> AsyncIterator[Shop]:
    """An open hub on SQLite alone: for what no database can change."""
    async with open_shop(tmp_path) as opened:
        yield opened
