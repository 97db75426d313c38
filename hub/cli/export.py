"""`hub export`: everything at one moment, as files that other programs read."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, TextColumn

from hub.cli import DATA_OPTION
from hub.clock import SystemClock
from hub.flows.export_all import Asked, Exists, Format, Manifest, export_all
from hub.flows.export_tables import GROUPS, UnknownName
from hub.settings import Settings, load_settings
from hub.store.snapshot import DatabaseDamaged, NothingToSave

BY = "command line"
_MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.command("export")
@click.option("--to", type=click.Path(path_type=Path), required=True,
              help="The folder to write; it must not be there yet.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["ndjson", "parquet"]), default="ndjson",
              show_default=True)  # fmt: skip
@click.option("--since", type=_MOMENT, help="Of what has a time, only from this moment on (UTC).")
@click.option("--until", type=_MOMENT, help="Of what has a time, only before this moment (UTC).")
@click.option("--what", default="", metavar="NAMES",
              help=f"Only these, with commas: {', '.join(GROUPS)}, or tables.")  # fmt: skip
@DATA_OPTION
def export_command(
    *, to: Path, form: Format, since: datetime | None, until: datetime | None, what: str,
    data: Path | None,
) -> None:  # fmt: skip
    """Write everything that is kept, without secrets; the hub may run meanwhile.

    The folder appears when it is whole. It holds personal data, and an erasure does not reach it.
    """
    names = tuple(name.strip() for name in what.split(",") if name.strip())
    asked = Asked(format=form, what=names, since=_utc(since), until=_utc(until))
    try:
        made = asyncio.run(_save(load_settings(data), to, asked))
    except (Exists, UnknownName, NothingToSave, DatabaseDamaged) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"the export was not written: {error}") from error
    for part in made.parts:
        click.echo(f"{part.file:28} {part.rows:>12,} rows {part.bytes:>14,} bytes")
    click.echo(f"Wrote {to}, as of log entry {made.last_seq}. It holds personal data: remove it")
    click.echo("when it is no longer needed.")


async def _save(settings: Settings, to: Path, asked: Asked) -> Manifest:
    columns = (TextColumn("Exporting"), TextColumn("{task.completed:.0f} rows"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")
        return await export_all(
            settings,
            SystemClock(),
            to,
            asked,
            by=BY,
            progress=lambda rows: bar.advance(task, rows),
        )


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None
