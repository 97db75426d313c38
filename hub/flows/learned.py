"""What an entry of the log teaches of a person: the one place that knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from hub.sdk.records import Customer, Order


def told_by_event(name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The traits of an identify call."""
    traits = body.get("traits") if name == "Identified" else None
    return traits if isinstance(traits, dict) else {}


def told_by_order(order: Order) -> dict[str, Any]:
    """What an order says of its buyer."""
    return _filled({**_name(order), "country": order.country})


def told_by_customer(customer: Customer) -> dict[str, Any]:
    """What a customer record says; what it leaves empty it does not say."""
    if customer.deleted:
        return {}
    own = _filled({**_name(customer), "email": customer.email})
    return own | _filled(customer.traits)


def learned(kind: str, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The traits that any entry teaches of the node it is about."""
    if kind == "event":
        return told_by_event(name, body)
    if kind == "record" and name == "order":
        return told_by_order(msgspec.convert(body["record"], Order))
    if kind == "record" and name == "customer":
        return told_by_customer(msgspec.convert(body["record"], Customer))
    return {}


def _name(record: Order | Customer) -> dict[str, str]:
    return {
        "first_name": record.first_name,
        "last_name": record.last_name,
        "phone": record.phone,
    }


def _filled(traits: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in traits.items() if value not in ("", None)}
