"""`hub plugins`: which plugins there are and whether they work; switch one on or off."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from hub.cli import DATA_OPTION
from hub.clock import SystemClock
from hub.core import Hub
from hub.flows.plugins_admin import PluginLine, list_plugins, switch_plugin
from hub.flows.run import open_hub
from hub.settings import load_settings

STATES = {
    "good": "loaded",
    "sick": "had faults lately",
    "off": "switched off",
    "broken": "not loaded",
}


@click.group("plugins")
def plugins_command() -> None:
    """Plugins: list them, switch one on or off. Stop the hub first, or use its Health page."""


@plugins_command.command("list")
@DATA_OPTION
def list_command(data: Path | None) -> None:
    """Every plugin, whether it works, and why not."""
    lines = asyncio.run(_with_hub(data, None, on=True))
    table = Table()
    for heading in ("plugin", "state", "where", "why"):
        table.add_column(heading, overflow="fold")
    for line in lines:
        why = "\n".join([line.reason, *line.warnings, line.note]).strip()
        table.add_row(line.name, STATES[line.state], line.module, why)
    Console().print(table)


@plugins_command.command()
@DATA_OPTION
@click.argument("name")
def enable(data: Path | None, name: str) -> None:
    """Switch a plugin on again; its faults are counted anew."""
    asyncio.run(_with_hub(data, name, on=True))
    click.echo(f"{name} is on.")


@plugins_command.command()
@DATA_OPTION
@click.argument("name")
def disable(data: Path | None, name: str) -> None:
    """Switch a plugin off: it is asked nothing, and what it offers is not used."""
    asyncio.run(_with_hub(data, name, on=False))
    click.echo(f"{name} is off.")


async def _with_hub(data: Path | None, name: str | None, *, on: bool) -> list[PluginLine]:
    async with open_hub(load_settings(data), SystemClock()) as hub:
        if name is not None and not switch_plugin(hub, name, on=on):
            raise click.ClickException(f"no plugin is named '{name}'; there are {_names(hub)}")
        return list_plugins(hub)


def _names(hub: Hub) -> str:
    return ", ".join(sorted(line.name for line in hub.plugins.report))
