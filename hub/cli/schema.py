"""`hub schema`: what arrives, on the command line."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from hub.cli import DATA_OPTION
from hub.clock import SystemClock, to_ms
from hub.flows.dictionary_read import ROWS_SQL, KindPage, kinds_of, page_of
from hub.schema.seen import DAY_MS
from hub.settings import Settings, load_settings
from hub.store.database import Row
from hub.store.snapshot import DatabaseDamaged, NothingToSave, open_snapshot


@click.command("schema")
@click.argument("name", required=False, default="")
@click.option("--source", default="", metavar="NAME", help="Only what this source sends.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@DATA_OPTION
def schema_command(name: str, source: str, *, as_json: bool, data: Path | None) -> None:
    """List the kinds of events that arrive; with NAME, the fields of one. The hub may run."""
    try:
        rows, sources = asyncio.run(_read(load_settings(data)))
    except (NothingToSave, DatabaseDamaged) as error:
        raise click.ClickException(str(error)) from error
    if source and source not in sources.values():
        raise click.ClickException(f"--source: there is no source '{source}'")
    rows = [row for row in rows if not source or sources.get(row[1]) == source]
    day = to_ms(SystemClock().now()) // DAY_MS
    if name:
        pages = [page_of(row, sources, day) for row in rows if row[3] == name]
        if not pages:
            raise click.ClickException(f"no event of the name '{name}' has arrived")
        lines = [line for page in pages for line in _fields(page)]
        value: object = pages
    else:
        kinds = kinds_of(rows, sources, day).kinds
        lines = [
            f"{k.name or '(and others)'}  {k.source}  {k.n} in all, {k.recent} in 30 days, "
            f"{k.fields} fields" + (f", {k.personal} look personal" if k.personal else "")
            for k in kinds
        ] or ["Nothing has arrived yet."]
        value = kinds
    for line in [msgspec.json.encode(value).decode()] if as_json else lines:
        click.echo(plain(line))


def _fields(page: KindPage) -> list[str]:
    kind = page.kind
    head = f"{kind.name}  {kind.source}  {kind.n} in all, {_day(kind.first)} to {_day(kind.last)}"
    return [head] + [
        f"  {f.path}  {f.share:.1%}  {', '.join(f.types)}"
        + (f"  looks personal: {f.personal}" if f.personal else "")
        + (f"  such as {' | '.join(f.examples)}" if f.examples else "")
        for f in page.fields
    ]


def plain(text: str) -> str:
    """Names and values come from anybody: nothing in them may command a terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()


async def _read(settings: Settings) -> tuple[list[Row], dict[int, str]]:
    async with open_snapshot(settings.url) as snapshot:
        sources = {
            row[0]: row[1]
            async for block in snapshot.blocks("SELECT id, name FROM source")
            for row in block
        }
        rows = [row async for block in snapshot.blocks(ROWS_SQL) for row in block]
    return rows, sources
