"""`hub retention`: remove what is older than the settings allow, or only count it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from hub.cli import DATA_OPTION
from hub.clock import SystemClock
from hub.flows.retention import Removed, retention
from hub.flows.run import open_hub
from hub.settings import Settings, load_settings


@click.command("retention")
@click.option("--dry-run", is_flag=True, help="Only count.")
@DATA_OPTION
def retention_command(dry_run: bool, data: Path | None) -> None:
    """Remove what is older than [retention] of hub.toml allows. Stop the hub first.

    A running hub does this by itself each night.
    """
    found = asyncio.run(_run(load_settings(data), dry_run))
    if not found:
        click.echo("Nothing has a time to live: every class of [retention] is 0.")
    for line in found:
        verb = "would go" if dry_run else "gone"
        click.echo(
            f"{line.kept:10} {line.table:15} older than {line.days} days: {line.rows} {verb}"
        )


async def _run(settings: Settings, dry: bool) -> list[Removed]:
    async with open_hub(settings, SystemClock()) as hub:
        return await retention(hub, dry=dry)
