"""measures: figures of the store that are read when somebody watches, never on the way of a 200."""

from __future__ import annotations

import msgspec

from hub.clock import to_ms
from hub.core import Hub
from hub.flows.overview import outbox_states
from hub.store.database import StoreUnavailable

# Why the gate holds a message back, as far as the reasons are told apart.
REFUSALS = (
    "all output is paused", "the address is suppressed", "cap reached", "no recorded basis",
    "withdrawn after the request", "consent is denied", "consent is withdrawn",
    "too old to be sent",
)  # fmt: skip


class Measures(msgspec.Struct):
    """`lag_entries`: what the projector has not stored yet; `lag_seconds`: the age of the oldest.

    A figure that can not be read now is None, and `readable` is false.
    """

    readable: bool = True
    log_entries: int | None = None
    lag_entries: int | None = None
    lag_seconds: float | None = None
    outbox: dict[str, int] = {}
    refusals: dict[str, int] = {}
    connections: dict[tuple[str, str], int] = {}  # (connector, status)
    last_sync: dict[str, int] = {}  # connector -> when its oldest connection was read, ms
    database_bytes: int | None = None
    wal_bytes: int | None = None


async def measure(hub: Hub) -> Measures:
    """All figures; a database that does not answer leaves out its own."""
    found = Measures()
    try:
        await _lag(hub, found)
        found.outbox = await outbox_states(hub)
        found.refusals = await _refusals(hub)
        await _connections(hub, found)
        await _sizes(hub, found)
    except StoreUnavailable:
        found.readable = False
    return found


async def _lag(hub: Hub, found: Measures) -> None:
    rows = await hub.database.fetch("SELECT COALESCE(MAX(seq), 0) FROM log")
    found.log_entries = int(rows[0][0])
    projected = hub.views.seq
    found.lag_entries = max(0, found.log_entries - projected)
    oldest = await hub.database.fetch(
        "SELECT received_at FROM log WHERE seq > ? ORDER BY seq LIMIT 1", (projected,)
    )
    age = to_ms(hub.clock.now()) - int(oldest[0][0]) if oldest else 0
    found.lag_seconds = max(0, age) / 1000


async def _refusals(hub: Hub) -> dict[str, int]:
    counts = dict.fromkeys((*REFUSALS, "other"), 0)
    for reason, n in await hub.database.fetch(
        "SELECT reason, COUNT(*) FROM refusal GROUP BY reason"
    ):
        short = str(reason).partition(":")[0]
        counts[short if short in counts else "other"] += int(n)
    return counts


async def _connections(hub: Hub, found: Measures) -> None:
    rows = await hub.database.fetch(
        "SELECT connector, status, COUNT(*), MIN(last_sync_at) FROM connection "
        "GROUP BY connector, status"
    )
    for connector, status, n, oldest in rows:
        found.connections[str(connector), str(status)] = int(n)
        known = found.last_sync.get(connector)
        found.last_sync[connector] = int(oldest) if known is None else min(known, int(oldest))


async def _sizes(hub: Hub, found: Measures) -> None:
    if hub.database.dialect == "postgres":
        rows = await hub.database.fetch("SELECT pg_database_size(current_database())")
        found.database_bytes = int(rows[0][0])
        return
    file = hub.settings.data_dir / "hub.db"
    wal = file.with_name("hub.db-wal")
    found.database_bytes = file.stat().st_size
    found.wal_bytes = wal.stat().st_size if wal.exists() else 0
