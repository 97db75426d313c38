"""Backup and restore on both databases: equal in every row, refused when not whole."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from hub.clock import FixedClock, SystemClock
from hub.flows.backup import Backup, NoKey, backup_name, make_backup
from hub.flows.backup_restore import (
    LedgerMissing,
    check_backup,
    find_ledger,
    replay_waits,
    restore,
)
from hub.settings import Settings, load_secret, load_settings
from hub.store import refill, sealed
from hub.store.migrate import migrate_postgres, migrate_sqlite
from hub.store.migrations import DatabaseTooNew, Migration, migrations
from hub.store.orm import close_orm, open_orm
from hub.store.postgres import PostgresDatabase
from hub.store.recovery_key import RecoveryKey, new_key, store_public
from hub.store.refill import NotEmpty
from hub.store.sealed import Damaged, OtherKey
from hub.store.snapshot import DatabaseDamaged, NothingToSave
from hub.store.sqlite import SqliteDatabase, connect
from hub.store.writer import Writer
from tests.postgres import fresh_database, postgres_url
from tests.shop import START
from tests.unit.store.entries import entry
from tests.unit.store.schemas import (
    fill_postgres,
    fill_sqlite,
    postgres_columns,
    postgres_digest,
    sqlite_columns,
    sqlite_digest,
)

CLOCK = FixedClock(START)
KEY = new_key()
ROWS = 150  # of each table
TOMORROW = Migration("9999_tomorrow", 'CREATE TABLE "tomorrow" (\n    "id" INT\n);')


@dataclass
class House:
    """A filled data folder."""

    settings: Settings
    key: RecoveryKey

    @property
    def sqlite(self) -> bool:
        return self.settings.url.startswith("sqlite:")

    async def digest(self) -> dict[str, tuple[int, str]]:
        return await digest(self.settings)


async def digest(settings: Settings) -> dict[str, tuple[int, str]]:
    if settings.url.startswith("sqlite:"):
        with closing(connect(settings.data_dir / "hub.db", read_only=True)) as connection:
            return sqlite_digest(connection, sqlite_columns(connection))
    async with server(settings.url) as connection:
        return await postgres_digest(connection, await postgres_columns(connection))


@asynccontextmanager
async def server(url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture(params=["sqlite", "postgres"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    folder = tmp_path / "old"
    folder.mkdir()
    url = "" if request.param == "sqlite" else fresh_database(postgres_url())
    text = f'workspace = "Linnen"\n{"database_url = " + chr(34) + url + chr(34) if url else ""}\n'
    (folder / "hub.toml").write_text(text + '[smtp]\nhost = "mail"\n')
    load_secret(folder)
    store_public(folder, KEY)
    if url:
        async with server(url) as connection:
            await migrate_postgres(connection)
            await fill_postgres(connection, ROWS)
    else:
        with closing(connect(folder / "hub.db")) as connection:
            migrate_sqlite(connection)
            connection.execute("BEGIN")
            fill_sqlite(connection, ROWS)
            connection.execute("COMMIT")
    return House(load_settings(folder), KEY)


def other_database(house: House) -> str:
    return "" if house.sqlite else fresh_database(postgres_url())


async def test_every_row_and_file_comes_back(house: House, tmp_path: Path) -> None:
    made = await make_backup(house.settings, CLOCK)
    assert made.file == house.settings.data_dir / "backups" / backup_name(START)
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    new = tmp_path / "new"
    report = await restore(made.file, new, KEY, b"", other_database(house))
    assert report.counts == made.counts
    assert set(report.counts.values()) == {ROWS}
    settings = load_settings(new)
    assert await digest(settings) == await house.digest()
    assert (new / "secret.key").read_text() == (house.settings.data_dir / "secret.key").read_text()
    assert stat.S_IMODE((new / "secret.key").stat().st_mode) == 0o600
    assert settings.smtp.host == "mail"
    assert settings.workspace == "Linnen"
    assert not replay_waits(settings)
    assert not new.with_name("new.restoring").exists()


async def test_numbers_go_on_where_they_were(house: House, tmp_path: Path) -> None:
    await _forget_the_newest(house)
    made = await make_backup(house.settings, CLOCK)
    await restore(made.file, tmp_path / "new", KEY, b"", other_database(house))
    settings = load_settings(tmp_path / "new")
    sql = "INSERT INTO login_attempt (key, at) VALUES ('k', 1) RETURNING id"
    if house.sqlite:
        with closing(connect(tmp_path / "new" / "hub.db")) as connection:
            assert connection.execute(sql).fetchone() == (ROWS + 1,)
    else:
        async with server(settings.url) as connection:
            assert await connection.fetchval(sql) == ROWS + 1


async def _forget_the_newest(house: House) -> None:
    """The last id was given out and its row removed: it must not be given out again."""
    sql = f"DELETE FROM login_attempt WHERE id = {ROWS}"
    if house.sqlite:
        with closing(connect(house.settings.data_dir / "hub.db")) as connection:
            connection.execute(sql)
    else:
        async with server(house.settings.url) as connection:
            await connection.execute(sql)
            await connection.execute(f"SELECT setval('login_attempt_id_seq', {ROWS})")


async def test_a_shop_moves_to_the_other_database_with_a_backup(
    house: House, tmp_path: Path
) -> None:
    made = await make_backup(house.settings, CLOCK)
    there = fresh_database(postgres_url()) if house.sqlite else "sqlite"
    await restore(made.file, tmp_path / "there", KEY, b"", there)
    moved = load_settings(tmp_path / "there")
    assert moved.url.startswith("sqlite:") != house.sqlite
    again = await make_backup(moved, FixedClock(START), tmp_path / "again.backup")
    assert again.counts == made.counts
    back = "sqlite" if house.sqlite else fresh_database(postgres_url())
    await restore(again.file, tmp_path / "back", KEY, b"", back)
    ours, theirs = await house.digest(), await digest(load_settings(tmp_path / "back"))
    # PostgreSQL writes JSON in its own way; all else is equal.
    assert {t: n for t, (n, _) in ours.items()} == {t: n for t, (n, _) in theirs.items()}
    same = {table for table in ours if ours[table] == theirs[table]}
    assert same >= {"node", "dedupe", "node_person", "consent", "order_line", "staff", "cursor"}


@pytest.mark.parametrize("harm", ["cut", "flip", "other key", "no backup"])
async def test_what_is_not_whole_leaves_nothing_behind(
    house: House, tmp_path: Path, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed, "CHUNK", 5_000)
    made = await make_backup(house.settings, CLOCK)
    data = bytearray(made.file.read_bytes())
    assert len(data) > 4 * 5_000  # so that rows were written before the harm is met
    if harm == "cut":
        data = data[:-40]
    elif harm == "flip":
        data[-40] ^= 4
    elif harm == "no backup":
        data = bytearray(b"PK\3\4") + data
    bad = tmp_path / "bad.backup"
    bad.write_bytes(data)
    url = other_database(house)
    with pytest.raises((Damaged, OtherKey)):
        await restore(bad, tmp_path / "new", new_key() if harm == "other key" else KEY, b"", url)
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "new.restoring").exists()
    if url:
        async with server(url) as connection:
            assert await postgres_columns(connection) == {}
    if harm != "other key":
        with pytest.raises(Damaged):
            await check_backup(bad, KEY)


async def test_what_a_killed_restore_left_is_in_nobodys_way(house: House, tmp_path: Path) -> None:
    made = await make_backup(house.settings, CLOCK)
    (tmp_path / "new.restoring").mkdir()
    (tmp_path / "new.restoring" / "hub.db").write_bytes(b"half")
    (tmp_path / "new").mkdir()  # empty: a place made ready
    await restore(made.file, tmp_path / "new", KEY, b"", other_database(house))
    assert await digest(load_settings(tmp_path / "new")) == await house.digest()


async def test_a_place_that_is_not_empty_is_refused(house: House, tmp_path: Path) -> None:
    made = await make_backup(house.settings, CLOCK)
    before = await house.digest()
    with pytest.raises(NotEmpty, match="--data"):
        await restore(made.file, house.settings.data_dir, KEY, b"")
    if not house.sqlite:  # the settings name the database of the hub that lives
        with pytest.raises(NotEmpty, match="--database"):
            await restore(made.file, tmp_path / "new", KEY, b"")
    assert await house.digest() == before


async def test_a_backup_of_a_newer_version_is_refused(house: House, tmp_path: Path) -> None:
    made = await make_backup(house.settings, CLOCK)
    dialect = "sqlite" if house.sqlite else "postgres"
    older = {
        "sqlite": migrations("sqlite")[:-1] or (TOMORROW,),
        "postgres": migrations("postgres")[:-1] or (TOMORROW,),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refill, "migrations", lambda name: older[name])
        with pytest.raises(DatabaseTooNew, match="newer version"):
            await restore(made.file, tmp_path / "new", KEY, b"", other_database(house))
    assert dialect
    assert not (tmp_path / "new").exists()


async def test_a_backup_of_an_older_version_is_brought_to_today(tmp_path: Path) -> None:
    old = Path(__file__).parents[1] / "unit" / "store" / "migrations" / "0.1.0.sqlite.sql"
    folder = tmp_path / "old"
    folder.mkdir()
    store_public(folder, KEY)
    with closing(connect(folder / "hub.db")) as connection:
        connection.executescript(old.read_text())
        columns = sqlite_columns(connection)
        before = sqlite_digest(connection, columns)
    made = await make_backup(load_settings(folder), CLOCK)
    await restore(made.file, tmp_path / "new", KEY, b"")
    with closing(connect(tmp_path / "new" / "hub.db")) as connection:
        assert sqlite_digest(connection, columns) == before
        assert migrate_sqlite(connection) == []


async def test_nothing_is_written_without_a_key_or_a_database(tmp_path: Path) -> None:
    with pytest.raises(NoKey, match="hub backup"):
        await make_backup(load_settings(tmp_path), CLOCK)
    store_public(tmp_path, KEY)
    with pytest.raises(NothingToSave, match="--data"):
        await make_backup(load_settings(tmp_path), CLOCK)
    assert list((tmp_path / "backups").iterdir()) == []


async def test_a_file_is_never_written_over(house: House, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("mine")
    with pytest.raises(FileExistsError):
        await make_backup(house.settings, CLOCK, mine)
    assert mine.read_text() == "mine"


async def test_a_rotten_database_is_not_saved_silently(tmp_path: Path) -> None:
    store_public(tmp_path, KEY)
    with closing(connect(tmp_path / "hub.db")) as connection:
        migrate_sqlite(connection)
        connection.execute("BEGIN")
        fill_sqlite(connection, 500)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'log'"
        ).fetchone()
    with (tmp_path / "hub.db").open("r+b") as stream:
        stream.seek((page - 1) * 4096 + 8)
        stream.write(os.urandom(64))
    with pytest.raises(DatabaseDamaged, match=r"damaged|read whole"):
        await make_backup(load_settings(tmp_path), CLOCK)
    assert list((tmp_path / "backups").iterdir()) == []


async def test_erasures_are_found_beside_the_backup_or_must_be_named(
    house: House, tmp_path: Path
) -> None:
    ledger = house.settings.data_dir / "erasures.log"
    ledger.write_bytes(b'{"at":"1"}\n')
    made = await make_backup(house.settings, CLOCK)
    ledger.write_bytes(b'{"at":"1"}\n{"at":"2"}\n')
    alone = tmp_path / "alone.backup"
    made.file.rename(alone)
    with pytest.raises(LedgerMissing, match="--erasures"):
        find_ledger(alone, None, without=False)
    assert find_ledger(alone, None, without=True) == b""
    found = find_ledger(alone, ledger, without=False)
    report = await restore(alone, tmp_path / "new", KEY, found, other_database(house))
    assert report.erasures == 2
    assert (tmp_path / "new" / "erasures.log").read_bytes() == ledger.read_bytes()
    assert replay_waits(load_settings(tmp_path / "new"))
    alone.rename(made.file)
    assert find_ledger(made.file, None, without=False) == b'{"at":"1"}\n'


@asynccontextmanager
async def written(settings: Settings) -> AsyncIterator[list[str]]:
    """Entries are appended without pause; yields the messages acknowledged so far."""
    if settings.url.startswith("sqlite:"):
        database: Any = SqliteDatabase(settings.data_dir / "hub.db")
        await open_orm(settings.url, database.lock)
    else:
        await open_orm(settings.url, None)
        database = await PostgresDatabase.open(settings.url)
    writer = Writer(database)
    writer.start()
    acked: list[str] = []

    async def client(name: int) -> None:
        for number in range(1_000_000):
            await writer.append([entry(f"{name}-{number}", subject=f"{name}-{number}")])
            acked.append(f"{name}-{number}")

    clients = [asyncio.create_task(client(name)) for name in range(8)]
    try:
        yield acked
    finally:
        for task in clients:
            task.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
        await writer.close()
        await close_orm()
        await database.close()


async def backups_under_load(folder: Path, url: str, rounds: int) -> None:
    folder.mkdir()  # noqa: ASYNC240
    store_public(folder, KEY)
    settings = Settings(data_dir=folder, database_url=url)
    made: list[tuple[Backup, set[str]]] = []
    async with written(settings) as acked:
        for number in range(rounds):
            while len(acked) < (number + 1) * 200:  # noqa: ASYNC110
                await asyncio.sleep(0)
            before = set(acked)
            made.append((await make_backup(settings, SystemClock(), folder / f"{number}"), before))
    for number, (backup, before) in enumerate(made):
        target = folder.with_name(f"{folder.name} restored {number}")
        there = fresh_database(postgres_url()) if url else ""
        await restore(backup.file, target, KEY, b"", there or "sqlite")
        await _whole(target, there, before)


async def _whole(target: Path, url: str, before: set[str]) -> None:
    """Everything acknowledged is inside, nothing is half inside."""
    sql = "SELECT n.value FROM log l JOIN node n ON n.id = l.node_id"
    counts = (
        "SELECT (SELECT COUNT(*) FROM log), (SELECT COUNT(*) FROM dedupe), "
        "(SELECT COUNT(*) FROM node), (SELECT SUM(n) FROM intake_count)"
    )
    if url:
        async with server(url) as connection:
            subjects = {row[0] for row in await connection.fetch(sql)}
            numbers = tuple(await connection.fetchrow(counts))
    else:
        with closing(connect(target / "hub.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            subjects = {row[0] for row in connection.execute(sql)}
            numbers = connection.execute(counts).fetchone()
    assert before <= subjects
    assert set(numbers) == {len(subjects)}


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_what_was_acknowledged_is_in_a_backup_made_under_load(
    tmp_path: Path, kind: str
) -> None:
    url = fresh_database(postgres_url()) if kind == "postgres" else ""
    await backups_under_load(tmp_path / "busy", url, 2)


@pytest.mark.full
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_twenty_backups_under_load(tmp_path: Path, kind: str) -> None:
    url = fresh_database(postgres_url()) if kind == "postgres" else ""
    await backups_under_load(tmp_path / "busy", url, 20)
