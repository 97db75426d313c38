"""`hub backup`: one sealed file, while the hub serves."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, TextColumn

from hub.cli import DATA_OPTION
from hub.clock import SystemClock
from hub.flows.backup import Backup, backup_folder, has_key, make_backup
from hub.flows.backup_rotation import rotate
from hub.settings import Settings, load_settings
from hub.store.migrations import DatabaseTooNew
from hub.store.recovery_key import BadKey, new_key, store_public
from hub.store.snapshot import DatabaseDamaged, NothingToSave


@click.command("backup")
@DATA_OPTION
@click.option("--to", "to", type=click.Path(path_type=Path, dir_okay=False), default=None,
              help="The file to write (else a new one in backup_dir).")  # fmt: skip
@click.option("--new-key", is_flag=True,
              help="Make another recovery key; older backups keep theirs.")  # fmt: skip
@click.option("--nightly", is_flag=True, hidden=True)
def backup_command(data: Path | None, to: Path | None, new_key: bool, nightly: bool) -> None:
    """Save everything into one encrypted file; the hub may run meanwhile.

    The first time it shows a recovery key: write it down, nothing else opens a backup.
    """
    settings = load_settings(data)
    if nightly:
        os.nice(10)  # the hub that serves beside it comes first
    if not settings.data_dir.is_dir():
        raise click.ClickException(f"there is no data folder {settings.data_dir}: name it, --data")
    if new_key or not (nightly or has_key(settings)):
        _show_new_key(settings)
    try:
        made = asyncio.run(save(settings, to))
    except (BadKey, NothingToSave, DatabaseDamaged, DatabaseTooNew, FileExistsError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"the backup was not written: {error}") from error
    if to is None:
        rotate(backup_folder(settings), SystemClock().now())
    click.echo(f"Wrote {made.file}: {sum(made.counts.values())} rows, {made.size} bytes.")


async def save(settings: Settings, to: Path | None) -> Backup:
    """Make a backup, with a counter on a terminal."""
    columns = (TextColumn("Saving"), TextColumn("{task.completed:.0f} rows"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")
        return await make_backup(settings, SystemClock(), to, lambda rows: bar.advance(task, rows))


def _show_new_key(settings: Settings) -> None:
    key = new_key()
    click.echo("The recovery key. Write it down now, away from this machine; it is not shown")
    click.echo("again, and without it no backup can be read:")
    click.echo(f"\n    {key.text}\n")
    store_public(settings.data_dir, key)
