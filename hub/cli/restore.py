"""`hub restore`: a new data folder from a backup."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from pathlib import Path

import asyncpg
import click

from hub.flows.backup_restore import (
    LedgerMissing,
    Restored,
    check_backup,
    find_ledger,
    restore,
)
from hub.store.migrations import DatabaseTooNew
from hub.store.recovery_key import BadKey, RecoveryKey, read_key
from hub.store.refill import NotEmpty
from hub.store.sealed import Damaged, OtherKey

EXISTING = click.Path(path_type=Path, exists=True, dir_okay=False)


KEY_HELP = "A file with the recovery key (else $HUB_RECOVERY_KEY, else it is asked)."
LEDGER_HELP = "erasures.log of the old data folder (else the one beside the backup)."


@click.command("restore")
@click.argument("file", type=EXISTING)
@click.option("--data", type=click.Path(path_type=Path), default=None,
              help="The new data folder; it must not exist or be empty.")  # fmt: skip
@click.option("--key-file", type=EXISTING, default=None, help=KEY_HELP)
@click.option("--erasures", type=EXISTING, default=None, help=LEDGER_HELP)
@click.option("--no-erasures", is_flag=True, help="The list of erasures is lost; go on without.")
@click.option("--database", "database", default="",
              help='An empty PostgreSQL database (a URL), or "sqlite".')  # fmt: skip
@click.option("--check", is_flag=True, help="Only read the backup to its end; restore nothing.")
def restore_command(
    *, file: Path, data: Path | None, key_file: Path | None, erasures: Path | None,
    no_erasures: bool, database: str, check: bool,
) -> None:  # fmt: skip
    """Make a new data folder from a backup FILE.

    Before the hub serves from it, it erases again who was erased since the backup was made.
    """
    if not check and data is None:
        raise click.UsageError("name the new data folder: --data NEWFOLDER")
    try:
        ledger = b"" if check else find_ledger(file, erasures, no_erasures)
        key = _key(key_file)
        if check or data is None:
            report = asyncio.run(check_backup(file, key))
        else:
            report = asyncio.run(restore(file, data, key, ledger, database))
    except (BadKey, Damaged, OtherKey, NotEmpty, LedgerMissing, DatabaseTooNew) as error:
        raise click.ClickException(str(error)) from error
    except (OSError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise click.ClickException(f"the backup was not restored: {error}") from error
    _tell(report, data, check)


def _key(file: Path | None) -> RecoveryKey:
    if file is not None:
        return read_key(file.read_text())
    text = os.environ.get("HUB_RECOVERY_KEY")
    return read_key(text or click.prompt("Recovery key", hide_input=True))


def _tell(report: Restored, data: Path | None, check: bool) -> None:
    click.echo(f"Backup of {report.made_at}, made by version {report.version}.")
    for table, count in report.counts.items():
        if count:
            click.echo(f"  {table:<24}{count:>12}")
    if check:
        click.echo("It is whole: every byte was read and proven.")
        return
    if report.erasures:
        click.echo(f"{report.erasures} erasures are carried out again before the hub serves.")
    click.echo(f"Restored. Start the hub: hub serve --data {data}")
