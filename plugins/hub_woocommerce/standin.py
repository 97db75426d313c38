"""A stand-in WooCommerce shop: starts as the recorded one (or as a demo shop), answers as it
did, can be changed, and delivers webhooks as it does. For the demo and for tests.

`StandIn(clock).app` is the shop's REST API as an ASGI application.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from starlette.applications import Starlette

from hub.sdk.client import Answered, Denied, HttpClient
from hub.sdk.clock import Clock
from hub.sdk.errors import HubError
from hub.sdk.webhooks import sign_base64
from hub_woocommerce import shapes
from hub_woocommerce.shapes import Json
from hub_woocommerce.standin_http import build_app

MAX_FAILURES = 5  # one more, then another, and the webhook is switched off
Post = Callable[[str, Mapping[str, str], bytes], Awaitable[int]]
"""Sends one delivery: (url, headers, body) -> status; 0 when nobody answered."""


def posting(client: HttpClient) -> Post:
    """Deliver through the hub's own HTTP client; whoever runs the shop allows its hosts."""

    async def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        parts = urlsplit(url)
        try:
            response = await client.request(
                "POST",
                parts._replace(query="", fragment="").geturl(),
                params=parse_qsl(parts.query),
                headers=headers,
                content=body,
            )
        except (Answered, Denied) as error:
            return error.status
        except HubError:
            return 0
        return response.status

    return post


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook delivery, ready to be sent."""

    hook: int
    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Tables:
    """All that the shop holds, by id."""

    orders: dict[int, Json] = field(default_factory=dict)
    products: dict[int, Json] = field(default_factory=dict)
    variations: dict[int, Json] = field(default_factory=dict)
    customers: dict[int, Json] = field(default_factory=dict)
    refunds: dict[int, Json] = field(default_factory=dict)
    webhooks: dict[int, Json] = field(default_factory=dict)


class StandIn:
    """The shop. Without lists it is the recorded shop; with them, exactly those objects in
    WooCommerce's shape (see hub_woocommerce.shapes)."""

    def __init__(
        self,
        clock: Clock,
        *,
        products: Iterable[Json] | None = None,
        customers: Iterable[Json] | None = None,
        orders: Iterable[Json] | None = None,
        refunds: Iterable[Json] | None = None,
        variations: Iterable[Json] | None = None,
        webhooks: Iterable[Json] = (),
        currency: str = "EUR",
        name: str = "Stand-in shop",
        consumer_key: str = "ck_standin",
        consumer_secret: str = "cs_standin",  # noqa: S107 - opens only this shop
        tls: bool = False,
    ) -> None:
        own = any(given is not None for given in (products, customers, orders))
        self.clock = clock
        self.currency = currency
        self.name = name
        self.consumer_key = consumer_key
        self.consumer_secret = consumer_secret
        self.tls = tls  # believes that it is behind TLS, as WooCommerce decides that itself
        self.may_write = True
        self.nonces: set[str] = set()
        self.tables = Tables(
            orders=_by_id(orders, [] if own else shapes.recorded_orders()),
            products=_by_id(products, [] if own else shapes.recorded("products")["body"]),
            variations=_by_id(variations, [] if own else shapes.recorded("variations")["body"]),
            customers=_by_id(
                customers, [] if own else shapes.recorded("customers_role_all")["body"]
            ),
            refunds=_by_id(refunds, [] if own else shapes.recorded("refunds")["body"]),
            webhooks=_by_id(webhooks, []),
        )
        self._fill_refunds()
        self._secrets: dict[int, str] = {}
        self._failures: dict[int, int] = {}
        self._pings: list[int] = []
        self._queue: dict[tuple[str, int], None] = {}
        self.app: Starlette = build_app(self)

    # -- changing the shop ------------------------------------------------------------------

    def new_id(self) -> int:
        """The next id; all posts of a WordPress site share one sequence."""
        tables = self.tables
        taken = (tables.orders, tables.products, tables.variations, tables.refunds)
        return max((max(table, default=0) for table in taken), default=0) + 1

    def _fill_refunds(self) -> None:
        # orders name their refunds; the list of all refunds tells their times
        for order in self.tables.orders.values():
            at = datetime.fromisoformat(order["date_modified_gmt"]).replace(tzinfo=UTC)
            for entry in order.get("refunds") or []:
                amount = entry["total"].removeprefix("-")
                row = shapes.refund(entry["id"], order, amount, entry["reason"], at)
                self.tables.refunds.setdefault(entry["id"], row)

    def add_order(self, row: Json) -> Json:
        """Put an order in WooCommerce's shape into the shop: announced, and taken from stock."""
        self.tables.orders[row["id"]] = row
        self._announce("order.created", row["id"])
        self._announce("order.updated", row["id"])
        for line in row["line_items"]:
            if line["product_id"] in self.tables.products:
                self._take_stock(line["product_id"], int(line["quantity"]))
        return row

    def create_order(
        self,
        items: Sequence[tuple[int, int]],
        *,
        email: str,
        customer_id: int = 0,
        status: str = "processing",
        **fields: Any,
    ) -> Json:
        """A new order of (product id, quantity) pairs."""
        lines = [(self.tables.products[product], quantity) for product, quantity in items]
        row = shapes.order(
            self.new_id(),
            lines,
            self.clock.now(),
            email=email,
            customer_id=customer_id,
            currency=self.currency,
            **fields,
        )
        self._set_status(row, status)
        return self.add_order(row)

    def set_order_status(self, order: int, status: str) -> Json:
        """Move an order on; `trash` puts it into the trash, which is announced twice."""
        row = self.tables.orders[order]
        was_trash = row["status"] == "trash"
        self._set_status(row, status)
        row |= shapes.stamps(self.clock.now(), "date_modified")
        self._announce("order.updated", order)
        if status == "trash":
            self._announce("order.deleted", order)
        elif was_trash:
            self._announce("order.restored", order)
        return row

    def refund(self, order: int, amount: str, reason: str = "") -> Json:
        """Refund a part or all of an order."""
        row = self.tables.orders[order]
        made = shapes.refund(self.new_id(), row, amount, reason, self.clock.now())
        self.tables.refunds[made["id"]] = made
        entry = {"id": made["id"], "reason": reason, "total": f"-{amount}", "total_tax": "0.00"}
        row["refunds"] = [*row["refunds"], entry]
        row |= shapes.stamps(self.clock.now(), "date_modified")
        given_back = -sum(Decimal(part["total"]) for part in row["refunds"])
        if given_back >= Decimal(row["total"]):
            row["status"] = "refunded"
        self._announce("order.updated", order)
        return made

    def change_product(self, product: int, **fields: Any) -> Json:
        """Change any field of a product; `status="trash"` deletes it."""
        row = self.tables.products[product]
        row |= fields | shapes.stamps(self.clock.now(), "date_modified")
        trashed = fields.get("status") == "trash"
        self._announce("product.deleted" if trashed else "product.updated", product)
        return row

    def add_product(self, row: Json) -> Json:
        """Put a product (see shapes.product) into the shop."""
        self.tables.products[row["id"]] = row
        self._announce("product.created", row["id"])
        return row

    def change_variation(self, variation: int, **fields: Any) -> Json:
        """Change a variation; its product's own time of change does not move."""
        row = self.tables.variations[variation]
        row |= fields | shapes.stamps(self.clock.now(), "date_modified")
        self._announce("product.updated", variation)
        return row

    def add_customer(self, row: Json) -> Json:
        """Put a customer (see shapes.customer) into the shop."""
        self.tables.customers[row["id"]] = row
        self._announce("customer.created", row["id"])
        self._announce("customer.updated", row["id"])
        return row

    def change_customer(self, customer: int, **fields: Any) -> Json:
        """Change any field of a customer."""
        row = self.tables.customers[customer]
        row |= fields | shapes.stamps(self.clock.now(), "date_modified")
        self._announce("customer.updated", customer)
        return row

    def delete_customer(self, customer: int) -> None:
        """Delete a customer; an update that still waits to be told becomes an error body."""
        del self.tables.customers[customer]
        self._announce("customer.deleted", customer)

    def _set_status(self, row: Json, status: str) -> None:
        row["status"] = status
        if status in {"processing", "completed"} and not row["date_paid"]:
            row |= shapes.stamps(self.clock.now(), "date_paid")
        if status == "completed" and not row["date_completed"]:
            row |= shapes.stamps(self.clock.now(), "date_completed")

    def _take_stock(self, product: int, quantity: int) -> None:
        row = self.tables.products[product]
        if row.get("manage_stock") is True and isinstance(row.get("stock_quantity"), int):
            left = row["stock_quantity"] - quantity
            state = "instock" if left > 0 else "outofstock"
            self.change_product(product, stock_quantity=left, stock_status=state)

    # -- webhooks ---------------------------------------------------------------------------

    def save_webhook(self, number: int | None, fields: Json) -> Json:
        """Create or change a webhook; a new one is pinged when the queue runs."""
        now = self.clock.now()
        if number is None:
            number = max(self.tables.webhooks, default=0) + 1
            resource, _, event = str(fields["topic"]).partition(".")
            row: Json = {"id": number, "name": "", "status": "active", "topic": fields["topic"]}
            row |= {"resource": resource, "event": event, "hooks": [], "delivery_url": ""}
            row |= shapes.stamps(now, "date_created")
            self.tables.webhooks[number] = row
            self._pings.append(number)
        row = self.tables.webhooks[number]
        row |= {k: v for k, v in fields.items() if k in {"name", "status", "delivery_url"}}
        row |= shapes.stamps(now, "date_modified")
        if fields.get("status") == "active":
            self._failures[number] = 0
        self._secrets[number] = str(fields.get("secret") or self._secrets.get(number, ""))
        return row

    def _announce(self, topic: str, number: int) -> None:
        # the same news that still waits is told once, with the last state
        self._queue.setdefault((topic, number))

    def pending(self) -> list[Delivery]:
        """Build all waiting deliveries, from the present state of things, and empty the queue."""
        ready = [self._ping(hook) for hook in self._pings if hook in self.tables.webhooks]
        news, self._queue, self._pings = list(self._queue), {}, []
        for topic, number in news:
            for hook in sorted(self.tables.webhooks):
                row = self.tables.webhooks[hook]
                if row["topic"] == topic and row["status"] == "active":
                    ready.append(self._delivery(row, topic, number))
        return ready

    async def deliver(self, post: Post) -> int:
        """Run the queue: send everything once, never again; how many were answered 2xx. The
        seventh failure in a row switches the webhook off."""
        answered = 0
        for delivery in self.pending():
            status = await post(delivery.url, delivery.headers, delivery.body)
            if 200 <= status < 300:
                answered += 1
                self._failures[delivery.hook] = 0
                continue
            failures = self._failures.get(delivery.hook, 0)
            self._failures[delivery.hook] = failures + 1
            if failures > MAX_FAILURES:
                self.tables.webhooks[delivery.hook]["status"] = "disabled"
        return answered

    def _ping(self, hook: int) -> Delivery:
        headers = {"User-Agent": _AGENT, "Content-Type": "application/x-www-form-urlencoded"}
        url = self.tables.webhooks[hook]["delivery_url"]
        return Delivery(hook, url, headers, f"webhook_id={hook}".encode())

    def _delivery(self, hook: Json, topic: str, number: int) -> Delivery:
        body = orjson.dumps(self._payload(topic, number))
        second = f"{hook['id']}{int(self.clock.now().timestamp())}"
        headers = {
            "User-Agent": _AGENT,
            "Content-Type": "application/json",
            "X-WC-Webhook-Source": "http://127.0.0.1/",
            "X-WC-Webhook-Topic": topic,
            "X-WC-Webhook-Resource": topic.partition(".")[0],
            "X-WC-Webhook-Event": topic.partition(".")[2],
            "X-WC-Webhook-Signature": sign_base64(self._secrets.get(hook["id"], ""), body),
            "X-WC-Webhook-ID": str(hook["id"]),
            "X-WC-Webhook-Delivery-ID": hashlib.md5(
                second.encode(), usedforsecurity=False
            ).hexdigest(),
        }
        return Delivery(hook["id"], hook["delivery_url"], headers, body)

    def _payload(self, topic: str, number: int) -> Json:
        resource, _, event = topic.partition(".")
        if event == "deleted":
            return {"id": number}
        tables = self.tables
        found = {
            "order": tables.orders,
            "customer": tables.customers,
            "product": {**tables.variations, **tables.products},
        }[resource]
        if number in found:
            return found[number]
        code = {"customer": "wc_user_invalid_id"}.get(
            resource, f"woocommerce_rest_{resource}_invalid_id"
        )
        return {"code": code, "message": "Invalid ID.", "data": {"status": 404}}


_AGENT = "WooCommerce/11.0.1 Hookshot (WordPress/7.1)"


def fresh_keys() -> tuple[str, str]:
    """A consumer key and secret as WooCommerce makes them."""
    return f"ck_{secrets.token_hex(20)}", f"cs_{secrets.token_hex(20)}"


def _by_id(rows: Iterable[Json] | None, otherwise: Iterable[Json]) -> dict[int, Json]:
    return {row["id"]: dict(row) for row in (otherwise if rows is None else rows)}
