"""`hub upgrade`: after installing a new version, before starting it."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import asyncpg
import click

from hub.cli import DATA_OPTION
from hub.clock import SystemClock
from hub.flows.upgrade import NoBackup, Outlook, Upgraded, outlook, upgrade
from hub.settings import load_settings
from hub.store.recovery_key import BadKey
from hub.store.snapshot import DatabaseDamaged


@click.command("upgrade")
@DATA_OPTION
@click.option("--check", is_flag=True, help="Only tell what would be done.")
@click.option("--no-backup", is_flag=True, help="Make no backup before.")
def upgrade_command(data: Path | None, check: bool, no_backup: bool) -> None:
    """Bring a data folder to the version that is installed; stop the hub first.

    It makes a backup, takes the steps that are missing and says how to go back.
    """
    settings = load_settings(data)
    if not settings.data_dir.is_dir():
        raise click.ClickException(f"there is no data folder {settings.data_dir}: name it, --data")
    try:
        found = asyncio.run(outlook(settings))
        _tell(found)
        if check:
            return
        done = asyncio.run(upgrade(settings, SystemClock(), backup=not no_backup))
    except (NoBackup, BadKey, DatabaseDamaged) as error:
        raise click.ClickException(str(error)) from error
    except (OSError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise click.ClickException(f"not upgraded, nothing was changed: {error}") from error
    _finish(found, done)


def _tell(found: Outlook) -> None:
    used = f"this data was last used by {found.was}" if found.was else "this data is older or new"
    click.echo(f"Regulars {found.now} is installed; {used}.")
    if found.was != found.now and found.notes:
        click.echo(f"\n{found.notes}\n")
    steps = ", ".join(found.steps)
    click.echo(f"Steps to take: {steps}." if steps else "The database is up to date.")


def _finish(found: Outlook, done: Upgraded) -> None:
    for step in done.steps:
        click.echo(f"Took {step}.")
    click.echo("Upgraded. Start the hub.")
    if done.backup is not None:
        before = f"regulars=={found.was}" if found.was else "the version before"
        click.echo(
            f"To go back: install {before} and restore what was saved before:\n"
            f"    hub restore {done.backup.file} --data NEWFOLDER"
        )
