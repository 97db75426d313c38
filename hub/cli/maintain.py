"""Commands for the people who keep a hub running."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click
from rich.progress import Progress

from hub.clock import SystemClock
from hub.flows.entry_links import lost_password_link
from hub.flows.rebuild import rebuild
from hub.flows.run import open_hub
from hub.settings import load_settings


def run_rebuild(data: Path | None) -> None:
    """Project the whole log again, with a progress bar."""

    async def run() -> int:
        async with open_hub(load_settings(data), SystemClock()) as hub:
            with Progress() as bar:
                task = bar.add_task("Rebuilding", total=None)
                return await rebuild(
                    hub, lambda done, of: bar.update(task, completed=done, total=of)
                )

    click.echo(f"Rebuilt from {asyncio.run(run())} log entries.")


def run_login_link(data: Path | None, email: str) -> None:
    """Print a one-time login link; the hub may be running."""
    try:
        click.echo(asyncio.run(lost_password_link(load_settings(data), SystemClock(), email)))
    except LookupError as error:
        raise click.ClickException(str(error)) from error
