"""WooCommerce as the hub sees it: its form, its streams, its webhooks."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

import orjson

from hub.sdk.client import Denied
from hub.sdk.connector import (
    CheckResult,
    Context,
    Cursor,
    Field,
    HookReport,
    Invalid,
    Page,
    Stream,
    WebhookResult,
)
from hub.sdk.errors import Broken, HubError, InvalidRecord, NeedsAttention
from hub.sdk.money import currency_code
from hub.sdk.paging import Row
from hub.sdk.push import Ability, Erased
from hub.sdk.records import Deleted, Identifier, Record, Sighting
from hub.sdk.state import StateKey
from hub.sdk.webhooks import content_key, lower_headers, verify_base64
from hub_woocommerce import mapping
from hub_woocommerce.client import PAGE_SIZE, Shop, row_id
from hub_woocommerce.erasure import erase
from hub_woocommerce.streams import STREAMS, shop_currency

TOPICS = tuple(
    f"{resource}.{event}"
    for resource, events in {
        "order": ("created", "updated", "deleted", "restored"),
        "customer": ("created", "updated", "deleted"),
        "product": ("created", "updated", "deleted", "restored"),
    }.items()
    for event in events
)
_KINDS: dict[str, Literal["order", "customer", "product"]] = {
    "order": "order",
    "customer": "customer",
    "product": "product",
}
_PING = re.compile(rb"webhook_id=\d{1,20}")


class WooCommerce:
    """A WooCommerce shop through its REST API, version wc/v3."""

    name = "woocommerce"
    title = "WooCommerce"
    fields: tuple[Field, ...] = (
        Field("url", "Shop address", "url", "Such as https://shop.example"),
        Field(
            "consumer_key",
            "Consumer key",
            "secret",
            "WooCommerce > Settings > Advanced > REST API > Add key, with read and write access",
        ),
        Field("consumer_secret", "Consumer secret", "secret", "Shown once beside the key"),
        Field(
            "auth",
            "Way to sign in",
            "choice",
            "Leave it unless the test says otherwise",
            choices=(
                ("auto", "Automatic"),
                ("basic", "Authorization header"),
                ("query", "Key in the address (the host drops the header)"),
                ("oauth", "OAuth signature (a proxy hides TLS from the shop)"),
            ),
            default="auto",
        ),
        Field(
            "plain_permalinks",
            "The shop has plain permalinks",
            "bool",
            "Addresses such as /?p=123",
            required=False,
        ),
    )
    streams: tuple[Stream, ...] = (
        Stream("products", "Products"),
        Stream("variations", "Variations"),
        Stream("customers", "Customers"),
        Stream("orders", "Orders"),
        Stream("refunds", "Refunds"),
    )
    webhook_topics: tuple[str, ...] = TOPICS
    abilities: tuple[Ability, ...] = ("erase",)
    state_keys: tuple[StateKey, ...] = (
        StateKey("products_read_from", "Since when changes of variations are to be read"),
        StateKey("webhook_secret_mark", "Which secret the webhooks of the shop carry, as a hash"),
    )
    hosts: tuple[str, ...] = ("{url}",)

    def __init__(self, page_size: int = PAGE_SIZE) -> None:
        self._page_size = page_size

    async def check(self, ctx: Context) -> CheckResult:
        """Sign in, read one of each, and learn the shop's name and currency."""
        try:
            shop = Shop(ctx)
            currency = await shop_currency(shop)
            sample = await shop.listing("/orders", {"per_page": "1", "_fields": "id,version"})
            for path in ("/products", "/customers"):
                await shop.listing(path, {"per_page": "1", "_fields": "id"})
            name = await _shop_name(shop)
        except HubError as error:
            return CheckResult(False, str(error))
        details = {"shop": name, "currency": currency, "api": "wc/v3"}
        if sample.rows and isinstance(version := sample.rows[0].get("version"), str):
            details["woocommerce"] = version
        if sample.total is not None:
            details["orders"] = str(sample.total)
        return CheckResult(True, f"Connected to {name}.", details, {"currency": currency})

    def pull(self, ctx: Context, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Read a stream; see hub_woocommerce.streams."""
        return STREAMS[stream](Shop(ctx, self._page_size), cursor)

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
        """One delivery. The ping on creation is the only one that is not signed."""
        known = lower_headers(headers)
        signature = known.get("x-wc-webhook-signature", "")
        if not signature and _PING.fullmatch(body):
            return WebhookResult("ping", note="WooCommerce tried the address.")
        verify_base64(_accepted(secret), body, signature)
        topic = known.get("x-wc-webhook-topic", "")
        raw = _object(body)
        if topic not in TOPICS:
            return WebhookResult("ignored", note=f"{topic or 'no topic'} is not read")
        if raw is None or not row_id(raw):
            # built when the queue ran: the thing was gone by then
            return WebhookResult("ignored", note=f"{topic}: an error instead of a record")
        number = known.get("x-wc-webhook-delivery-id", "")
        delivery = _Delivery(topic, raw, body, number, received_at)
        return _read(delivery, shop, config.get("currency", ""))

    async def erase(self, ctx: Context, identifiers: Sequence[Identifier]) -> Erased:
        """Say where the person still stands, and how WordPress erases them."""
        return await erase(Shop(ctx, self._page_size), identifiers)

    async def after_connect(self, ctx: Context, webhook_url: str) -> HookReport:
        """Register what is missing and re-enable what WooCommerce switched off after seven
        failures; a webhook that a person paused stays paused."""
        shop = Shop(ctx)
        secret = ctx.secret.get("webhook_secret")
        if not secret:
            raise NeedsAttention("The connection has no webhook secret yet.")
        mark = hashlib.sha256(secret.reveal().encode()).hexdigest()[:16]
        same = await ctx.state.get("webhook_secret_mark") == mark
        try:
            report = await _renew(shop, webhook_url, secret.reveal(), same)
        except Denied:
            note = "The key may not write, so changes arrive only with each sync."
            return HookReport(0, (), note)
        await ctx.state.put("webhook_secret_mark", mark)
        return report


@dataclass(frozen=True, slots=True)
class _Delivery:
    topic: str
    raw: Row
    body: bytes
    number: str
    received_at: datetime


def _read(delivery: _Delivery, shop: str, currency: str) -> WebhookResult:
    topic, raw = delivery.topic, delivery.raw
    resource, event = topic.split(".")
    key = content_key(topic, str(row_id(raw)), body=delivery.body)
    if event == "deleted":
        if set(raw) != {"id"}:
            return WebhookResult("ignored", note=f"{topic}: not the body of a deletion")
        gone = Deleted(shop, _KINDS[resource], mapping.identity(raw), delivery.received_at)
        # two deletions of one thing (restored in between) have the same body
        return WebhookResult("records", (Sighting(gone, raw),), f"{key}:{delivery.number}")
    if resource == "product" and raw.get("type") == "variation":
        note = "a variation: read with its product"
        return WebhookResult("ignored", dedupe_key=key, note=note, wants=("variations",))
    try:
        record = _record(resource, raw, shop, currency)
    except InvalidRecord as error:
        wrong = Invalid(str(row_id(raw)), str(error), raw)
        return WebhookResult("records", dedupe_key=key, note=str(error), invalid=(wrong,))
    return WebhookResult("records", (Sighting(record, raw),), key, wants=_wants(resource, raw))


def _record(resource: str, raw: Row, shop: str, currency: str) -> Record:
    if resource == "order":
        return mapping.order(raw, shop)
    if resource == "customer":
        return mapping.customer(raw, shop)
    return mapping.product(raw, shop, currency_code(currency, "the shop's currency"))


def _wants(resource: str, raw: Row) -> tuple[str, ...]:
    """What the delivery speaks of without telling it."""
    if resource == "order" and raw.get("refunds"):
        return ("refunds",)
    if resource == "product" and mapping.is_variable(raw):
        return ("variations",)
    return ()


def _accepted(secret: Sequence[str]) -> list[str]:
    """WooCommerce decodes HTML entities in the secret before it signs."""
    return list(dict.fromkeys(form for text in secret for form in (text, html.unescape(text))))


def _object(body: bytes) -> Row | None:
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return raw if isinstance(raw, dict) else None


async def _shop_name(shop: Shop) -> str:
    host = urlsplit(shop.ctx.config.get("url", "")).hostname or ""
    try:
        name = (await shop.site()).get("name")
    except (NeedsAttention, Broken):
        return host  # some hosts close the site's own description
    return html.unescape(name).strip()[:100] or host if isinstance(name, str) else host


async def _renew(shop: Shop, url: str, secret: str, same: bool) -> HookReport:
    hooks = {hook.get("topic"): hook for hook in await _own_hooks(shop, url)}
    renewed: list[str] = []
    paused: list[str] = []
    for topic in TOPICS:
        hook = hooks.get(topic)
        if hook is None:
            new = {"name": f"Regulars {topic}", "topic": topic, "delivery_url": url}
            await shop.send("POST", "/webhooks", {**new, "secret": secret, "status": "active"})
            renewed.append(topic)
        elif hook.get("status") == "paused":
            paused.append(topic)
        elif hook.get("status") != "active" or not same:
            change = {"status": "active", "secret": secret}
            await shop.send("PUT", f"/webhooks/{row_id(hook)}", change)
            renewed.append(topic)
    note = f"Paused in the shop: {', '.join(paused)}." if paused else ""
    return HookReport(len(TOPICS) - len(paused), tuple(renewed), note)


async def _own_hooks(shop: Shop, url: str) -> list[Row]:
    rows = await shop.every("/webhooks", {})
    return [row for row in rows if row.get("delivery_url") == url]
