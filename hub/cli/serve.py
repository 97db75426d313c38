"""`hub serve`: the hub, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from pathlib import Path

import click
import uvloop

from hub.clock import SystemClock
from hub.core import Hub
from hub.flows.entry_links import setup_link
from hub.flows.run import open_hub
from hub.flows.staff import setup_open
from hub.jobs.schedule import Schedule
from hub.settings import load_settings
from hub.web.app import create_app
from hub.web.logs import configure_logs
from hub.web.ready import Ready
from hub.web.server import PortInUse, bind, serving

log = logging.getLogger("hub")

FAREWELL_SECONDS = 1.0


def run_serve(data: Path | None, host: str | None, port: int | None) -> None:
    """Open the hub of a data folder and serve it. Raises DataFolderInUse, SettingsError."""
    try:
        uvloop.run(_serve(data, host, port))
    except PortInUse as error:
        raise click.ClickException(str(error)) from error


async def _serve(data: Path | None, host: str | None, port: int | None) -> None:
    settings = load_settings(data, host=host, port=port)
    configure_logs(settings.log)
    listener = bind(settings.host, settings.port)
    async with open_hub(settings, SystemClock(), standby=True) as hub:
        schedule = Schedule(hub)
        ready = Ready(hub)
        async with serving(create_app(hub, ready), listener, farewell=FAREWELL_SECONDS):
            schedule.start()
            await _greet(hub)
            told = stop_told()
            tell_systemd("READY=1")
            await _either(told, hub.lost)
            tell_systemd("STOPPING=1")
            await ready.leave()
            await schedule.close()
        if hub.lost.is_set():
            raise click.ClickException("another process took over this database: start me again")


async def _either(*events: asyncio.Event) -> None:
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()


async def _greet(hub: Hub) -> None:
    click.echo(f"Regulars is running: {hub.settings.origin}/admin/")
    if await setup_open(hub):
        click.echo(f"This hub is new; it keeps everything in {hub.settings.data_dir.absolute()}")
        click.echo(f"Create the owner's account: {setup_link(hub)}")
    click.echo("Stop it with Ctrl+C.")


def tell_systemd(state: str) -> None:
    """Say how far we are to whoever started us as a unit of type notify; else nothing."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if not place:
        return
    # A name that begins with @ stands for the abstract one.
    address = "\0" + place[1:] if place.startswith("@") else place
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        try:
            notify.sendto(state.encode(), address)
        except OSError as error:
            log.warning("systemd could not be told %s: %s", state, error)


def stop_told() -> asyncio.Event:
    """Set by Ctrl+C or SIGTERM from now on: before anybody hears that the hub is ready."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    return stop


async def until_told() -> None:
    """Wait for Ctrl+C or SIGTERM."""
    await stop_told().wait()
