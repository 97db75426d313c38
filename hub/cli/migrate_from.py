"""`hub migrate-from`: what an old collector did beside collecting, and what becomes of it."""

from __future__ import annotations

from pathlib import Path

import click
import httpx
import msgspec
from rich.console import Console
from rich.table import Table

from hub.cli import DATA_OPTION
from hub.flows.moving import Known, Moved, what_moves
from hub.imports.old_settings import Collector, OldSettings, UnknownDocument, read_old_settings
from hub.plugins import Plugins
from hub.sdk.push import can_push
from hub.settings import load_settings

DOCUMENTS: dict[Collector, str] = {
    "segment": "https://cdn.segment.com/v1/projects/{key}/settings",
    "rudderstack": "https://api.rudderstack.com/sourceConfig/?p=npm&v=3.0.0&writeKey={key}",
}
MOST_BYTES = 8 * 1024 * 1024
FATES = {
    "lost": "[red]lost[/red]",
    "own tag": "[yellow]keep its own tag[/yellow]",
    "connector": "[green]a connector here[/green]",
    "was off": "was switched off",
}


@click.command("migrate-from")
@DATA_OPTION
@click.argument("collector", type=click.Choice(["segment", "rudderstack"]))
@click.option("--file", "file", type=click.Path(dir_okay=False, path_type=Path),
              help="The old settings document, saved before.")  # fmt: skip
@click.option("--key", default="", help="The old write key: the document is fetched with it.")
@click.option("--url", default="", help="Where to fetch it, if the old side is your own server.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def migrate_from_command(
    collector: Collector, *, data: Path | None, file: Path | None, key: str, url: str, as_json: bool
) -> None:
    """List every place the old collector sent events to, and what becomes of each here.

    Nothing is changed on either side. Libraries of the old collector keep working when their
    host name is changed to this hub: the Sources page has the lines.
    """
    try:
        old = read_old_settings(collector, _document(collector, file, key, url))
    except (OSError, httpx.HTTPError, UnknownDocument) as error:
        raise click.ClickException(f"{error}") from error
    settings = load_settings(data)
    connectors = Plugins(settings.plugins, settings.plugins_path).connectors.values()
    ours = [Known(c.name, c.title, can_push(c)) for c in connectors]
    lines = what_moves(old, ours)
    if as_json:
        report = {"destinations": lines, "blocked": old.blocked}
        click.echo(msgspec.json.encode(report).decode())
    else:
        _print(lines, old)


def _document(collector: Collector, file: Path | None, key: str, url: str) -> bytes:
    if file is not None:
        return file.read_bytes()
    if not key and not url:
        raise click.UsageError("name the document with --file, or the old write key with --key")
    address = url or DOCUMENTS[collector].format(key=key)
    # RudderStack asks for the key as a user name.
    answer = httpx.get(address, auth=(key, "") if key else None, timeout=20)
    answer.raise_for_status()
    if len(answer.content) > MOST_BYTES:
        raise UnknownDocument(f"{address} answered {len(answer.content)} bytes: too large for one")
    return answer.content


def _print(lines: list[Moved], old: OldSettings) -> None:
    console = Console()
    if lines:
        table = Table()
        for heading in ("it sent events to", "now", "what to do"):
            table.add_column(heading, overflow="fold")
        for line in lines:
            table.add_row(line.name, FATES[line.fate], line.remedy)
        console.print(table)
    else:
        console.print("The old side sent events nowhere else: nothing is lost by moving.")
    if old.blocked:
        names = ", ".join(old.blocked)
        console.print(f"The old plan held these events back; here they would be kept: {names}")
