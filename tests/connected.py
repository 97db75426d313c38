"""A hub connected to a stand-in WooCommerce shop; both are served on this machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from hub_woocommerce.standin import StandIn

from hub.clock import FixedClock
from hub.flows.connections import save_connection
from hub.flows.connections_read import HOOKS
from hub.flows.run import open_hub
from hub.flows.sync import sync
from hub.sdk.loopback import serving as serving_shop
from hub.settings import Settings
from hub.store.models import Connection
from hub.web.app import create_app
from hub.web.server import bind, serving
from tests.shop import ZYGOTE, Shop
from tests.web.door import Door

KEY, SECRET = "ck_canary_0123456789", "cs_canary_9876543210"
# After everything that was recorded of the shop.
PLUGINS = Path(__file__).parent / "plugins"
NOW = datetime(2027, 1, 15, 12, 0, tzinfo=UTC)


@dataclass
class Weather:
    """Stands before the shop: lets requests through, or answers in its place."""

    app: Any
    instead: tuple[int, str, bytes] | None = None  # status, content type, body
    path: str = ""  # only for addresses that end like this
    after: int = 0  # this many of them still get through
    asked: list[str] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.append(scope["path"])
        meant = scope["path"].endswith(self.path)
        if self.instead is None or not meant or self.after > 0:
            self.after -= meant
            await self.app(scope, receive, send)
            return
        status, kind, body = self.instead
        headers = [(b"content-type", kind.encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def clear(self) -> None:
        self.instead, self.path, self.after = None, "", 0


@dataclass
class Connected:
    """The hub, the shop, and the connection between them."""

    door: Door
    shop: StandIn
    weather: Weather
    address: str
    id: int = 0

    @property
    def config(self) -> dict[str, str]:
        return {"url": self.address, "auth": "auto"}

    async def save(self, secret: str = SECRET) -> int:
        self.id = await save_connection(
            self.door.shop.hub, "woocommerce", name="Shop", shop="woo", config=self.config,
            secret={"consumer_key": KEY, "consumer_secret": secret},
        )  # fmt: skip
        return self.id

    async def sync(self) -> Connection:
        """One whole run; what stands on the connection's row afterwards."""
        await sync(self.door.shop.hub, self.id)
        await self.door.shop.settle()
        return await self.row()

    async def progress(self) -> dict[str, dict[str, Any]]:
        """How far each stream is."""
        progress = (await self.row()).progress
        assert isinstance(progress, dict)
        return {name: line for name, line in progress.items() if name != HOOKS}

    async def row(self) -> Connection:
        return await Connection.get(id=self.id)

    async def deliver(self) -> list[httpx.Response]:
        """Everything the shop wants to tell, over HTTP; the answers."""
        answers = [
            await self.door.http.post(d.url, content=d.body, headers=d.headers)
            for d in self.shop.pending()
        ]
        await self.door.shop.settle()
        return answers

    async def seq(self) -> int:
        return await self.door.shop.settle()

    async def orders(self) -> dict[str, tuple[Any, ...]]:
        rows = await self.door.shop.hub.database.fetch(
            "SELECT order_id, status, currency, total, refunded FROM shop_order"
        )
        return {row[0]: tuple(row[1:]) for row in rows}

    async def products(self) -> dict[str, tuple[Any, ...]]:
        rows = await self.door.shop.hub.database.fetch(
            "SELECT product_id, title, price, stock, published FROM product"
        )
        return {row[0]: (*row[1:4], bool(row[4])) for row in rows}

    def books(self) -> dict[str, tuple[Any, ...]]:
        """The orders as the shop's own tables tell them, in cents."""
        found = {}
        for row in self.shop.tables.orders.values():
            total = _cents(row["total"])
            back = -sum(_cents(part["total"]) for part in row.get("refunds") or [])
            status = STATUS[row["status"]]
            if not back and status == "refunded":
                back = total
            found[str(row["id"])] = (status, row["currency"], total, back)
        return found


STATUS = {
    "pending": "pending", "on-hold": "pending", "checkout-draft": "pending",
    "processing": "paid", "completed": "fulfilled", "cancelled": "cancelled",
    "failed": "cancelled", "trash": "cancelled", "refunded": "refunded",
}  # fmt: skip


def _cents(amount: str) -> int:
    return int(Decimal(amount) * 100)


def sums(orders: dict[str, tuple[Any, ...]]) -> Counter[tuple[str, str, str]]:
    """Number, total and refunds per status and currency."""
    found: Counter[tuple[str, str, str]] = Counter()
    for status, currency, total, refunded in orders.values():
        found[status, currency, "orders"] += 1
        found[status, currency, "total"] += total
        found[status, currency, "refunded"] += refunded
    return found


@asynccontextmanager
async def open_connected(
    folder: Path, clock: FixedClock | None = None, **settings: Any
) -> AsyncIterator[Connected]:
    """Both, not yet connected."""
    clock = clock or FixedClock(NOW)
    shop = StandIn(clock, consumer_key=KEY, consumer_secret=SECRET)
    weather = Weather(shop.app)
    async with serving_shop(weather) as address, connected_hub(folder, clock, **settings) as door:
        yield Connected(door, shop, weather, address)


@asynccontextmanager
async def connected_hub(folder: Path, clock: FixedClock, **more: Any) -> AsyncIterator[Door]:
    """A hub that may call shops on this machine, and knows its own address."""
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    settings = Settings(data_dir=folder, port=port, private_hosts=["127.0.0.1"], **more)
    async with open_hub(settings, clock, ZYGOTE) as hub, serving(create_app(hub), listener):
        async with httpx.AsyncClient(base_url=settings.origin, timeout=30) as http:
            yield Door(Shop(hub, clock), http)
