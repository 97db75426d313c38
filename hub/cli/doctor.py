"""`hub doctor`: what is well, what is not, and what to do about it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click
import msgspec
import orjson

from hub.cli import DATA_OPTION
from hub.clock import SystemClock
from hub.flows.doctor import examine
from hub.flows.health import Check
from hub.settings import Settings, SettingsError, load_settings

_MARKS = {"good": ("ok", "green"), "look": ("look", "yellow"), "bad": ("BAD", "red")}


@click.command("doctor")
@DATA_OPTION
@click.option(
    "--public",
    is_flag=True,
    help="Also from outside: domain, certificate, proxy, mail, the shop's pages.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a list instead of lines.")
@click.option("--dns", default="", help="Ask this name server (ADDRESS or ADDRESS:PORT).")
@click.option("--dkim", default="", help="The selector of your mail's DKIM key.")
def doctor_command(data: Path | None, public: bool, as_json: bool, dns: str, dkim: str) -> None:
    """Examine a hub: one line per check, and what to do where it is not good.

    The exit code is 1 when something is bad. Only --public calls other machines: the name
    server, the hub's public address, the mail server and the shops' own pages.
    """
    try:
        settings = load_settings(data)
    except SettingsError as error:
        fault = Check("settings", "bad", str(error), "Correct that line of hub.toml.")
        _print([fault], as_json)
        sys.exit(1)
    if not settings.data_dir.is_dir():
        raise click.ClickException(
            f"{settings.data_dir} is not there: name the data folder with --data"
        )
    checks = asyncio.run(_run(settings, public, as_json, dns, dkim))
    if as_json:
        _print(checks, as_json)
    sys.exit(1 if any(check.state == "bad" for check in checks) else 0)


async def _run(settings: Settings, public: bool, quiet: bool, dns: str, dkim: str) -> list[Check]:
    checks = []
    async for check in examine(settings, SystemClock(), public=public, server=dns, selector=dkim):
        checks.append(check)
        if not quiet:
            _print([check], as_json=False)
    return checks


def _print(checks: list[Check], as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(msgspec.to_builtins(checks), option=orjson.OPT_INDENT_2).decode())
        return
    for check in checks:
        word, colour = _MARKS[check.state]
        remedy = f" -> {check.remedy}" if check.remedy and check.state != "good" else ""
        mark = click.style(f"{word:<4}", fg=colour, bold=check.state == "bad")
        click.echo(f"{mark}  {check.name:<12}  {check.value}{remedy}")
