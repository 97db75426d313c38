"""The demo: a hub, a shop with its back office, a mailbox and shoppers, in one process."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from socket import socket
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from hub.core import Hub, SourceRow
from hub.demo.backoffice import BackOffice
from hub.demo.catalogue import SHOP_NAME, catalogue
from hub.demo.furnish import OWNER, furnish
from hub.demo.inbox import Inbox
from hub.demo.inbox_pages import inbox_app
from hub.demo.shoppers import shop
from hub.demo.storefront import storefront
from hub.flows.entry_links import login_link
from hub.flows.run import open_hub
from hub.jobs.schedule import Schedule
from hub.sdk.clock import Clock
from hub.settings import Settings, Smtp
from hub.web.app import create_app
from hub.web.server import PortInUse, bind, serving

PORTS = 4


class Demo(msgspec.Struct):
    """A running demo and where its parts are."""

    hub: Hub
    source: SourceRow
    backoffice: BackOffice
    inbox: Inbox
    schedule: Schedule
    connection_id: int
    hub_url: str
    shop_url: str
    inbox_url: str
    login: str


@asynccontextmanager
async def running_demo(
    folder: Path, clock: Clock, *, port: int, rate: float, seed: int
) -> AsyncIterator[Demo]:
    """Everything up and connected, on `port` and the three after it (0: free ports).

    ValueError names the option that can not be, PortInUse the port that is taken.
    """
    if not 0 <= rate < math.inf:
        raise ValueError(f"--rate {rate:g}: page views per minute, 0 for none")
    async with AsyncExitStack() as stack:
        listeners = _listen(port)
        urls = [f"http://127.0.0.1:{item.getsockname()[1]}" for item in listeners]
        hub_url, shop_url, office_url, inbox_url = urls
        inbox = await stack.enter_async_context(Inbox(clock))
        opened = _opened(folder, clock)
        goods = catalogue(seed)
        office = BackOffice(goods, clock, seed=seed, opened=opened, origin=shop_url)
        hub = await stack.enter_async_context(
            open_hub(_settings(folder, hub_url, inbox.port), clock)
        )
        schedule = Schedule(hub)
        letters = inbox_app(inbox, ZoneInfo(hub.settings.timezone))
        for listener, app in zip(
            (listeners[0], listeners[2], listeners[3]),
            (create_app(hub), office.standin.app, letters),
            strict=True,
        ):
            await stack.enter_async_context(serving(app, listener))
        source, connection_id = await furnish(hub, office, shop_url, office_url)
        front = storefront(
            goods, hub_url, source.write_key, office.place_order, customers=office.customers
        )
        await stack.enter_async_context(serving(front, listeners[1]))
        stop = asyncio.Event()
        tasks: list[asyncio.Task[Any]] = [asyncio.create_task(office.run(stop))]
        if rate > 0:
            tasks.append(asyncio.create_task(shop(
                hub_url, source.write_key, goods, rate, seed, clock, stop,
                place_order=office.place_order, shop_origin=shop_url,
            )))  # fmt: skip
        schedule.start()
        try:
            yield Demo(
                hub, source, office, inbox, schedule, connection_id, hub_url, shop_url, inbox_url,
                await login_link(hub, OWNER),
            )  # fmt: skip
        finally:
            stop.set()
            await asyncio.gather(*tasks, return_exceptions=True)
            await schedule.close()


def _listen(port: int) -> list[socket]:
    if not 0 <= port <= 65536 - PORTS:
        raise ValueError(f"--port {port}: choose a port between 1 and {65536 - PORTS}")
    try:
        return [bind("127.0.0.1", port + i if port else 0) for i in range(PORTS)]
    except PortInUse as error:
        raise PortInUse(f"{error} (the demo takes {port} to {port + PORTS - 1})") from error


def _settings(folder: Path, hub_url: str, smtp_port: int) -> Settings:
    return Settings(
        data_dir=folder,
        public_url=hub_url,
        workspace=SHOP_NAME,
        private_hosts=["127.0.0.1"],
        smtp=Smtp("127.0.0.1", smtp_port, security="none", sender="hello@demo.example"),
    )


def _opened(folder: Path, clock: Clock) -> datetime:
    """When this data folder was first used: the invented past ends there, at every start."""
    file = folder / "demo.json"
    try:
        if not file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps({"opened": clock.now().isoformat()}))
        return datetime.fromisoformat(json.loads(file.read_text())["opened"])
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(
            f"the data folder {folder} can not be used ({error}): name another one with --data"
        ) from error
