"""`hub tracking-plan`: a tracking plan made from what arrived, and events of a file held against
one."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TextIO

import click
import orjson

from hub.cli import DATA_OPTION
from hub.cli.schema import plain
from hub.cli.stopped import BY, run_stopped
from hub.core import Hub
from hub.flows.plans import KINDS_SQL, read_plan, set_plan, text_from
from hub.ingest.names import canonical
from hub.ingest.plan import Fault, InvalidPlan, Plan
from hub.sdk.errors import HubError
from hub.settings import Settings, load_settings
from hub.store.snapshot import DatabaseDamaged, NothingToSave, open_snapshot

MOST_BYTES = 64 * 1024  # of a line


@click.group("tracking-plan")
def tracking_plan() -> None:
    """Tracking plans: what the events of a source should hold."""


@tracking_plan.command("show")
@click.argument("source")
@click.option("--made", is_flag=True, help="Not the plan in force: one made from what arrived.")
@DATA_OPTION
def show(source: str, *, made: bool, data: Path | None) -> None:
    """Print the plan of SOURCE as YAML. The hub may run."""
    try:
        text = asyncio.run(_text(load_settings(data), source, made=made))
    except (NothingToSave, DatabaseDamaged) as error:
        raise click.ClickException(str(error)) from error
    click.echo(text, nl=not text.endswith("\n"))


@tracking_plan.command("set")
@click.argument("source")
@click.argument("plan", type=click.File("r", encoding="utf-8"))
@DATA_OPTION
def set_command(source: str, plan: TextIO, data: Path | None) -> None:
    """From now on SOURCE has this PLAN ("-" reads what is piped in; an empty one takes it away).
    Stop the hub first; beside a running one use its page."""
    text = plan.read()

    async def lines(hub: Hub) -> list[str]:
        found = [row.id for row in hub.sources.values() if row.name == source]
        if not found:
            raise HubError(f"there is no source '{source}'")
        try:
            await set_plan(hub, found[0], text, by=BY)
        except InvalidPlan as error:
            raise HubError(str(error)) from error
        return [f"{source} has a plan" if text.strip() else f"{source} has no plan"]

    run_stopped(data, lines)


@tracking_plan.command("check")
@click.argument("plan", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("events", type=click.File("rb"))
def check(plan: Path, events: IO[bytes]) -> None:
    """Hold EVENTS, one JSON event a line ("-" reads what is piped in), against PLAN. Exit 1 when
    one differs."""
    try:
        ready = read_plan(plan.read_text(encoding="utf-8"))
    except (InvalidPlan, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error
    seen = 0
    found: Counter[Fault] = Counter()
    for seen, faults in enumerate(_faults(ready, events), 1):  # noqa: B007  # the last one counts
        found.update(faults)
    for fault, n in found.most_common():
        click.echo(plain(f"{n}  {fault.name or '(others)'}  {fault.path or '-'}  {fault.text}"))
    click.echo(f"{seen} events, {len(found)} kinds of difference")
    sys.exit(1 if found else 0)


def _faults(plan: Plan, events: IO[bytes]) -> Iterator[list[Fault]]:
    for number, line in enumerate(events, 1):
        if not line.strip():
            continue
        try:
            event = orjson.loads(line) if len(line) <= MOST_BYTES else None
        except orjson.JSONDecodeError as error:
            raise click.ClickException(f"line {number}: not valid JSON ({error})") from error
        if not isinstance(event, dict):
            raise click.ClickException(f"line {number}: an event is an object of at most 64 KB")
        name, properties, traits = (event.get(key) for key in ("event", "properties", "traits"))
        yield plan.faults(
            canonical(name) if isinstance(name, str) else "",
            properties if isinstance(properties, dict) else {},
            traits if isinstance(traits, dict) else {},
        )


async def _text(settings: Settings, name: str, *, made: bool) -> str:
    async with open_snapshot(settings.url) as snapshot:
        ids = [
            row[0]
            async for block in snapshot.blocks("SELECT id, name FROM source")
            for row in block
            if row[1] == name
        ]
        if not ids:
            raise click.ClickException(f"there is no source '{name}'")
        sql = KINDS_SQL if made else "SELECT text FROM tracking_plan WHERE source_id = ?"
        rows = [row async for block in snapshot.blocks(sql, (ids[0],)) for row in block]
    if made:
        return text_from(rows)
    if not rows:
        raise click.ClickException(f"'{name}' has no plan; --made makes one from what arrived")
    return str(rows[0][0])
