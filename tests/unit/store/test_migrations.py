"""Databases of every age become today's, whole, or are refused."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from hub.store.migrate import TABLE, migrate_postgres, migrate_sqlite
from hub.store.migrations import DatabaseTooNew, ForeignTable, Migration, migrations
from hub.store.models_sql import models_sql
from hub.store.sqlite import connect
from tests.postgres import fresh_database, postgres_url
from tests.unit.store.schemas import (
    fill_postgres,
    fill_sqlite,
    postgres_columns,
    postgres_digest,
    postgres_schema,
    sqlite_columns,
    sqlite_digest,
    sqlite_schema,
)

OLD = Path(__file__).parent / "migrations"
STEPS = migrations("sqlite")
# A step of tomorrow, so that an upgrade is tried also while there is only one step.
TOMORROW = Migration("9999_tomorrow", """\
ALTER TABLE "person" ADD COLUMN "tomorrow" INT NOT NULL DEFAULT 7;
CREATE TABLE IF NOT EXISTS "tomorrow" ("id" INTEGER NOT NULL PRIMARY KEY, "note" TEXT);
CREATE INDEX IF NOT EXISTS "idx_tomorrow" ON "person" ("tomorrow");
UPDATE "person" SET "tomorrow" = "events" WHERE "id" > 1;
INSERT INTO "tomorrow" ("id", "note") VALUES (1, 'a; b');
""")  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hub.db"


@pytest.fixture
async def server() -> AsyncIterator[Any]:
    connection = await asyncpg.connect(fresh_database(postgres_url()))
    yield connection
    await connection.close()


async def test_migrations_make_what_the_models_make_on_sqlite(file: Path) -> None:
    with closing(connect(file)) as migrated, closing(sqlite3.connect(":memory:")) as fresh:
        migrate_sqlite(migrated)
        fresh.executescript(await models_sql("sqlite"))
        assert sqlite_schema(migrated) == sqlite_schema(fresh), "run `hub dev migration NAME`"


async def test_migrations_make_what_the_models_make_on_postgres(server: Any) -> None:
    await migrate_postgres(server)
    fresh = await asyncpg.connect(fresh_database(postgres_url()))
    await fresh.execute(await models_sql("postgres"))
    assert await postgres_schema(server) == await postgres_schema(fresh), (
        "run `hub dev migration NAME`"
    )
    await fresh.close()


@pytest.mark.parametrize("difference", [
    'CREATE TABLE "more" ("id" INT)', 'CREATE INDEX "more" ON "person" ("name")',
    'ALTER TABLE "person" ADD COLUMN "more" INT', 'DROP INDEX "outbox_due"',
])  # fmt: skip
async def test_every_difference_is_seen(file: Path, server: Any, difference: str) -> None:
    with closing(connect(file)) as one:
        migrate_sqlite(one)
        before = sqlite_schema(one)
        one.execute(difference)
        assert sqlite_schema(one) != before
    await migrate_postgres(server)
    schema = await postgres_schema(server)
    await server.execute(difference)
    assert await postgres_schema(server) != schema


@pytest.mark.parametrize("known", range(1, len(STEPS) + 1))
def test_a_filled_sqlite_database_of_every_age_is_upgraded(file: Path, known: int) -> None:
    steps = [*STEPS, TOMORROW]
    with closing(connect(file)) as connection:
        migrate_sqlite(connection, steps[:known])
        fill_sqlite(connection, 20)
        columns = sqlite_columns(connection)
        before = sqlite_digest(connection, columns)
        taken = migrate_sqlite(connection, steps)
        assert taken == [step.name for step in steps[known:]]
        assert sqlite_digest(connection, columns) == before
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert migrate_sqlite(connection, steps) == []
        rows = connection.execute('SELECT tomorrow FROM "person" ORDER BY id').fetchmany(3)
        assert [row[0] for row in rows] == [7, 2, 3]


@pytest.mark.parametrize("known", range(1, len(STEPS) + 1))
async def test_a_filled_postgres_database_of_every_age_is_upgraded(server: Any, known: int) -> None:
    steps = [*migrations("postgres"), TOMORROW]
    await migrate_postgres(server, steps[:known])
    await fill_postgres(server, 20)
    columns = await postgres_columns(server)
    before = await postgres_digest(server, columns)
    taken = await migrate_postgres(server, steps)
    assert taken == [step.name for step in steps[known:]]
    assert await postgres_digest(server, columns) == before
    assert await migrate_postgres(server, steps) == []
    rows = await server.fetch('SELECT tomorrow FROM "person" ORDER BY id LIMIT 3')
    assert [row[0] for row in rows] == [7, 2, 3]


def test_the_first_version_is_upgraded_on_sqlite(file: Path) -> None:
    with closing(connect(file)) as connection:
        connection.executescript((OLD / "0.1.0.sqlite.sql").read_text())
        columns = sqlite_columns(connection)
        before = sqlite_digest(connection, columns)
        assert {count for count, _ in before.values()} == {3}
        assert migrate_sqlite(connection) == [step.name for step in STEPS]
        assert sqlite_digest(connection, columns) == before
        with closing(sqlite3.connect(":memory:")) as fresh:
            migrate_sqlite(fresh)
            assert sqlite_schema(connection) == sqlite_schema(fresh)


async def test_the_first_version_is_upgraded_on_postgres(server: Any) -> None:
    await server.execute((OLD / "0.1.0.postgres.sql").read_text())
    columns = await postgres_columns(server)
    before = await postgres_digest(server, columns)
    assert {count for count, _ in before.values()} == {3}
    assert await migrate_postgres(server) == [step.name for step in STEPS]
    assert await postgres_digest(server, columns) == before
    fresh = await asyncpg.connect(fresh_database(postgres_url()))
    await migrate_postgres(fresh)
    assert await postgres_schema(server) == await postgres_schema(fresh)
    await fresh.close()


async def test_a_newer_database_is_refused_and_left_alone(file: Path, server: Any) -> None:
    with closing(connect(file)) as connection:
        migrate_sqlite(connection, [*STEPS, TOMORROW])
        with pytest.raises(DatabaseTooNew, match=r"9999_tomorrow.*hub restore"):
            migrate_sqlite(connection)
        assert connection.execute('SELECT COUNT(*) FROM "tomorrow"').fetchone() == (1,)
    await migrate_postgres(server, [*migrations("postgres"), TOMORROW])
    with pytest.raises(DatabaseTooNew, match="9999_tomorrow"):
        await migrate_postgres(server)


async def test_tables_of_another_program_are_not_touched(file: Path, server: Any) -> None:
    table = 'CREATE TABLE "person" ("id" INT, "surname" TEXT)'
    with closing(connect(file)) as connection:
        connection.execute(table)
        with pytest.raises(ForeignTable, match=r'"person".*database of its own'):
            migrate_sqlite(connection)
        names = connection.execute("SELECT name FROM sqlite_master").fetchall()
        assert names == [("person",)]
    await server.execute(table)
    with pytest.raises(ForeignTable, match='"person"'):
        await migrate_postgres(server)
    assert list(await postgres_columns(server)) == ["person"]


@pytest.mark.parametrize("begun", [False, True])
async def test_a_later_step_takes_no_foreign_table_over(
    begun: bool, file: Path, server: Any
) -> None:
    """Many a program has a table `audit`; ours came with the second step."""
    table = 'CREATE TABLE "audit" ("id" INT, "at" BIGINT, "text" TEXT)'
    with closing(connect(file)) as connection:
        migrate_sqlite(connection, STEPS[: int(begun)])
        connection.execute(table)
        with pytest.raises(ForeignTable, match='"audit"'):
            migrate_sqlite(connection)
    await migrate_postgres(server, migrations("postgres")[: int(begun)])
    await server.execute(table)
    with pytest.raises(ForeignTable, match='"audit"'):
        await migrate_postgres(server)


async def test_a_step_that_fails_leaves_nothing_behind(file: Path, server: Any) -> None:
    bad = Migration("9998_bad", f"{TOMORROW.sql}INSERT INTO nowhere (a) VALUES (1);")
    with closing(connect(file)) as connection:
        migrate_sqlite(connection)
        before = sqlite_schema(connection)
        with pytest.raises(sqlite3.OperationalError):
            migrate_sqlite(connection, [*STEPS, bad])
        assert sqlite_schema(connection) == before
        assert not connection.in_transaction
    await migrate_postgres(server)
    schema = await postgres_schema(server)
    with pytest.raises(asyncpg.UndefinedTableError):
        await migrate_postgres(server, [*migrations("postgres"), bad])
    assert await postgres_schema(server) == schema


async def test_two_processes_at_once_take_each_step_once(server: Any) -> None:
    steps = [*migrations("postgres"), TOMORROW]
    (name,) = await server.fetchrow("SELECT current_database()")
    url = postgres_url().rsplit("/", 1)[0] + f"/{name}"
    others = [await asyncpg.connect(url) for _ in range(3)]
    taken = await asyncio.gather(*(migrate_postgres(other, steps) for other in others))
    assert sorted(taken, key=len) == [[], [], [step.name for step in steps]]
    for other in others:
        await other.close()


KILLED = """
import asyncio, os, signal, sys
from hub.store.migrate import migrate_postgres, migrate_sqlite
from hub.store.migrations import Migration, migrations
from hub.store.sqlite import connect
from pathlib import Path
from tests.unit.store.test_migrations import TOMORROW

left = int(sys.argv[2])
def count(*_):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

async def on_server(url):
    import asyncpg
    connection = await asyncpg.connect(url)
    connection.add_query_logger(count)
    await migrate_postgres(connection, [*migrations("postgres"), TOMORROW])

if sys.argv[1].startswith("postgresql:"):
    asyncio.run(on_server(sys.argv[1]))
else:
    connection = connect(Path(sys.argv[1]))
    connection.set_trace_callback(count)
    migrate_sqlite(connection, [*migrations("sqlite"), TOMORROW])
"""


def killed_after(target: str, statements: int) -> bool:
    """Run the migration until so many statements ran, then kill it without warning."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, target, str(statements)],
        cwd=Path(__file__).parents[3], timeout=120, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
    return done.returncode != 0


def kill_sqlite(tmp_path: Path, points: list[int]) -> None:
    old = tmp_path / "old.db"
    with closing(connect(old)) as connection:
        connection.executescript((OLD / "0.1.0.sqlite.sql").read_text())
        fill_sqlite(connection, 50, start=10)
        columns = sqlite_columns(connection)
        before = sqlite_digest(connection, columns)
    for point in points:
        file = tmp_path / f"{point}.db"
        shutil.copy(old, file)
        assert killed_after(str(file), point), f"there are fewer than {point} statements"
        with closing(connect(file)) as connection:
            steps = [*STEPS, TOMORROW]
            assert migrate_sqlite(connection, steps) == [step.name for step in steps]
            assert sqlite_digest(connection, columns) == before
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def kill_postgres(points: list[int]) -> None:
    for point in points:
        url = fresh_database(postgres_url())
        connection = await asyncpg.connect(url)
        await connection.execute((OLD / "0.1.0.postgres.sql").read_text())
        columns = await postgres_columns(connection)
        before = await postgres_digest(connection, columns)
        killed = await asyncio.to_thread(killed_after, url, point)
        assert killed, f"there are fewer than {point} statements"
        steps = [*migrations("postgres"), TOMORROW]
        assert await migrate_postgres(connection, steps) == [step.name for step in steps]
        assert await postgres_digest(connection, columns) == before
        await connection.close()


async def test_a_killed_migration_is_taken_up_again(tmp_path: Path) -> None:
    kill_sqlite(tmp_path, [5, 52])
    await kill_postgres([40])


@pytest.mark.full
async def test_a_migration_killed_at_many_points_is_taken_up_again(tmp_path: Path) -> None:
    kill_sqlite(tmp_path, list(range(1, 53, 2)))
    await kill_postgres(list(range(3, 50, 2)))


def test_the_command_says_in_one_line_what_to_do(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "hub.db")) as connection:
        migrate_sqlite(connection)
        connection.execute(f"INSERT INTO {TABLE} (name) VALUES ('9999_tomorrow')")
    done = subprocess.run(
        [sys.executable, "-c", "from hub.cli import main; main()", "rebuild",
         "--data", str(tmp_path)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "used by a newer version" in done.stderr
    assert "Traceback" not in done.stderr
