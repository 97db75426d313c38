"""A vendor that makes its own signing secret, signs the address too, and is set up by hand."""

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
from hub.sdk.webhooks import verify_base64

requires_sdk = ">=1.0,<2"


class Signing:
    """Deliveries say the number of a product; there is nothing to pull."""

    name = "signing"
    title = "Signing"
    fields = (Field("webhook_secret", "Signing secret", "secret", required=False),)
    streams = (Stream("products", "Products"),)
    webhook_topics: tuple[str, ...] = ("product",)
    hosts: tuple[str, ...] = ()

    async def check(self, ctx: Context) -> CheckResult:
        return CheckResult(True, "It answers")

    async def pull(self, ctx: Context, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
        yield Page((), {}, total=0)

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
        verify_base64(secret, url.encode() + body, headers.get("x-signature", ""))
        number = int(body)
        record = Product(shop, f"s{number}", received_at, "Thing", "EUR", price=1, stock="yes")
        return WebhookResult("records", (Sighting(record, {"id": number}),), f"p{number}")

    async def after_connect(self, ctx: Context, webhook_url: str) -> HookReport:
        secret = ctx.secret["webhook_secret"].reveal()
        return HookReport(0, note=f"Enter {webhook_url} <b>there</b>, not {secret}.")


@hookimpl
def register_connectors() -> Sequence[Connector]:
    return [Signing()]
