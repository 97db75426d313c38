"""`hub dead-letters`: refused events on the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from hub.cli import DATA_OPTION
from hub.cli.stopped import BY, run_stopped
from hub.core import Hub
from hub.flows.letters_replay import drop_letters, letter_page, list_groups, replay, replay_like
from hub.sdk.errors import HubError

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

    run_stopped(data, lines)


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

    run_stopped(data, lines)


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

    run_stopped(data, lines)


@dead_letters.command("drop")
@_NUMBER
@_ALIKE
@DATA_OPTION
def drop_command(number: int, *, alike: bool, data: Path | None) -> None:
    """Throw one away, or all alike."""

    async def lines(hub: Hub) -> list[str]:
        return [f"{await drop_letters(hub, number, by=BY, alike=alike)} thrown away"]

    run_stopped(data, lines)


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()
