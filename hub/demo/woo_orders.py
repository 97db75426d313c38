"""Orders of the demo shop in WooCommerce's shape: the past ones, and one made from a checkout."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from hub.demo.catalogue import (
    CURRENCY,
    DemoProduct,
    DemoVariant,
    decimal_price,
    shipping_for,
)
from hub.demo.woo import (
    Json,
    address,
    blank_address,
    image_url,
    links,
    stamps,
    woo_customers,
)

FIRST_ORDER = 40001
_KEY_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
_PAID = ("processing", "completed", "refunded")


def order_key(rng: random.Random) -> str:
    """A key such as WooCommerce puts in the address of the thank-you page."""
    return "wc_order_" + "".join(rng.choice(_KEY_LETTERS) for _ in range(13))


def order_from(
    catalogue: Sequence[DemoProduct],
    body: Json,
    order_id: int,
    key: str,
    at: datetime,
    *,
    origin: str = "http://127.0.0.1",
) -> Json:
    """What POST /orders answers for this body: priced from the catalogue, in the recorded shape.

    ValueError names a line whose product, variation or quantity is not for sale.
    """
    lines = [
        _line(catalogue, item, order_id * 10 + n, origin)
        for n, item in enumerate(body.get("line_items", []))
    ]
    if not lines:
        raise ValueError("line_items: an order needs at least one line")
    goods = sum(_minor(line["total"]) for line in lines)
    status = str(body.get("status", "processing"))
    return {
        "id": order_id,
        "parent_id": 0,
        "number": str(order_id),
        "order_key": key,
        "status": status,
        "currency": CURRENCY,
        "currency_symbol": "€",
        "version": "11.0.1",
        "prices_include_tax": False,
        **_moments(status, at),
        **_sums(goods, shipping_for(goods)),
        **_buyer(body),
        "cart_hash": "",
        "meta_data": body.get("meta_data", []),
        "line_items": lines,
        "tax_lines": [],
        "shipping_lines": [_shipping(shipping_for(goods), order_id)],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": _refunds(status, goods + shipping_for(goods), order_id),
        **_payment(status, order_id, key, origin),
        "_links": links(origin, f"orders/{order_id}", "orders"),
    }


def _moments(status: str, at: datetime) -> Json:
    done = at + timedelta(days=2) if status == "completed" else None
    changed = at + timedelta(days=3) if status in ("cancelled", "refunded") else done or at
    return {
        **stamps("created", at),
        **stamps("modified", changed),
        **stamps("completed", done),
        **stamps("paid", at if status in _PAID else None),
    }


def _buyer(body: Json) -> Json:
    return {
        "customer_id": int(body.get("customer_id", 0)),
        "billing": blank_address(with_email=True) | body.get("billing", {}),
        "shipping": blank_address() | body.get("shipping", {}),
        "payment_method": body.get("payment_method", "bacs"),
        "payment_method_title": body.get("payment_method_title", "Bank transfer"),
        "transaction_id": "",
        "customer_ip_address": "",
        "customer_user_agent": "",
        "created_via": body.get("created_via", "checkout"),
        "customer_note": body.get("customer_note", ""),
    }


def _payment(status: str, order_id: int, key: str, origin: str) -> Json:
    return {
        "payment_url": f"{origin}/checkout/order-pay/{order_id}/?pay_for_order=true&key={key}",
        "is_editable": status == "pending",
        "needs_payment": status == "pending",
        "needs_processing": True,
    }


def _minor(text: str) -> int:
    return int(text.replace(".", ""))


def _sums(goods: int, shipping: int) -> Json:
    zero = ("discount_total", "discount_tax", "shipping_tax", "cart_tax", "total_tax")
    paid = {"shipping_total": decimal_price(shipping), "total": decimal_price(goods + shipping)}
    return {key: "0.00" for key in zero} | paid


def _refunds(status: str, total: int, order_id: int) -> list[Json]:
    if status != "refunded":
        return []
    return [
        {
            "id": order_id * 10 + 8,
            "reason": "",
            "total": f"-{decimal_price(total)}",
            "total_tax": "0.00",
        }
    ]


def _shipping(cost: int, order_id: int) -> Json:
    return {
        "id": order_id * 10 + 9,
        "method_title": "By bicycle and post" if cost else "Free delivery",
        "method_id": "flat_rate" if cost else "free_shipping",
        "instance_id": "1",
        "total": decimal_price(cost),
        "total_tax": "0.00",
        "taxes": [],
        "tax_status": "taxable",
        "meta_data": [],
    }


def _sold(catalogue: Sequence[DemoProduct], item: Json) -> tuple[DemoProduct, DemoVariant | None]:
    wanted = str(item.get("product_id", ""))
    product = next((p for p in catalogue if p.product_id == wanted), None)
    if product is None:
        raise ValueError(f"line_items: there is no product {wanted!r}")
    variant = product.variant(str(item.get("variation_id") or ""))
    if product.variants and variant is None:
        raise ValueError(f"line_items: product {wanted} needs a variation_id")
    return product, variant


def _line(catalogue: Sequence[DemoProduct], item: Json, line_id: int, origin: str) -> Json:
    product, variant = _sold(catalogue, item)
    quantity = item.get("quantity", 1)
    if not isinstance(quantity, int) or not 1 <= quantity <= 99:
        raise ValueError(f"line_items: quantity {quantity!r} is not between 1 and 99")
    price = variant.price if variant else product.price
    total = decimal_price(price * quantity)
    picture = image_url(origin, product, variant.tone if variant else "")
    name = f"{product.name} - {variant.label}" if variant else product.name
    return {
        "id": line_id,
        "name": name,
        "product_id": int(product.product_id),
        "variation_id": int(variant.variant_id) if variant else 0,
        "quantity": quantity,
        "tax_class": "",
        "subtotal": total,
        "subtotal_tax": "0.00",
        "total": total,
        "total_tax": "0.00",
        "taxes": [],
        "meta_data": _line_meta(product, variant, line_id, quantity),
        "sku": variant.sku if variant else product.sku,
        "global_unique_id": "",
        "price": price / 100,
        "image": {"id": 50000 + int(product.product_id), "src": picture},
        "parent_name": product.name if variant else None,
    }


def _line_meta(
    product: DemoProduct, variant: DemoVariant | None, line_id: int, quantity: int
) -> list[Json]:
    pairs = [("_reduced_stock", str(quantity))]
    if variant:
        pairs.insert(0, (product.option.lower(), variant.label))
    return [
        {"id": line_id * 2 + n, "key": k, "value": v, "display_key": k, "display_value": v}
        for n, (k, v) in enumerate(pairs)
    ]


def woo_orders(
    catalogue: Sequence[DemoProduct],
    until: datetime,
    *,
    seed: int = 7,
    n: int = 120,
    origin: str = "http://127.0.0.1",
    customers: Sequence[Json] | None = None,
) -> list[Json]:
    """`n` past orders over the six months before `until`, oldest first; a third by guests.

    Pass the same `customers` as the shop has; some of them buy often, most of them once.
    """
    rng = random.Random(f"orders {seed}")  # noqa: S311 (invented orders)
    known = list(
        woo_customers(seed, until=until, origin=origin) if customers is None else customers
    )
    guests = [address(rng) for _ in range(max(1, n // 4))]
    ages = sorted((_age(rng) for _ in range(n)), reverse=True)
    buyable = [p for p in catalogue if p.in_stock]
    made = []
    for at, age in enumerate(ages):
        body = _past_body(rng, buyable, known, guests, age)
        moment = (until - age).replace(microsecond=0)
        made.append(
            order_from(catalogue, body, FIRST_ORDER + at, order_key(rng), moment, origin=origin)
        )
    return made


def _age(rng: random.Random) -> timedelta:
    """Months long gone weigh a little less than last week."""
    return timedelta(days=182 * rng.random() ** 1.25, minutes=rng.randrange(5, 600))


def _past_body(
    rng: random.Random,
    buyable: Sequence[DemoProduct],
    known: Sequence[Json],
    guests: Sequence[Json],
    age: timedelta,
) -> Json:
    # The square makes the first customers the regulars.
    customer = known[int(len(known) * rng.random() ** 2)] if known and rng.random() < 0.68 else None
    fallback: Any = rng.choice(guests)
    status = "processing" if age < timedelta(days=2) else _settled(rng)
    return {
        "status": status,
        "customer_id": customer["id"] if customer else 0,
        "billing": customer["billing"] if customer else fallback,
        "payment_method": rng.choice(("ideal", "bancontact", "card", "bacs")),
        "line_items": basket(rng, buyable),
    }


def _settled(rng: random.Random) -> str:
    return rng.choices(("completed", "cancelled", "refunded"), (92, 5, 3))[0]


def basket(rng: random.Random, buyable: Sequence[DemoProduct]) -> list[Json]:
    """One to four lines, mostly from the shelf the first product stands on."""
    first = rng.choice(buyable)
    shelf = [p for p in buyable if p.category == first.category]
    picked = {first.product_id: first}
    for _ in range(rng.choices((0, 1, 2, 3), (45, 30, 17, 8))[0]):
        other = rng.choice(shelf if rng.random() < 0.6 else buyable)
        picked[other.product_id] = other
    return [line_of(rng, p) for p in picked.values()]


def line_of(rng: random.Random, product: DemoProduct) -> Json:
    """One order line for this product, in one of its variants that is in stock."""
    held = [v for v in product.variants if v.quantity > 0]
    cheap = product.price < 3000
    return {
        "product_id": int(product.product_id),
        "variation_id": int(rng.choice(held).variant_id) if held else 0,
        "quantity": rng.choices((1, 2, 3), (70, 22, 8))[0] if cheap else 1,
    }
