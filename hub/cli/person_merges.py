"""`hub person merges`, `unmerge` and `release`: what joined a person, undone and allowed again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from hub.cli import DATA_OPTION
from hub.clock import SystemClock
from hub.core import Hub
from hub.flows.erase_subject import find_subject
from hub.flows.people import Identifier
from hub.flows.run import open_hub
from hub.flows.unmerge import list_merges, release, unmerge
from hub.sdk.errors import HubError
from hub.settings import load_settings

BY = "command line"


@click.command("merges")
@click.argument("who", metavar="EMAIL|NUMBER")
@DATA_OPTION
def merges_command(who: str, data: Path | None) -> None:
    """List what joined the identifiers of a person. Stop the hub first.

    The numbers before the identifiers are what `unmerge` and `release` want.
    """

    async def lines(hub: Hub) -> list[str]:
        person_id = (await find_subject(hub, who)).person_id
        found = await list_merges(hub, person_id)
        sources = hub.sources
        told = [
            f"{_name(m.a)} = {_name(m.b)}: {m.strength}, {_day(m.at)}, {m.said or 'no longer kept'}"
            + (f", {sources[m.source_id].name}" if m.source_id in sources else "")
            for m in found.merges
        ]
        apart = [f"{_name(x.a)} | {_name(x.b)}: kept apart by {x.by}, {_day(x.at)}"
                 for x in found.apart]  # fmt: skip
        return [f"Person {person_id}", *told, *apart]

    _run(data, lines)


@click.command("unmerge")
@click.argument("identifier", type=click.IntRange(1))
@click.argument("other", type=click.IntRange(1), required=False, default=None)
@DATA_OPTION
def unmerge_command(identifier: int, other: int | None, data: Path | None) -> None:
    """Part IDENTIFIER from OTHER, or from everybody it is joined with. Stop the hub first.

    Both stay apart, whatever comes in later, until `hub person release`.
    """

    async def lines(hub: Hub) -> list[str]:
        person_id = await unmerge(hub, identifier, other or 0, by=BY)
        return [f"Parted. Identifier {identifier} is person {person_id} now."]

    _run(data, lines)


@click.command("release")
@click.argument("identifier", type=click.IntRange(1))
@click.argument("other", type=click.IntRange(1))
@DATA_OPTION
def release_command(identifier: int, other: int, data: Path | None) -> None:
    """Let links join IDENTIFIER and OTHER again. Stop the hub first."""

    async def lines(hub: Hub) -> list[str]:
        person_id = await release(hub, identifier, other, by=BY)
        return [f"Released. Identifier {identifier} is person {person_id} now."]

    _run(data, lines)


def _run(data: Path | None, work: Callable[[Hub], Awaitable[list[str]]]) -> None:
    async def opened() -> list[str]:
        async with open_hub(load_settings(data), SystemClock()) as hub:
            return await work(hub)

    try:
        for line in asyncio.run(opened()):
            click.echo(line)
    except HubError as error:
        raise click.ClickException(str(error)) from error


def _name(identifier: Identifier) -> str:
    return f"{identifier.node_id} {identifier.type} {identifier.value}"


def _day(at: int) -> str:
    return (
        datetime.fromtimestamp(at / 1000, UTC).date().isoformat()
        if at
        else "before the oldest entry"
    )
