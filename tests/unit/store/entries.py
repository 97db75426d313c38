"""Entries to store."""

from __future__ import annotations

from hashlib import blake2b

from hub.sdk.records import Identifier, Link
from hub.store.database import DAY_MS, Entry

DAY = 20_000
NOW = DAY * DAY_MS + 1000


def entry(
    message: str,
    *,
    subject: str = "d1",
    links: tuple[Link, ...] = (),
    source: int = 1,
    month: int = 600,
    body_hash: int = 1,
    at: int = NOW,
    body: str = "{}",
) -> Entry:
    """An event with this message id."""
    digest = blake2b(message.encode(), digest_size=16).digest()
    return Entry(
        kind="event",
        name="Product Viewed",
        subject=Identifier("", "device", subject),
        links=links,
        at=at,
        received_at=at,
        source_id=source,
        body=body,
        dedupe=month.to_bytes(3, "big") + source.to_bytes(4, "big") + digest,
        body_hash=body_hash,
    )
