"""sources as people see them: keys, the snippet line, when last seen, and what became of events."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.core import Hub, SourceRow
from hub.flows.accept import accounting
from hub.flows.sources import load_sources
from hub.store.models import Source


class SourceLine(msgspec.Struct, frozen=True):
    source: SourceRow
    last_seen: int
    received: int
    stored: int
    duplicate: int
    rejected: int


class AccountDay(msgspec.Struct, frozen=True):
    day: str
    received: int
    stored: int
    duplicate: int
    conflict: int
    rejected: dict[str, int]


async def list_sources(hub: Hub) -> list[SourceLine]:
    """All sources with their totals over all days."""
    days = await accounting(hub)
    seen: dict[int, int] = dict(await hub.database.fetch("SELECT id, last_seen FROM source"))
    return [_line(hub, s, int(seen.get(s.id) or 0), days) for s in hub.sources.values()]


async def source_days(hub: Hub, source_id: int) -> list[AccountDay]:
    """received = stored + duplicate + rejected(reason), day by day, the newest first."""
    return [
        msgspec.convert({k: v for k, v in day.items() if k != "source_id"}, AccountDay)
        for day in await accounting(hub)
        if day["source_id"] == source_id
    ][:60]


def snippet_line(hub: Hub, source: SourceRow) -> str:
    """What a shop puts on its pages."""
    return script_tag(hub.settings.origin, source.write_key)


def script_tag(origin: str, key: str) -> str:
    """The line that loads the snippet from the hub at `origin`."""
    return f'<script async src="{origin}/s.js" data-key="{key}"></script>'


async def change_source(hub: Hub, source_id: int, *, identify: str, enabled: bool) -> None:
    """Believe or ignore what browsers say of identity; take events or refuse them."""
    if identify not in ("claim", "ignore"):
        raise ValueError("browser_identify: choose claim or ignore")
    await Source.filter(id=source_id).update(browser_identify=identify, enabled=enabled)
    await load_sources(hub)


def _line(hub: Hub, source: SourceRow, seen: int, days: list[dict[str, Any]]) -> SourceLine:
    mine = [day for day in days if day["source_id"] == source.id]
    return SourceLine(
        source,
        max(seen, hub.seen.get(source.id, 0)),
        sum(day["received"] for day in mine),
        sum(day["stored"] for day in mine),
        sum(day["duplicate"] for day in mine),
        sum(sum(day["rejected"].values()) for day in mine),
    )
