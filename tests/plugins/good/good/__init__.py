"""A plugin that does what it should, in few lines: what the others are compared with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from hub.sdk.connector import (
    CheckResult,
    Connector,
    Context,
    Cursor,
    Field,
    HookReport,
    Page,
    Stream,
    WebhookResult,
)
from hub.sdk.hookspecs import hookimpl
from hub.sdk.records import Product, Sighting
from hub.sdk.state import StateKey
from hub.sdk.webhooks import verify_base64

requires_sdk = ">=1.0,<2"


def product(shop: str, number: int, at: datetime) -> Sighting:
    price = number * 100 + 99
    record = Product(shop, f"g{number}", at, f"Thing {number}", "EUR", price=price, stock="yes")
    return Sighting(record, {"id": number, "note": "x" * 200})


class Good:
    """A shop of `size` products, told in pages of 50."""

    name = "good"
    title = "Good"
    fields = (
        Field("size", "Products", required=False, default="120"),
        Field("token", "Token", "secret"),
    )
    streams = (Stream("products", "Products"),)
    webhook_topics: tuple[str, ...] = ("product",)
    hosts: tuple[str, ...] = ()
    state_keys = (StateKey("address", "Where the shop was told to deliver"),)

    async def check(self, ctx: Context) -> CheckResult:
        if ctx.secret["token"].reveal() == "wrong":
            return CheckResult(False, "The token is wrong.")
        return CheckResult(True, "It answers", {"Shop": "Linen"})

    async def pull(self, ctx: Context, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
        size = int(ctx.config.get("size") or 120)
        start = (cursor or {}).get("next", 1)
        for first in range(start, size + 1, 50):
            numbers = range(first, min(first + 50, size + 1))
            sightings = tuple(product(ctx.shop, n, ctx.clock.now()) for n in numbers)
            yield Page(sightings, {"next": numbers.stop}, done=numbers.stop - 1, total=size)

    def webhook(
        self,
        config: Mapping[str, str],
        secret: Sequence[str],
        headers: Mapping[str, str],
        body: bytes,
        *,
        shop: str,
        url: str,
        received_at: datetime,
    ) -> WebhookResult:
        verify_base64(secret, body, headers.get("x-signature", ""))
        number = int(body)
        return WebhookResult("records", (product(shop, number, received_at),), f"p{number}")

    async def after_connect(self, ctx: Context, webhook_url: str) -> HookReport:
        await ctx.state.put("address", webhook_url)
        assert await ctx.state.get("address") == webhook_url
        return HookReport(1)


@hookimpl
def register_connectors() -> Sequence[Connector]:
    return [Good()]
