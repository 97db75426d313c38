"""Work on the data of a hub that does not run, and what it says, line by line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from hub.clock import SystemClock
from hub.core import Hub
from hub.flows.run import open_hub
from hub.sdk.errors import HubError
from hub.settings import load_settings

BY = "command line"


def run_stopped(data: Path | None, work: Callable[[Hub], Awaitable[list[str]]]) -> None:
    """Open the hub, do it, print its lines. A HubError becomes the command's error."""

    async def opened() -> list[str]:
        async with open_hub(load_settings(data), SystemClock()) as hub:
            return await work(hub)

    try:
        for line in asyncio.run(opened()):
            # It comes from anybody: nothing in it may command a terminal.
            click.echo("".join(c if c.isprintable() or c == "\n" else "?" for c in line))
    except HubError as error:
        raise click.ClickException(str(error)) from error
