"""`hub lake`: the log as files that other programs read."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from hub.cli import DATA_OPTION
from hub.clock import SystemClock
from hub.flows import lake as flow
from hub.lake.manifest import LakeDamaged
from hub.settings import load_settings
from hub.store.snapshot import DatabaseDamaged, NothingToSave

FAULTS = (LakeDamaged, NothingToSave, DatabaseDamaged, ValueError)


@click.group("lake")
def lake() -> None:
    """The log as Parquet: days older than two, sealed; the hub may run meanwhile.

    The entries stay in the database too; the files are a copy that follows it.
    """


@lake.command("seal")
@DATA_OPTION
def seal_command(data: Path | None) -> None:
    """Take in the days that are over; a hub whose lake was begun does it each night."""
    try:
        made = asyncio.run(flow.seal(load_settings(data), SystemClock()))
    except FAULTS as error:
        raise click.ClickException(str(error)) from error
    rows = sum(part.rows for part in made.parts)
    click.echo(f"{rows} entries in {len(made.parts)} files, up to log entry {made.border}.")


@lake.command("verify")
@DATA_OPTION
def verify_command(data: Path | None) -> None:
    """Compare every file with the log."""
    try:
        wrong = asyncio.run(flow.verify(load_settings(data)))
    except FAULTS as error:
        raise click.ClickException(str(error)) from error
    if wrong:
        raise click.ClickException("; ".join(wrong))
    click.echo("The lake is whole.")


@lake.command("query")
@click.argument("sql")
@DATA_OPTION
def query_command(sql: str, data: Path | None) -> None:
    """Answer one SELECT over `events`, sealed days and today alike.

    The column "at" needs its quotes; times are milliseconds since 1970.
    """
    try:
        names, rows = asyncio.run(flow.query(load_settings(data), sql))
    except FAULTS as error:
        raise click.ClickException(str(error)) from error
    table = Table(*names)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    Console().print(table)
