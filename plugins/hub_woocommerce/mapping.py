"""WooCommerce's JSON as the hub's records. Pure: no network, no clock.

Published schemas are not kept by live shops, so only what a record needs is demanded and
everything else is read leniently. Amounts of lines and shipping are with tax, as the customer
paid them; `tax` says how much of the total that was.
"""

from __future__ import annotations

import html
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hub.sdk.errors import InvalidRecord
from hub.sdk.money import currency_code, decimal, minor_units, plain
from hub.sdk.records import (
    Customer,
    Order,
    OrderLine,
    OrderStatus,
    Product,
    Refund,
    RefundSighting,
    Stock,
    Variant,
)

Raw = dict[str, Any]

_STATUS: dict[str, OrderStatus] = {
    "pending": "pending",
    "on-hold": "pending",
    "checkout-draft": "pending",
    "auto-draft": "pending",
    "processing": "paid",
    "completed": "fulfilled",
    "cancelled": "cancelled",
    "failed": "cancelled",
    "trash": "cancelled",
    "refunded": "refunded",
}
_STOCK: dict[str, Stock] = {"instock": "yes", "onbackorder": "yes", "outofstock": "no"}


def order(raw: Raw, shop: str) -> Order:
    """An order, with the identity of a guest in its billing fields."""
    currency = currency_code(raw.get("currency"), "currency")
    placed = moment(raw, "date_created_gmt")
    billing = _dict(raw.get("billing"))
    customer = _text(raw.get("customer_id"))
    return Order(
        shop=shop,
        order_id=identity(raw),
        status=_order_status(raw),
        placed_at=placed,
        updated_at=_moment(raw, "date_modified_gmt") or placed,
        currency=currency,
        total=_money(raw, "total", currency),
        lines=tuple(_line(line, currency) for line in _dicts(raw.get("line_items"))),
        # the order names its refunds without their times: the refunds stream tells them
        refunds=None if raw.get("refunds") else (),
        tax=_money(raw, "total_tax", currency, "0"),
        shipping=_sum(raw, currency, "shipping_total", "shipping_tax"),
        discount=_sum(raw, currency, "discount_total", "discount_tax"),
        email=_text(billing.get("email")),
        phone=_text(billing.get("phone")),
        first_name=_text(billing.get("first_name")),
        last_name=_text(billing.get("last_name")),
        country=_text(billing.get("country")),
        customer_id="" if customer == "0" else customer,
        order_key=_text(raw.get("order_key")),
        number=_text(raw.get("number")),
        # what order.deleted says of the same order; taking it out again revives it
        deleted=raw.get("status") == "trash",
    )


def customer(raw: Raw, shop: str) -> Customer:
    """A registered customer. WooCommerce keeps no consent, so none is reported."""
    billing = _dict(raw.get("billing"))
    registered = moment(raw, "date_created_gmt")
    traits: dict[str, str | int | float | bool] = {
        key: text for key in ("city", "postcode", "country") if (text := _text(billing.get(key)))
    }
    if role := _text(raw.get("role")):
        traits["role"] = role
    if isinstance(paying := raw.get("is_paying_customer"), bool):
        traits["paying_customer"] = paying
    traits["registered_at"] = registered.isoformat()
    return Customer(
        shop=shop,
        customer_id=identity(raw),
        updated_at=_moment(raw, "date_modified_gmt") or registered,
        email=_text(raw.get("email")),
        phone=_text(billing.get("phone")),
        first_name=_text(raw.get("first_name")) or _text(billing.get("first_name")),
        last_name=_text(raw.get("last_name")) or _text(billing.get("last_name")),
        traits=traits,
    )


def product(raw: Raw, shop: str, currency: str, variations: list[Raw] | None = None) -> Product:
    """A product. `variations`: all of a variable product; None when they were not read."""
    price, list_price = _prices(raw, currency)
    simple = not is_variable(raw)
    images = _dicts(raw.get("images"))
    brands = _dicts(raw.get("brands"))
    known = variations is not None or simple
    return Product(
        shop=shop,
        product_id=identity(raw),
        updated_at=_moment(raw, "date_modified_gmt") or moment(raw, "date_created_gmt"),
        title=_plain(raw.get("name")),
        currency=currency,
        url=_url(raw.get("permalink")),
        image_url=_url(images[0].get("src")) if images else "",
        price=price,
        list_price=list_price,
        categories=tuple(
            name for entry in _dicts(raw.get("categories")) if (name := _plain(entry.get("name")))
        ),
        brand=_plain(brands[0].get("name")) if brands else "",
        sku=_text(raw.get("sku")),
        stock=_stock(raw),
        quantity=_quantity(raw),
        variants=_variants(variations or [], currency) if known else None,
        published=_is_published(raw),
        deleted=raw.get("status") == "trash",
    )


def refund(raw: Raw, currency: str) -> Refund:
    """One refund; its currency is that of its order."""
    return Refund(
        refund_id=identity(raw),
        amount=abs(_money(raw, "amount", currency)),
        at=moment(raw, "date_created_gmt"),
        reason=_plain(raw.get("reason")),
    )


def refunds(rows: list[Raw], order_id: str, currency: str, shop: str) -> RefundSighting:
    """All refunds of one order, oldest first."""
    found = sorted((refund(row, currency) for row in rows), key=lambda r: (r.at, r.refund_id))
    return RefundSighting(shop=shop, order_id=order_id, refunds=tuple(found))


def identity(raw: Raw) -> str:
    """The positive id of any object."""
    value = raw.get("id")
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise InvalidRecord("is missing or not a number", field="id")
    return str(value)


def moment(raw: Raw, field: str) -> datetime:
    """A demanded `*_gmt` time: written without a zone, meant as UTC."""
    found = _moment(raw, field)
    if found is None:
        raise InvalidRecord("is missing", field=field)
    return found


def is_variable(raw: Raw) -> bool:
    """Whether the product is sold as variations, which must be read apart."""
    return raw.get("type") == "variable" or bool(raw.get("variations"))


def _moment(raw: Raw, field: str) -> datetime | None:
    value = raw.get(field)
    if value is None or value == "":
        return None
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise InvalidRecord("is not a time", field=field) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _order_status(raw: Raw) -> OrderStatus:
    status = _text(raw.get("status")).removeprefix("wc-")
    if known := _STATUS.get(status):
        return known
    if not status:
        raise InvalidRecord("is missing", field="status")
    # a status that a plugin added: its dates say how far the order is
    if raw.get("date_completed_gmt"):
        return "fulfilled"
    return "paid" if raw.get("date_paid_gmt") else "pending"


def _line(raw: Raw, currency: str) -> OrderLine:
    quantity = decimal(raw.get("quantity", 1), "line_items.quantity")
    subtotal = _sum_decimal(raw, "subtotal", "subtotal_tax")
    whole = int(quantity) if quantity == int(quantity) and quantity > 0 else 1
    return OrderLine(
        product_id=_reference(raw.get("product_id")),
        # sold by weight (a plugin): 0.35 kg is one line of that price
        quantity=whole,
        unit_price=plain(subtotal / whole),
        total=minor_units(_sum_decimal(raw, "total", "total_tax"), currency),
        variant_id=_reference(raw.get("variation_id")),
        sku=_text(raw.get("sku")),
        title=_plain(raw.get("name")),
    )


def _prices(raw: Raw, currency: str) -> tuple[int | None, int | None]:
    """(price, price before a reduction); an empty price is unknown, not zero."""
    price = _optional_money(raw, "price", currency)
    regular = _optional_money(raw, "regular_price", currency)
    reduced = price is not None and regular is not None and regular > price
    return price, regular if reduced else None


def _variants(rows: list[Raw], currency: str) -> tuple[Variant, ...]:
    return tuple(
        Variant(
            variant_id=identity(row),
            title=_variant_title(row),
            sku=_text(row.get("sku")),
            price=_prices(row, currency)[0],
            stock=_stock(row),
            quantity=_quantity(row),
        )
        for row in sorted(rows, key=lambda row: int(identity(row)))
        if row.get("status", "publish") == "publish"
    )


def _variant_title(raw: Raw) -> str:
    options = [_plain(entry.get("option")) for entry in _dicts(raw.get("attributes"))]
    return ", ".join(option for option in options if option) or _plain(raw.get("name"))


def _is_published(raw: Raw) -> bool:
    return (
        raw.get("status") == "publish"
        and raw.get("catalog_visibility") != "hidden"
        and not raw.get("post_password")
    )


def _stock(raw: Raw) -> Stock:
    return _STOCK.get(_text(raw.get("stock_status")), "unknown")


def _quantity(raw: Raw) -> int | None:
    value = raw.get("stock_quantity")
    managed = raw.get("manage_stock") is True and isinstance(value, (int, float))
    return int(value) if managed and value is not None else None


def _money(raw: Raw, field: str, currency: str, default: str | None = None) -> int:
    value = raw.get(field)
    return minor_units(decimal(default if value in (None, "") else value, field), currency)


def _optional_money(raw: Raw, field: str, currency: str) -> int | None:
    value = raw.get(field)
    return None if value in (None, "") else minor_units(decimal(value, field), currency)


def _sum(raw: Raw, currency: str, *fields: str) -> int:
    return minor_units(_sum_decimal(raw, *fields), currency)


def _sum_decimal(raw: Raw, *fields: str) -> Decimal:
    amounts = (decimal(raw.get(field) or "0", field) for field in fields)
    return sum(amounts, Decimal(0))


def _reference(value: object) -> str:
    """The id of another object; WooCommerce writes 0 for none, or for one that is gone."""
    text = _text(value)
    return "" if text == "0" else text


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    # PostgreSQL stores no NUL
    return str(value).replace("\x00", "").strip()


def _plain(value: object) -> str:
    """Names are stored with HTML entities: Bed &amp; Bath."""
    return html.unescape(_text(value))


def _url(value: object) -> str:
    text = _text(value)
    return text if text.startswith(("https://", "http://")) else ""


def _dict(value: object) -> Raw:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> list[Raw]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
