"""`hub demo`: run it, or check every part of it once."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import click
import uvloop

from hub.cli.serve import until_told
from hub.clock import SystemClock
from hub.demo.check import check_demo
from hub.demo.run import Demo, running_demo
from hub.sdk.errors import HubError
from hub.web.server import PortInUse


def run_demo(folder: Path, *, port: int, rate: float, seed: int, check: bool) -> int:
    """Run the demo until Ctrl+C, or its check; answer the exit code."""
    # How long a write held the lock is for operators; here it would only stand in the way.
    logging.getLogger("hub.store").setLevel(logging.ERROR)
    try:
        if check:
            with tempfile.TemporaryDirectory(prefix="regulars-") as temporary:
                return uvloop.run(_check(Path(temporary), seed))
        uvloop.run(_run(folder, port, rate, seed))
    except (PortInUse, HubError, ValueError) as error:
        click.echo(f"hub demo: {error}", err=True)
        return 1
    return 0


async def _run(folder: Path, port: int, rate: float, seed: int) -> None:
    click.echo("Opening the demo shop ...")
    async with running_demo(folder, SystemClock(), port=port, rate=rate, seed=seed) as demo:
        click.echo(_where(demo))
        await until_told()
        click.echo("\nClosing.")


def _where(demo: Demo) -> str:
    return (
        f"\n  The shop        {demo.shop_url}/"
        f"\n  The hub         {demo.login}"
        f"\n                  (this link logs you in, once; afterwards {demo.hub_url}/admin/)"
        f"\n  The mailbox     {demo.inbox_url}/"
        "\n\n  Open the shop, agree to be remembered, and look at a few things; then look at"
        "\n  yourself under People in the hub. Stop everything with Ctrl+C.\n"
    )


async def _check(folder: Path, seed: int) -> int:
    async with running_demo(folder, SystemClock(), port=0, rate=0, seed=seed) as demo:
        failures = 0
        async for name, fault in check_demo(demo):
            click.echo(f"{'FAILED' if fault else 'ok':>7}  {name}{': ' + fault if fault else ''}")
            failures += bool(fault)
        return 1 if failures else 0
