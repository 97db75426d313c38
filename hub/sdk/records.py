"""The vocabulary in which connectors, imports and the hub speak of a shop.

Money is integer minor units (cents) beside an ISO 4217 code; an exact unit price is a decimal
string, because shops sell at fractions of a cent. Times are aware UTC datetimes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

OrderStatus = Literal["pending", "paid", "fulfilled", "cancelled", "refunded", "test"]
Stock = Literal["yes", "no", "unknown"]
# `typed`: somebody wrote this address into the checkout while signed in; the shop reports it, but
# nobody proved that the mailbox is hers. `apart`: staff said that these two are not one person.
Strength = Literal["claimed", "verified", "typed", "token", "apart"]
ConsentState = Literal["granted", "withdrawn", "requested"]
Basis = Literal["consent", "soft_opt_in", "contract"]


class Identifier(msgspec.Struct, frozen=True, order=True):
    """One name of somebody or something. `namespace` is a shop, or "" for the workspace."""

    namespace: str
    type: str  # device anonymous user customer email phone order order_key cart_token ...
    value: str


class Link(msgspec.Struct, frozen=True):
    """The record's subject and `to` are said to be the same. `token` verifies once a
    connector reports the same order key or cart token."""

    to: Identifier
    strength: Strength


class OrderLine(msgspec.Struct, frozen=True, omit_defaults=True):
    product_id: str
    quantity: int
    unit_price: str  # exact decimal, before line discounts
    total: int  # minor units, what was charged for the line
    variant_id: str = ""
    sku: str = ""
    title: str = ""


class Refund(msgspec.Struct, frozen=True, omit_defaults=True):
    refund_id: str
    amount: int  # minor units, positive
    at: datetime
    reason: str = ""


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """A whole order as its source knows it now; a later sighting replaces it."""

    shop: str
    order_id: str
    status: OrderStatus
    placed_at: datetime
    updated_at: datetime
    currency: str
    total: int  # minor units, with tax and shipping
    lines: tuple[OrderLine, ...] = ()
    refunds: tuple[Refund, ...] | None = None  # None: not said in this sighting
    tax: int = 0
    shipping: int = 0
    discount: int = 0
    email: str = ""
    phone: str = ""
    first_name: str = ""
    last_name: str = ""
    country: str = ""
    customer_id: str = ""  # "" for a guest
    order_key: str = ""
    cart_token: str = ""
    number: str = ""
    deleted: bool = False
    checkout_token: str = ""


class Customer(msgspec.Struct, frozen=True, omit_defaults=True):
    shop: str
    customer_id: str
    updated_at: datetime
    email: str = ""
    phone: str = ""
    first_name: str = ""
    last_name: str = ""
    traits: dict[str, str | int | float | bool] = msgspec.field(default_factory=dict)
    deleted: bool = False


class Variant(msgspec.Struct, frozen=True, omit_defaults=True):
    variant_id: str
    title: str = ""
    sku: str = ""
    price: int | None = None  # minor units
    stock: Stock = "unknown"
    quantity: int | None = None


class Product(msgspec.Struct, frozen=True, omit_defaults=True):
    shop: str
    product_id: str
    updated_at: datetime
    title: str
    currency: str
    url: str = ""
    image_url: str = ""
    price: int | None = None  # minor units; None: not known, the product is then never shown
    list_price: int | None = None  # the price before a reduction
    categories: tuple[str, ...] = ()
    brand: str = ""
    sku: str = ""
    stock: Stock = "unknown"
    quantity: int | None = None
    variants: tuple[Variant, ...] | None = None  # None: not said in this sighting
    published: bool = True
    deleted: bool = False


class RefundSighting(msgspec.Struct, frozen=True):
    """Refunds of one order, reported apart from the order itself."""

    shop: str
    order_id: str
    refunds: tuple[Refund, ...]  # every refund of the order, not only the new ones


class Deleted(msgspec.Struct, frozen=True):
    """The shop says that a thing is gone for good; nothing else is known of it."""

    shop: str
    type: Literal["order", "customer", "product"]
    id: str
    at: datetime


class ConsentRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the consent ledger."""

    subject: Identifier
    purpose: str  # analytics personalisation marketing service
    channel: str  # site email sms ...
    state: ConsentState
    at: datetime
    basis: Basis = "consent"
    text_version: str = ""
    source: str = ""
    proof: str = ""


Record = Order | Customer | Product | RefundSighting | ConsentRecord | Deleted


class Sighting(msgspec.Struct, frozen=True):
    """A record as one source saw it, with the vendor's own JSON kept beside it."""

    record: Record
    raw: dict[str, Any] | None = None
