"""A stand-in shop on this machine and everything needed to connect to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hub_woocommerce import shapes
from hub_woocommerce.connector import TOPICS, WooCommerce
from hub_woocommerce.standin import StandIn

from hub.sdk.client import HttpClient
from hub.sdk.connector import Connector, Context, Page
from hub.sdk.faults import Faults
from hub.sdk.loopback import serving
from hub.sdk.records import Identifier
from hub.sdk.secret import SecretText
from hub.sdk.testing import MemoryState, Sent, SteppingClock, Waits, quick_client

KEY, SECRET = "ck_1f6c0d0c7b5a4e39", "cs_9a41be5502cc47d0"
WEBHOOK_SECRET = "wh-geheim-ünïcode"


@dataclass
class WooRig:
    """See hub.sdk.testing.Rig."""

    shop: StandIn
    url: str
    faults: Faults
    clock: SteppingClock
    waits: Waits
    client: HttpClient
    connector: Connector = field(default_factory=lambda: WooCommerce(page_size=10))
    secrets: tuple[str, ...] = (SECRET, KEY, WEBHOOK_SECRET)
    webhook_secret: str = WEBHOOK_SECRET
    unknown_field: tuple[str, str] = ("orders", "a_field_of_tomorrow")

    def context(self, *, secret: Mapping[str, SecretText] | None = None, **config: str) -> Context:
        right = {
            "consumer_key": SecretText(KEY),
            "consumer_secret": SecretText(SECRET),
            "webhook_secret": SecretText(WEBHOOK_SECRET),
        }
        settings = {"url": self.url, "auth": "auto", "currency": "EUR", **config}
        return Context(settings, secret or right, self.client, MemoryState(), self.clock, "woo")

    def wrong_secret(self) -> Mapping[str, SecretText]:
        return {"consumer_key": SecretText(KEY), "consumer_secret": SecretText("cs_wrong")}

    def holds(self) -> Mapping[str, int]:
        tables = self.shop.tables
        by_stream = {"products": tables.products, "variations": tables.variations,
                     "customers": tables.customers, "orders": tables.orders}  # fmt: skip
        refunded = {row["parent_id"] for row in tables.refunds.values()}
        counts = {name: len(rows) for name, rows in by_stream.items()}
        return {**counts, "refunds": len(refunded)}

    def change(self) -> None:
        steps: tuple[Callable[[], object], ...] = (
            lambda: self.shop.create_order([(10, 1), (11, 2)], email="New@Example.test"),
            lambda: self.shop.set_order_status(42, "completed"),
            lambda: self.shop.refund(35, "36.85", "te laat"),
            lambda: self.shop.set_order_status(40, "trash"),
            lambda: self.shop.change_product(11, price="18.95", regular_price="18.95"),
            lambda: self.shop.change_variation(49, price="21.00", regular_price="21.00"),
            lambda: self.shop.change_customer(3, first_name="Jörgen"),
            lambda: self.shop.change_product(10, status="trash"),
        )
        for step in steps:
            self.clock.advance(61)
            step()
        self.clock.advance(61)

    def person(self) -> tuple[Identifier, ...]:
        row = next(r for r in self.shop.tables.customers.values() if r["email"])
        customer = Identifier("woo", "customer", str(row["id"]))
        return (Identifier("", "email", row["email"].upper()), customer)

    def deliveries(self) -> list[Sent]:
        return [
            Sent(delivery.headers, delivery.body)
            for delivery in self.shop.pending()
            if b"webhook_id=" not in delivery.body
        ]


async def pages(
    rig: WooRig, stream: str, cursor: Any = None, ctx: Context | None = None
) -> list[Page]:
    """Everything that a pull gives."""
    return [page async for page in rig.connector.pull(ctx or rig.context(), stream, cursor)]


def records(found: list[Page]) -> list[Any]:
    """The records of some pages, in order."""
    return [sighting.record for page in found for sighting in page.sightings]


@pytest.fixture
async def rig() -> AsyncIterator[WooRig]:
    clock, waits = SteppingClock(), Waits()
    shop = StandIn(clock, consumer_key=KEY, consumer_secret=SECRET)
    for row in shop.tables.orders.values():
        row["a_field_of_tomorrow"] = {"nested": [1, None]}
    for number in range(60, 75):
        shop.tables.customers[number] = shapes.customer(
            number, f"k{number}@example.test", clock.now()
        )
    for topic in TOPICS:
        shop.save_webhook(None, {"topic": topic, "secret": WEBHOOK_SECRET, "status": "active"})
    faults = Faults(shop.app)
    client = quick_client(clock, waits)
    async with serving(faults) as url:
        yield WooRig(shop, url, faults, clock, waits, client)
        faults.release()
        await client.aclose()
