"""`hub audit`: whether the record of who saw whom is whole."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from hub.cli import DATA_OPTION
from hub.clock import SystemClock
from hub.flows.audit import Verdict, verify_audit
from hub.flows.run import open_hub
from hub.settings import Settings, load_settings


@click.group("audit")
def audit() -> None:
    """The record of who saw, exported or erased whom."""


@audit.command("verify")
@DATA_OPTION
def verify_command(data: Path | None) -> None:
    """Check that no row was changed or cut out. Stop the hub first.

    Exit code 1 when one was; the first such row is named.
    """
    verdict = asyncio.run(_verify(load_settings(data)))
    if verdict.broken:
        click.echo(f"Broken: row {verdict.broken} {verdict.why}.", err=True)
        click.echo(f"{verdict.rows} rows before it are as they were written.", err=True)
        sys.exit(1)
    click.echo(f"Whole: {verdict.rows} rows, each as it was written.")


async def _verify(settings: Settings) -> Verdict:
    async with open_hub(settings, SystemClock()) as hub:
        return await verify_audit(hub)
