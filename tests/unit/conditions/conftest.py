"""The three engines, each with empty tables of the hub."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres import fresh_database, postgres_url
from tests.unit.conditions.shops import DuckdbEngine, Engine, PostgresEngine, SqliteEngine


@pytest.fixture(scope="session")
def engines() -> Iterator[tuple[Engine, ...]]:
    """SQLite, DuckDB and PostgreSQL."""
    postgres = PostgresEngine(fresh_database(postgres_url()))
    yield SqliteEngine(), DuckdbEngine(), postgres
    postgres.close()
