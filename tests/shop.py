"""A real hub for tests: a clock that stands still, a shop with a page, a server and a connector."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from hub.catalogue.sightings import sighting_entry
from hub.clock import FixedClock, to_ms
from hub.core import Hub, SourceRow
from hub.flows import accept, decide
from hub.flows.device import ConsentChoice, mint_device
from hub.flows.publish import publish
from hub.flows.run import open_hub
from hub.flows.sources import create_source
from hub.profiles.state import NodeState
from hub.runner.start import Zygote
from hub.sdk.records import Identifier, Order, OrderLine, Product, Record
from hub.settings import Settings

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BOTH = {"analytics": True, "personalisation": True}
SHOP = "linen"
SHOP_URL = "https://shop.example"
ZYGOTE = Zygote()  # one for all tests of a process: it takes a third of a second to start


@dataclass
class Shop:
    """The hub, its clock, and one source of each kind."""

    hub: Hub
    clock: FixedClock
    sources: dict[str, SourceRow] = field(default_factory=dict)

    @property
    def now(self) -> int:
        return to_ms(self.clock.now())

    def later(self, **by: float) -> None:
        self.clock.advance(timedelta(**by))

    async def device(self, purposes: dict[str, bool] | None = None) -> str:
        """The token of a browser whose visitor agreed."""
        choice = ConsentChoice(purposes or BOTH, "v1", "banner")
        token = await mint_device(self.hub, self.sources["browser"], choice)
        await self.settle()
        return token

    async def node(self, token: str) -> int:
        found = await decide.device_node(self.hub, token)
        assert found is not None
        return found

    async def view(self, token: str) -> NodeState:
        """What the browser that holds this token may see."""
        state, _ = await self.hub.views.device_view(await self.node(token))
        return state

    async def send(
        self, *events: dict[str, Any], token: str = "", source: str = "browser", **body: Any
    ) -> accept.Answer:
        """A batch of events; each gets a messageId of its own unless it has one."""
        batch = [{"messageId": uuid.uuid4().hex, **event} for event in events]
        raw = orjson.dumps({"batch": batch, "token": token or None, **body})
        answer = await accept.accept_batch(self.hub, self.sources[source], raw)
        await self.settle()
        return answer

    async def report(self, *records: Record, source: str = "connector") -> int:
        """Sightings of the connector, stored and projected."""
        entries = [
            sighting_entry(record, None, source_id=self.sources[source].id, received_at=self.now)
            for record in records
        ]
        stored = await self.hub.writer.append(entries)
        await self.settle()
        return stored[-1].seq

    async def settle(self) -> int:
        """Wait until the whole log is projected."""
        rows = await self.hub.database.fetch("SELECT COALESCE(MAX(seq), 0) FROM log")
        await self.hub.views.reached(rows[0][0], timeout=30)
        return int(rows[0][0])

    async def ask(self, token: str = "", **request: Any) -> dict[str, Any]:
        """What a page is answered."""
        body = {"page": {"url": f"{SHOP_URL}/"}, **request, "token": token or None}
        wanted = decide.read_request(orjson.dumps(body))
        return await decide.answer_page(self.hub, self.sources["browser"], wanted)

    async def shown(self, token: str = "", **request: Any) -> list[str]:
        """The widgets a page shows."""
        return [line["widget"] for line in (await self.ask(token, **request))["decisions"]]

    async def widget(self, key: str, text: str, version: int = 0) -> None:
        await publish(self.hub, key, text, base_version=version, author="ann@shop.example")

    async def person_of(self, identifier: Identifier) -> NodeState:
        node = await decide.node_of(self.hub, identifier)
        assert node is not None
        state, _ = await self.hub.views.person_view(node)
        return state


@asynccontextmanager
async def open_shop(
    folder: Path, url: str = "", clock: FixedClock | None = None, **more: Any
) -> AsyncIterator[Shop]:
    """A hub in `folder`; the sources are made at the first opening."""
    clock = clock or FixedClock(START)
    settings = Settings(data_dir=folder, database_url=url, timezone="Europe/Amsterdam", **more)
    async with open_hub(settings, clock, ZYGOTE) as hub:
        shop = Shop(hub, clock, {row.kind: row for row in hub.sources.values()})
        for kind in ("browser", "server", "connector", "import"):
            if kind not in shop.sources:
                shop.sources[kind] = await create_source(
                    hub, name=kind, kind=kind, shop=SHOP, shop_url=SHOP_URL
                )
        yield shop


def product(product_id: str, **values: Any) -> Product:
    """A product that may be shown."""
    fields: dict[str, Any] = {
        "updated_at": START, "title": f"Product {product_id}", "currency": "EUR", "price": 1995,
        "url": f"{SHOP_URL}/p/{product_id}", "stock": "yes",
    }  # fmt: skip
    return Product(shop=SHOP, product_id=product_id, **{**fields, **values})


def order(order_id: str, **values: Any) -> Order:
    """A paid order of one line."""
    line = OrderLine(product_id="p1", quantity=2, unit_price="9.975", total=1995)
    fields: dict[str, Any] = {
        "status": "paid", "placed_at": START, "updated_at": START, "currency": "EUR",
        "total": 1995, "lines": (line,),
    }  # fmt: skip
    return Order(shop=SHOP, order_id=order_id, **{**fields, **values})


def viewed(product_id: str, **values: Any) -> dict[str, Any]:
    """A product view as a page sends it."""
    properties = {"product_id": product_id, **values}
    return {"type": "track", "event": "Product Viewed", "properties": properties}


def banner(*, slot: str = "top", priority: int = 0, extra: Sequence[str] = ()) -> str:
    """The text of a banner."""
    lines = [
        "type: banner", "name: A banner", f"slot: {slot}", f"priority: {priority}", *extra,
        "content: {en: {title: Hello, text: Welcome}}",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


# Every table that follows from the log, without row ids of no meaning.
PROJECTIONS = {
    "cursor": "name, seq",
    "node_state": "node_id, state",
    "node_person": "node_id, core_id, person_id, trusted",
    "link": "a, b, strength, verdict, reason, seq",
    "person": "id, first_seen, last_seen, email, name, phone, trusted, events, orders, search, "
    "traits",
    "consent": "seq, node_id, purpose, channel, state, basis, text_version, source, at, proof",
    "product": "id, shop, product_id, title, price, currency, url, image_url, category, stock, "
    "price_at, published, rank, updated_at, data",
    "shop_order": "id, shop, order_id, node_id, status, placed_at, updated_at, currency, total, "
    "refunded, provisional, rank, data",
    "order_line": "order_pk, position, product_id, variant_id, sku, title, quantity, unit_price, "
    "total",
    "order_event": "order_pk, name, ref, node_id, at, provisional, properties",
}


async def projections(hub: Hub) -> dict[str, list[tuple[Any, ...]]]:
    """All that was projected, JSON read, so that two databases compare alike."""
    found = {}
    for table, columns in PROJECTIONS.items():
        only = " WHERE name = 'projector'" if table == "cursor" else ""
        rows = await hub.database.fetch(f"SELECT {columns} FROM {table}{only}")
        found[table] = sorted((tuple(_plain(v) for v in row) for row in rows), key=repr)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("{"):
        return orjson.loads(value)
    return int(value) if isinstance(value, bool) else value
