"""match_rate: how much of what a source sends is tied to somebody the shop knows, and what would
raise it."""

from __future__ import annotations

import msgspec

from hub.clock import from_ms
from hub.core import Hub, SourceRow
from hub.store.database import DAY_MS

# The newest entries only, so that the page costs the same in a large hub.
SEARCHED = 200_000
DAYS = 14
KEYS = ('"order_key"', '"cart_token"', '"checkout_token"')


class MatchDay(msgspec.Struct, frozen=True):
    """Events and people of one day (UTC), and those that are known today."""

    day: str
    events: int
    events_known: int
    people: int
    people_known: int


class MatchRate(msgspec.Struct, frozen=True):
    """`hints`: what would raise it, by names that the page words. The newest day first."""

    events: int
    events_known: int
    days: list[MatchDay]
    hints: list[str]


async def match_rate(hub: Hub, source: SourceRow) -> MatchRate:
    """Of the newest entries: the share of a source's events whose person is known now."""
    rows = await hub.database.fetch(
        "SELECT l.received_at / ? AS day, COUNT(*), SUM(CASE WHEN p.trusted THEN 1 ELSE 0 END), "
        "COUNT(DISTINCT p.id), COUNT(DISTINCT CASE WHEN p.trusted THEN p.id END) FROM log l "
        "JOIN node_person np ON np.node_id = l.node_id JOIN person p ON p.id = np.person_id "
        "WHERE l.kind = 'event' AND l.source_id = ? "
        "AND l.seq > (SELECT COALESCE(MAX(seq), 0) FROM log) - ? GROUP BY 1 ORDER BY 1 DESC",
        (DAY_MS, source.id, SEARCHED),
    )
    days = [
        MatchDay(from_ms(int(day) * DAY_MS).date().isoformat(), int(n), int(known), who, whom)
        for day, n, known, who, whom in rows[:DAYS]
    ]
    hints = await _hints(hub, source) if source.kind == "browser" else []
    return MatchRate(
        sum(day.events for day in days), sum(day.events_known for day in days), days, hints
    )


async def _hints(hub: Hub, source: SourceRow) -> list[str]:
    links = {
        row[0] for row in await hub.database.fetch(
            "SELECT DISTINCT name FROM log WHERE kind = 'link' AND source_id = ? "
            "AND seq > (SELECT COALESCE(MAX(seq), 0) FROM log) - ?",
            (source.id, SEARCHED),
        )
    }  # fmt: skip
    orders, keyed = await _orders(hub, source)
    connected = any(
        other.kind == "connector" and other.enabled and other.shop == source.shop
        for other in hub.sources.values()
    )
    found = {
        "no_secret": source.token_keys == (0, 0),
        "no_token": source.token_keys != (0, 0) and "shop token" not in links,
        "no_system": not connected,
        "no_keys": orders > keyed,
        "no_mail_link": "mail link" not in links,
        "ignored": source.browser_identify == "ignore",
    }
    return [name for name, true in found.items() if true]


async def _orders(hub: Hub, source: SourceRow) -> tuple[int, int]:
    """How many orders its pages told of, and how many of these with a key."""
    rows = await hub.database.fetch(
        "SELECT COUNT(*), SUM(CASE WHEN CAST(body AS TEXT) LIKE ? OR CAST(body AS TEXT) LIKE ? "
        "OR CAST(body AS TEXT) LIKE ? THEN 1 ELSE 0 END) FROM log "
        "WHERE kind = 'event' AND name = 'Order Completed' AND source_id = ? "
        "AND seq > (SELECT COALESCE(MAX(seq), 0) FROM log) - ?",
        (*(f"%{key}%" for key in KEYS), source.id, SEARCHED),
    )
    return int(rows[0][0]), int(rows[0][1] or 0)
