"""A shop upgrades: told what comes, saved before, refused while the hub runs, able to go back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner

from hub import __version__
from hub.cli import cli
from hub.clock import FixedClock
from hub.flows.backup_restore import restore
from hub.flows.upgrade import (
    CHANGES,
    NoBackup,
    changes,
    last_version,
    note_version,
    numbers,
    outlook,
    upgrade,
)
from hub.settings import Settings, load_settings
from hub.store.lockfile import DataFolderInUse, LockFile
from hub.store.migrations import migrations
from hub.store.recovery_key import new_key, store_public
from hub.store.sqlite import connect
from tests.postgres import fresh_database, postgres_url
from tests.shop import START
from tests.unit.store.schemas import sqlite_columns, sqlite_digest

ROOT = Path(__file__).parents[2]
OLD = ROOT / "tests" / "unit" / "store" / "migrations"
CLOCK = FixedClock(START)
KEY = new_key()
STEPS = [step.name for step in migrations("sqlite")]


@pytest.fixture(params=["sqlite", "postgres"])
async def old(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A data folder as version 0.1.0 left it."""
    folder = tmp_path / "old"
    folder.mkdir()
    if request.param == "sqlite":
        with closing(connect(folder / "hub.db")) as connection:
            connection.executescript((OLD / "0.1.0.sqlite.sql").read_text())
        return load_settings(folder)
    url = fresh_database(postgres_url())
    server = await asyncpg.connect(url)
    await server.execute((OLD / "0.1.0.postgres.sql").read_text())
    await server.close()
    (folder / "hub.toml").write_text(f'database_url = "{url}"\n')
    return load_settings(folder)


async def test_an_old_folder_is_saved_and_brought_to_today(old: Settings) -> None:
    found = await outlook(old)
    assert (found.was, found.now, found.steps) == ("", __version__, STEPS)
    with pytest.raises(NoBackup, match=r"hub backup.*--no-backup"):
        await upgrade(old, CLOCK)
    assert (await outlook(old)).steps == STEPS
    store_public(old.data_dir, KEY)
    done = await upgrade(old, CLOCK)
    assert done.steps == STEPS
    assert done.backup is not None
    assert set(done.backup.counts.values()) == {3}
    again = await upgrade(old, CLOCK)
    assert (again.steps, again.backup) == ([], None)
    assert last_version(old) == __version__
    assert (await outlook(old)).notes == ""


async def test_going_back_gives_what_was_before(tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    with closing(connect(folder / "hub.db")) as connection:
        connection.executescript((OLD / "0.1.0.sqlite.sql").read_text())
        columns = sqlite_columns(connection)
        before = sqlite_digest(connection, columns)
    store_public(folder, KEY)
    done = await upgrade(load_settings(folder), CLOCK)
    assert done.backup is not None
    await restore(done.backup.file, tmp_path / "back", KEY, b"")
    with closing(connect(tmp_path / "back" / "hub.db")) as connection:
        assert sqlite_digest(connection, columns) == before


async def test_nothing_is_done_while_the_hub_runs(old: Settings) -> None:
    store_public(old.data_dir, KEY)
    lock = LockFile(old.data_dir)
    try:
        with pytest.raises(DataFolderInUse):
            await upgrade(old, CLOCK)
    finally:
        lock.release()
    assert (await outlook(old)).steps == STEPS
    assert not (old.data_dir / "backups").exists()


def test_the_command_tells_what_it_does(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "hub.db")) as connection:
        connection.executescript((OLD / "0.1.0.sqlite.sql").read_text())
    run = CliRunner()
    told = run.invoke(cli, ["upgrade", "--data", str(tmp_path), "--check"])
    assert told.exit_code == 0, told.output
    assert f"Regulars {__version__} is installed" in told.output
    assert f"Steps to take: {', '.join(STEPS)}." in told.output
    refused = run.invoke(cli, ["upgrade", "--data", str(tmp_path)])
    assert refused.exit_code == 1
    assert "--no-backup" in refused.output
    store_public(tmp_path, KEY)
    done = run.invoke(cli, ["upgrade", "--data", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "Took 0001_first." in done.output
    assert "hub restore" in done.output
    assert "up to date" in run.invoke(cli, ["upgrade", "--data", str(tmp_path)]).output
    missing = run.invoke(cli, ["upgrade", "--data", str(tmp_path / "nowhere")])
    assert "there is no data folder" in missing.output


def test_a_folder_remembers_the_version(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert last_version(settings) == ""
    (tmp_path / "version").write_text("0.0.9\n")
    note_version(settings)
    assert last_version(settings) == __version__


LOG = (
    "# Changelog\n\n## 0.10.0\nten\n\n## 0.9.0\nnine\n\n## 0.2.0 (2026-01-01)\ntwo\n\n"
    "## 0.1.0\none\n"
)


def test_only_the_notes_between_two_versions_are_told() -> None:
    assert changes(LOG, "0.2.0", "0.10.0") == "## 0.10.0\nten\n\n## 0.9.0\nnine"
    assert changes(LOG, "0.10.0", "0.10.0") == ""
    assert changes(LOG, "", "0.1.0") == "## 0.1.0\none"
    assert numbers("1.10.2rc1") > numbers("1.9")


def test_the_package_holds_the_changelog_and_it_has_this_version() -> None:
    whole = (ROOT / "CHANGELOG.md").read_text()
    assert CHANGES.read_text() == whole, "run: cp CHANGELOG.md hub/CHANGELOG.md"
    assert f"\n## {__version__}" in whole
