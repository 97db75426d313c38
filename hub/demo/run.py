"""The demo: a hub, a shop with its back office, a mailbox and shoppers, in one process."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from hub.core import Hub, SourceRow
from hub.demo.backoffice import BackOffice
from hub.demo.catalogue import SHOP_NAME, catalogue
from hub.demo.inbox import Inbox
from hub.demo.inbox_pages import inbox_app
from hub.demo.shoppers import shop
from hub.demo.storefront import storefront
from hub.flows.connections import save_connection
from hub.flows.entry_links import login_link
from hub.flows.publish import publish
from hub.flows.run import open_hub
from hub.flows.sources import create_source
from hub.flows.staff import create_owner, setup_open
from hub.flows.sync import sync
from hub.jobs.schedule import Schedule
from hub.sdk.clock import Clock
from hub.settings import Settings, Smtp
from hub.store.models import Connection
from hub.web.app import create_app
from hub.web.server import bind, serving

OWNER = "owner@demo.example"
SHOP = "demo"
_WIDGETS = Path(__file__).parent / "widgets"


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
    """Everything up and connected, on `port` and the three after it (0: free ports)."""
    async with AsyncExitStack() as stack:
        ports = [port + i if port else 0 for i in range(4)]
        listeners = [bind("127.0.0.1", p) for p in ports]
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
        for listener, app in zip(
            (listeners[0], listeners[2], listeners[3]),
            (create_app(hub), office.standin.app, inbox_app(inbox)),
            strict=True,
        ):
            await stack.enter_async_context(serving(app, listener))
        source, connection_id = await _furnish(hub, office, shop_url, office_url)
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
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"opened": clock.now().isoformat()}))
    return datetime.fromisoformat(json.loads(file.read_text())["opened"])


async def _furnish(
    hub: Hub, office: BackOffice, shop_url: str, office_url: str
) -> tuple[SourceRow, int]:
    """The owner, the source, the connection and the widgets, unless they are there already."""
    if await setup_open(hub):
        await create_owner(hub, email=OWNER, name="Owner", password=secrets.token_urlsafe(16))
    source = next((s for s in hub.sources.values() if s.kind == "browser"), None)
    if source is None:
        source = await create_source(
            hub, name=SHOP_NAME, kind="browser", shop=SHOP, shop_url=shop_url
        )
    connection = await Connection.first()
    if connection is None:
        connection_id = await save_connection(
            hub,
            "woocommerce",
            name="Demo shop (WooCommerce)",
            shop=SHOP,
            config={"url": office_url, "auth": "auto", "plain_permalinks": ""},
            secret={"consumer_key": office.standin.consumer_key,
                    "consumer_secret": office.standin.consumer_secret},
        )  # fmt: skip
    else:
        connection_id = connection.id
    await sync(hub, connection_id)
    for file in sorted(_WIDGETS.glob("*.yaml")):
        if not await _published_before(hub, file.stem):
            await publish(hub, file.stem, file.read_text(), base_version=0, author="demo")
    return source, connection_id


async def _published_before(hub: Hub, key: str) -> bool:
    return bool(
        await hub.database.fetch("SELECT 1 FROM config_version WHERE key = ? LIMIT 1", (key,))
    )
