"""`hub dead-letters`: refused events on the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from hub.cli import DATA_OPTION
from hub.clock import SystemClock
from hub.core import Hub
from hub.flows.letters_replay import drop_letters, letter_page, list_groups, replay, replay_like
from hub.flows.run import open_hub
from hub.sdk.errors import HubError
from hub.settings import load_settings

BY = "command line"
_ALIKE = click.option("--alike", is_flag=True, help="All of the same source and reason.")
_NUMBER = click.argument("number", type=click.IntRange(1, 2**53))


@click.group("dead-letters")
def dead_letters() -> None:
    """Refused events: list, show, take in after all, throw away. Stop the hub first.

    Beside a running hub use its page "Refused events".
    """


@dead_letters.command("list")
@DATA_OPTION
def list_command(data: Path | None) -> None:
    """List them by source and reason; the number is that of the newest."""

    async def lines(hub: Hub) -> list[str]:
        return [
            f"{g.id}  {g.n} times  {g.source}  {_day(g.first)} to {_day(g.last)}  {g.topic}"
            for g in await list_groups(hub)
        ] or ["Nothing was refused."]

    _run(data, lines)


@dead_letters.command("show")
@_NUMBER
@DATA_OPTION
def show_command(number: int, data: Path | None) -> None:
    """Show one as it was sent."""

    async def lines(hub: Hub) -> list[str]:
        page = await letter_page(hub, number)
        if page is None:
            raise HubError(f"there is no refused event {number}")
        return [f"{page.source}, {_day(page.letter.at)}: {page.letter.reason}", page.body]

    _run(data, lines)


@dead_letters.command("replay")
@_NUMBER
@_ALIKE
@click.option("--body", type=click.File("r", encoding="utf-8"), help="A file with the mended JSON.")
@DATA_OPTION
def replay_command(number: int, *, alike: bool, body: TextIO | None, data: Path | None) -> None:
    """Take one in, or all alike, as received when it was. Twice is once."""
    if alike and body is not None:
        raise click.UsageError("--body mends one of them; leave out --alike")
    text = body.read() if body is not None else None

    async def lines(hub: Hub) -> list[str]:
        if not alike:
            done = await replay(hub, number, by=BY, body=text)
        else:
            done = await replay_like(hub, number, by=BY)
        said = [f"{done.taken} taken in, {done.duplicate} known already, {done.failed} refused"]
        return said + ([done.first_fault] if done.first_fault else [])

    _run(data, lines)


@dead_letters.command("drop")
@_NUMBER
@_ALIKE
@DATA_OPTION
def drop_command(number: int, *, alike: bool, data: Path | None) -> None:
    """Throw one away, or all alike."""

    async def lines(hub: Hub) -> list[str]:
        return [f"{await drop_letters(hub, number, by=BY, alike=alike)} thrown away"]

    _run(data, lines)


def _run(data: Path | None, work: Callable[[Hub], Awaitable[list[str]]]) -> None:
    async def opened() -> list[str]:
        async with open_hub(load_settings(data), SystemClock()) as hub:
            return await work(hub)

    try:
        for line in asyncio.run(opened()):
            # It comes from anybody: nothing in it may command a terminal.
            click.echo("".join(c if c.isprintable() or c == "\n" else "?" for c in line))
    except HubError as error:
        raise click.ClickException(str(error)) from error


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()
