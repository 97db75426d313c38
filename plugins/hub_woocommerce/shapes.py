"""Objects in WooCommerce's shape, for the stand-in shop: recorded ones, and new ones that have
every field that a recorded one has."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import orjson

Json = dict[str, Any]
ZONE = ZoneInfo("Europe/Amsterdam")


@cache
def _recorded(kind: str, name: str) -> bytes:
    return (files("hub_woocommerce") / "recorded" / kind / f"{name}.json").read_bytes()


def recorded(name: str) -> Json:
    """One recorded REST exchange: request, status, headers, body."""
    data: Json = orjson.loads(_recorded("rest", name))
    return data


def recorded_names(kind: str) -> list[str]:
    """The names of all recordings of a kind: rest, webhooks, webhooks_failing."""
    folder = files("hub_woocommerce") / "recorded" / kind
    return sorted(entry.name.removesuffix(".json") for entry in folder.iterdir())


def recorded_delivery(kind: str, name: str) -> Json:
    """One recorded webhook delivery: headers, body (text), secret."""
    data: Json = orjson.loads(_recorded(kind, name))
    return data


def recorded_orders() -> list[Json]:
    """All orders of the recorded shop, with the draft and the one in the trash."""
    pages = ("orders_p1", "orders_p2", "orders_p3", "orders_p4_last")
    rows = [row for page in pages for row in recorded(page)["body"]]
    for delivery in ("030_order_updated", "031_order_updated"):
        rows.append(orjson.loads(recorded_delivery("webhooks", delivery)["body"]))
    return rows


def stamps(at: datetime, *names: str) -> Json:
    """The times of an object: local and GMT, both without a zone."""
    gmt = at.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat()
    local = at.astimezone(ZONE).replace(tzinfo=None, microsecond=0).isoformat()
    return {key: value for name in names for key, value in ((name, local), (f"{name}_gmt", gmt))}


def product(
    number: int,
    name: str,
    price: str,
    at: datetime,
    *,
    permalink: str = "",
    image: str = "",
    categories: Sequence[str] = (),
    **fields: Any,
) -> Json:
    """A simple product; `fields` replace any other of WooCommerce's fields."""
    row = copy.deepcopy(recorded("products")["body"][0])
    named = [{"id": 100 + i, "name": c, "slug": c.lower()} for i, c in enumerate(categories)]
    images = [{"id": number, "src": image, "name": name, "alt": ""}] if image else []
    row |= {"id": number, "name": name, "slug": f"product-{number}", "sku": f"SKU-{number}"}
    row |= {"price": price, "regular_price": price, "permalink": permalink or row["permalink"]}
    row |= {"categories": named, "images": images, "total_sales": 0, "related_ids": []}
    return {**row, **stamps(at, "date_created", "date_modified"), **fields}


def customer(number: int, email: str, at: datetime, **fields: Any) -> Json:
    """A registered customer."""
    row = copy.deepcopy(recorded("customers_role_all")["body"][1])
    row |= {"id": number, "email": email, "username": email.partition("@")[0]}
    row["billing"] |= {"email": email}
    return {**row, **stamps(at, "date_created", "date_modified"), **fields}


def line(number: int, of: Json, quantity: int) -> Json:
    """An order line of a product."""
    row = copy.deepcopy(recorded("orders_p1")["body"][2]["line_items"][0])
    total = f"{Decimal(of['price']) * quantity:.2f}"
    row |= {"id": number, "name": of["name"], "product_id": of["id"], "quantity": quantity}
    row |= {"sku": of["sku"], "price": float(of["price"]), "subtotal": total, "total": total}
    return {**row, "meta_data": []}


def order(
    number: int,
    lines: Sequence[tuple[Json, int]],
    at: datetime,
    *,
    email: str,
    customer_id: int = 0,
    **fields: Any,
) -> Json:
    """An order of (product, quantity) pairs; shipping costs 4.95."""
    row = copy.deepcopy(recorded("orders_p1")["body"][2])
    items = [line(number * 100 + i, of, quantity) for i, (of, quantity) in enumerate(lines)]
    total = sum((Decimal(item["total"]) for item in items), Decimal(row["shipping_total"]))
    row |= {"id": number, "number": str(number), "line_items": items, "total": f"{total:.2f}"}
    row |= {"order_key": f"wc_order_{number:013d}", "customer_id": customer_id, "refunds": []}
    row["billing"] |= {"email": email}
    row |= {"date_completed": None, "date_completed_gmt": None, "meta_data": []}
    row |= {"date_paid": None, "date_paid_gmt": None, "status": "pending"}
    return {**row, **stamps(at, "date_created", "date_modified"), **fields}


def refund(number: int, of: Json, amount: str, reason: str, at: datetime) -> Json:
    """A refund of an order, as the list of all refunds shows it."""
    row = copy.deepcopy(recorded("refunds")["body"][0])
    row |= {"id": number, "parent_id": of["id"], "amount": amount, "reason": reason}
    return {**row, "line_items": [], **stamps(at, "date_created")}
