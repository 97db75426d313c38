"""PostgreSQL takes back one of two transactions that are in each other's way: it is tried again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from hub.store.database import StoreUnavailable
from hub.store.postgres import PostgresDatabase
from tests.conftest import empty
from tests.unit.store.entries import entry

# Refuses the first N rows with this error: a sequence is not taken back with the transaction.
REFUSE = """
CREATE SEQUENCE tried;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF nextval('tried') <= {times} THEN RAISE EXCEPTION 'in the way' USING ERRCODE = '{code}'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse();
"""
ACCEPT = "DROP FUNCTION IF EXISTS refuse CASCADE; DROP SEQUENCE IF EXISTS tried"
CODES = {"serialization": "40001", "deadlock": "40P01"}
WRITE = "INSERT INTO cursor (name, seq) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seq = 7"


@pytest.fixture
async def other(postgres_database: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection beside the hub's."""
    connection = await asyncpg.connect(postgres_database)
    try:
        yield connection
    finally:
        await connection.execute(ACCEPT)
        await connection.close()


@pytest.fixture
async def store(postgres_database: str, shop_tables: None) -> AsyncIterator[PostgresDatabase]:
    database = await PostgresDatabase.open(postgres_database)
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def shop_tables(postgres_database: str) -> None:
    from hub.store.migrate import migrate_postgres

    await empty(postgres_database)
    connection = await asyncpg.connect(postgres_database)
    await migrate_postgres(connection)
    await connection.close()


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
async def test_entries_are_appended_all_the_same(
    code: str, store: PostgresDatabase, other: asyncpg.Connection
) -> None:
    await other.execute(REFUSE.format(times=3, code=code, table="dedupe"))
    outcomes = await store.append([entry("a"), entry("b")], {(1, 1, "rejected", "x"): 2})
    assert [(outcome.seq, outcome.duplicate) for outcome in outcomes] == [(1, False), (2, False)]
    assert await store.fetch("SELECT COUNT(*) FROM log") == [(2,)]
    assert await store.fetch("SELECT SUM(n) FROM intake_count") == [(4,)]


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
async def test_a_write_is_done_once_and_not_for_ever(
    code: str, store: PostgresDatabase, other: asyncpg.Connection
) -> None:
    await other.execute(REFUSE.format(times=3, code=code, table="cursor"))
    await store.write([(WRITE, [("a", 1), ("b", 1)])])
    assert await store.fetch("SELECT name, seq FROM cursor ORDER BY name") == [("a", 1), ("b", 1)]
    await other.execute(ACCEPT)
    await other.execute(REFUSE.format(times=1000, code=code, table="cursor"))
    with pytest.raises(StoreUnavailable, match="in the way"):
        await store.write([(WRITE, [("c", 1)])])
    assert await store.fetch("SELECT COUNT(*) FROM cursor") == [(2,)]
    assert await store.fetch("SELECT last_value FROM tried") == [(5,)]


async def test_a_real_deadlock(store: PostgresDatabase, other: asyncpg.Connection) -> None:
    await store.write([(WRITE, [("a", 1), ("b", 1)])])
    await other.execute("SET deadlock_timeout = '1h'")  # so that ours is the one taken back
    async with other.transaction():
        await other.execute("UPDATE cursor SET seq = 3 WHERE name = 'b'")
        ours = asyncio.create_task(store.write([(WRITE, [("a", 0), ("b", 0)])]))
        while not await other.fetchval(  # noqa: ASYNC110  (PostgreSQL offers no event)
            "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
        ):
            await asyncio.sleep(0)
        await other.execute("UPDATE cursor SET seq = 3 WHERE name = 'a'")  # ours holds it
    await ours
    assert await store.fetch("SELECT name, seq FROM cursor ORDER BY name") == [("a", 7), ("b", 7)]
