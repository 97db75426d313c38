"""A record of the outside world becomes a log entry: whose it is, and what it links."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import msgspec

from hub.clock import to_ms
from hub.personal import may_hold_card, strip_cards
from hub.sdk.identifiers import MAX_VALUE, clean_email, clean_id, email_identifier
from hub.sdk.records import (
    ConsentRecord,
    Customer,
    Deleted,
    Identifier,
    Link,
    Order,
    Product,
    Record,
    RefundSighting,
    Strength,
)
from hub.store.database import Entry
from hub.store.plain_numbers import plain_numbers

_NUMBERS = frozenset({"id", "order_id", "customer_id", "product_id"})
MIN_KEY = 12  # a shorter order key could be guessed


class Unplaced(Exception):
    """The record can not be stored; the message says what is missing."""


def sighting_entry(
    record: Record,
    raw: dict[str, Any] | None,
    *,
    source_id: int,
    received_at: int,
    every_customer: bool = False,
) -> Entry:
    """The entry of one sighting. The content that is in force already is a duplicate, and so is
    an older one that was seen before. `every_customer`: ids such as 0 stand for somebody too.

    Raises Unplaced for a record that names nobody and nothing.
    """
    name, subject, links, at = _describe(record, received_at, every_customer=every_customer)
    body: dict[str, Any] = {"record": record}
    if raw is not None:
        body["raw"] = raw
    encoded = msgspec.json.encode(body)
    if may_hold_card(encoded):
        encoded = _without_cards(encoded)
    text = plain_numbers(encoded).decode()
    return Entry(
        kind="record",
        name=name,
        subject=subject,
        links=links,
        at=at,
        received_at=received_at,
        source_id=source_id,
        body=text,
        dedupe=_dedupe(name, msgspec.json.encode(record), at, source_id),
        body_hash=0,
        thing=_thing(name, record, source_id),
    )


def _without_cards(encoded: bytes) -> bytes:
    """Shops write card numbers into notes and payment data; numbers of things stay."""
    body = msgspec.json.decode(encoded)
    parts = {name: strip_cards(part, keep=_NUMBERS) for name, part in body.items()}
    return msgspec.json.encode(parts) if parts != body else encoded


def _describe(
    record: Record, received_at: int, *, every_customer: bool
) -> tuple[str, Identifier | None, tuple[Link, ...], int]:
    if isinstance(record, Order):
        return "order", *_order(record, every_customer=every_customer)
    if isinstance(record, Customer):
        subject = Identifier(record.shop, "customer", _known(record.customer_id, "customer_id"))
        email = clean_email(record.email)
        return "customer", subject, _contact(email, subject), to_ms(record.updated_at)
    if isinstance(record, Product):
        return "product", None, (), to_ms(record.updated_at)
    if isinstance(record, RefundSighting):
        at = max((to_ms(refund.at) for refund in record.refunds), default=received_at)
        return "refunds", Identifier(record.shop, "order", record.order_id), (), at
    if isinstance(record, Deleted):
        kind = Identifier(record.shop, record.type, record.id)
        return "deleted", kind if record.type != "product" else None, (), to_ms(record.at)
    if isinstance(record, ConsentRecord):
        raise Unplaced("consent: a connector reports it through its customer record")
    raise Unplaced(f"{type(record).__name__}: the hub knows no such record")


def _order(order: Order, *, every_customer: bool) -> tuple[Identifier, tuple[Link, ...], int]:
    # Shops fill "guest" or "n/a" in for everybody: that must not make one person of them all.
    email = clean_email(order.email)
    customer = order.customer_id if every_customer else clean_id(order.customer_id)
    if customer:
        subject = Identifier(order.shop, "customer", customer)
    elif email:
        subject = email_identifier(email)
    else:
        subject = Identifier(order.shop, "order", _known(order.order_id, "order_id"))
    links = list(_contact(email, subject, "typed"))
    if subject.type != "order":
        verified: Strength = "verified"
        keys = {
            "order_key": order.order_key, "cart_token": order.cart_token,
            "checkout_token": order.checkout_token,
        }  # fmt: skip
        links += [
            Link(Identifier(order.shop, kind, value), verified)
            for kind, value in keys.items()
            if MIN_KEY <= len(clean_id(value))
        ]
    return subject, tuple(links), to_ms(order.updated_at)


def _contact(email: str, subject: Identifier, strength: Strength = "verified") -> tuple[Link, ...]:
    address = email_identifier(email)
    return (Link(address, strength),) if email and address != subject else ()


def _known(value: str, field: str) -> str:
    if not value or len(value) > MAX_VALUE or not value.isprintable():
        raise Unplaced(f"{field}: '{value[:40]}' is no identifier")
    return value


def _dedupe(name: str, content: bytes, at: int, source_id: int) -> bytes:
    day = datetime.fromtimestamp(at / 1000, UTC)
    month = max(0, (day.year - 1970) * 12 + day.month).to_bytes(3, "big")
    digest = blake2b(name.encode() + b"\0" + content, digest_size=16).digest()
    return month + source_id.to_bytes(4, "big") + digest


def _thing(name: str, record: Record, source_id: int) -> bytes | None:
    """The key of what was seen. Behind all keys of months, so that it meets none of them."""
    if isinstance(record, Order | RefundSighting):
        number = record.order_id
    elif isinstance(record, Customer):
        number = record.customer_id
    elif isinstance(record, Product):
        number = record.product_id
    else:
        return None
    text = "\0".join((name, record.shop, number))
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return b"\xff\xff\xff" + source_id.to_bytes(4, "big") + digest
