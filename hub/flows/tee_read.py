"""The difference between the hub and the old collector, per day and event name."""

from __future__ import annotations

import msgspec

from hub.clock import from_ms, to_ms
from hub.core import Hub
from hub.flows.log_window import first_seq_since
from hub.store.database import DAY_MS
from hub.store.models import Tee

DAYS = 14
HERE_SQL = (
    "SELECT received_at / 86400000, name, COUNT(*) FROM log "
    "WHERE seq >= ? AND seq <= ? AND source_id = ? AND kind = 'event' GROUP BY 1, 2"
)


class TeeLine(msgspec.Struct):
    """One event name of one day: kept here, taken there, refused there, not sent yet."""

    day: str
    name: str
    here: int = 0
    there: int = 0
    refused: int = 0
    reasons: list[str] = []

    @property
    def differs(self) -> bool:
        return self.here != self.there


class TeeReport(msgspec.Struct, frozen=True):
    url: str
    enabled: bool
    error: str
    waiting: int
    lines: list[TeeLine]


async def tee_report(hub: Hub, source_id: int) -> TeeReport | None:
    """What was kept here and taken there, newest day first, differences first; None: no tee.

    What is here is counted from the log itself, not from what was sent.
    """
    tee = await Tee.get_or_none(source_id=source_id)
    if tee is None:
        return None
    today = to_ms(hub.clock.now()) // DAY_MS
    lines: dict[tuple[int, str], TeeLine] = {}
    rows = await hub.database.fetch(
        "SELECT day, name, outcome, reason, n FROM tee_count WHERE source_id = ? AND day > ?",
        (source_id, today - DAYS),
    )
    for day, name, outcome, reason, n in rows:
        line = _line(lines, day, name)
        if outcome == "sent":
            line.there += n
        else:
            line.refused += n
            line.reasons.append(reason)
    since = max(tee.since + 1, await first_seq_since(hub, (today - DAYS + 1) * DAY_MS))
    for day, name, n in await hub.database.fetch(HERE_SQL, (since, hub.views.seq, source_id)):
        _line(lines, day, name).here = n
    pending = await hub.database.fetch(
        "SELECT COUNT(*) FROM log WHERE seq > ? AND source_id = ? AND kind = 'event'",
        (tee.seq, source_id),
    )
    ordered = sorted(lines.items(), key=lambda item: (-item[0][0], not item[1].differs, item[0][1]))
    return TeeReport(tee.url, tee.enabled, tee.error, pending[0][0], [line for _, line in ordered])


def _line(lines: dict[tuple[int, str], TeeLine], day: int, name: str) -> TeeLine:
    key = (day, name)
    if key not in lines:
        lines[key] = TeeLine(from_ms(day * DAY_MS).date().isoformat(), name, reasons=[])
    return lines[key]
