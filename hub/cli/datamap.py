"""`hub datamap`: what is kept, why, how long, and how it goes."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from hub.cli import DATA_OPTION
from hub.flows.datamap import DataLine, data_map
from hub.plugins import Plugins
from hub.settings import load_settings

COLUMNS = ("Place", "Personal", "What for", "What", "Kept", "In an export", "In an erasure")


@click.command("datamap")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@DATA_OPTION
def datamap_command(as_json: bool, data: Path | None) -> None:
    """Print what the hub keeps: each table, file and plugin key. The hub may run."""
    settings = load_settings(data)
    found = data_map(
        Plugins(settings.plugins, settings.plugins_path).connectors, settings.retention
    )
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
        return
    console = Console(width=None if Console().is_terminal else 200)
    for title, lines in (
        ("Tables", found.tables),
        ("Files", found.files),
        ("Plugins", found.plugins),
    ):
        console.print(_table(title, lines))


def _table(title: str, lines: list[DataLine]) -> Table:
    table = Table(title=title, show_lines=False)
    for column in (
        "Place",
        "Personal",
        "What for",
        "What",
        "Kept",
        "In an export",
        "In an erasure",
    ):
        table.add_column(column, overflow="fold")
    for line in lines:
        what = "; ".join(f"{kind}: {', '.join(names)}" if names else kind
                         for kind, names in line.classes.items())  # fmt: skip
        table.add_row(line.place, "yes" if line.personal else "", line.purpose, what, line.kept,
                      line.export, line.erase)  # fmt: skip
    return table
