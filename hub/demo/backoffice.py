"""The demo shop's back office: the stand-in WooCommerce, which sends its webhooks by itself."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hub_woocommerce.standin import StandIn, posting

from hub.demo.catalogue import DemoProduct
from hub.demo.woo import woo_customers, woo_products, woo_variations
from hub.demo.woo_orders import order_from, order_key, woo_orders
from hub.sdk.client import HttpClient
from hub.sdk.clock import Clock
from hub.sdk.guard import Guard

PAUSE_SECONDS = 0.5
# Order numbers of a new run must not meet those of an older one in the same data folder.
NUMBERS_SINCE = 1_700_000_000


class BackOffice:
    """Keeps the orders of the demo shop and tells the hub of them, as WooCommerce does."""

    def __init__(
        self, catalogue: Sequence[DemoProduct], clock: Clock, *, seed: int, opened: datetime,
        origin: str,
    ) -> None:  # fmt: skip
        """`opened` is the moment before which the invented past lies."""
        self._catalogue = catalogue
        self._clock = clock
        self._origin = origin
        self._random = random.Random(clock.now().timestamp())  # noqa: S311 (invented orders)
        self.customers = woo_customers(seed, until=opened, origin=origin)
        variations = woo_variations(catalogue, origin)
        self.standin = StandIn(
            clock,
            products=woo_products(catalogue, origin),
            customers=self.customers,
            orders=woo_orders(catalogue, opened, seed=seed, origin=origin,
                              customers=self.customers),
            variations=[row for rows in variations.values() for row in rows],
            name="Demo shop",
        )  # fmt: skip

    async def place_order(self, body: dict[str, Any]) -> dict[str, Any]:
        """Take an order from the storefront. Raises ValueError naming the line at fault."""
        now = self._clock.now()
        number = max(self.standin.new_id(), int(now.timestamp()) - NUMBERS_SINCE)
        row = order_from(
            self._catalogue, body, number, order_key(self._random), now, origin=self._origin
        )
        self.standin.add_order(row)
        return row

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver webhooks until told to stop."""
        client = HttpClient(self._clock, guard=Guard(frozenset({"127.0.0.1"})))
        try:
            while not stop.is_set():
                await self.standin.deliver(posting(client))
                try:
                    await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)
                except TimeoutError:
                    continue
        finally:
            await client.aclose()
