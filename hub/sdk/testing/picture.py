"""What is known after some sightings: the way in which contract tests compare two readings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import orjson

from hub.sdk.connector import Connector, Context, Cursor
from hub.sdk.records import Customer, Deleted, Order, Product, Record, RefundSighting, Sighting

__all__ = ["Picture", "picture", "pull_all"]

Picture = dict[tuple[str, str], Any]


async def pull_all(
    connector: Connector, ctx: Context, cursors: Mapping[str, Cursor] | None = None
) -> tuple[list[Sighting], dict[str, Cursor]]:
    """Every stream from its cursor: all sightings, and the cursors to go on from."""
    sightings: list[Sighting] = []
    following: dict[str, Cursor] = {}
    for stream in connector.streams:
        cursor = (cursors or {}).get(stream.name)
        async for page in connector.pull(ctx, stream.name, cursor):
            sightings += page.sightings
            following[stream.name] = orjson.loads(orjson.dumps(page.cursor))
    return sightings, following


def picture(sightings: Iterable[Sighting], start: Picture | None = None) -> Picture:
    """What is known after these sightings: by (kind, id), the newest record; None when gone."""
    known: Picture = dict(start or {})
    ages: dict[tuple[str, str], datetime] = {}
    for key, value in known.items():
        if hasattr(value, "updated_at"):
            ages[key] = value.updated_at
    for sighting in sightings:
        key, at, value = _reading(sighting.record)
        if key in ages and at < ages[key]:
            continue
        before = known.get(key)
        if isinstance(value, Product) and value.variants is None and isinstance(before, Product):
            value = msgspec.structs.replace(value, variants=before.variants)
        known[key], ages[key] = value, at
    return known


def _reading(record: Record) -> tuple[tuple[str, str], datetime, Any]:
    match record:
        case Order(order_id=number, updated_at=at):
            return ("order", number), at, None if record.deleted else record
        case Product(product_id=number, updated_at=at):
            return ("product", number), at, None if record.deleted else record
        case Customer():
            return ("customer", record.customer_id), record.updated_at, record
        case Deleted():
            return (record.type, record.id), record.at, None
        case RefundSighting():
            newest = max((refund.at for refund in record.refunds), default=datetime.min)
            return ("refunds", record.order_id), newest.replace(tzinfo=UTC), record.refunds
    raise AssertionError(f"a connector does not report {type(record).__name__}")
