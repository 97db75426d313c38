"""activity: what happened on each of the last days, for a chart and for the table beside it."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from hub.catalogue.orders import COUNTING
from hub.clock import to_ms
from hub.conditions.window import day_start, local_day
from hub.core import Hub
from hub.flows.log_window import first_seq_since

PERIODS = (7, 30, 90)
VIEW = "Page Viewed"
# What was received when a day ended may still be on its way to the log.
SETTLED_MS = 10 * 60_000
OVER = -1
QUARTER_MS = 15 * 60_000  # every zone is a whole number of quarters away from UTC


class ActivityDay(msgspec.Struct, frozen=True):
    """A calendar day of the workspace.

    `events` and `views` (page views, a part of them) by when they arrived; `orders` by when they
    were placed, counted as everywhere: without cancelled ones, and without those that only a
    browser spoke of where the shop's own system is connected.
    """

    day: str
    events: int
    views: int
    orders: int


class Activity(msgspec.Struct, frozen=True):
    """The oldest day first; the last one is today."""

    zone: str
    days: list[ActivityDay]


async def activity(hub: Hub, days: int) -> Activity:
    """The last `days` days, today included."""
    past = _past(hub, days)
    orders = await _orders(hub, past[0][1], [day for day, _, _ in past])
    found = []
    for day, start, end in past:
        events, views = await _events(hub, start, end)
        found.append(ActivityDay(day.isoformat(), events, views, orders[day]))
    return Activity(hub.workspace.timezone, found)


async def count_past_days(hub: Hub) -> None:
    """Count what was not counted yet, the newest day first, so that no page waits for it."""
    for _, start, end in reversed(_past(hub, max(PERIODS))):
        if hub.closed_for:
            return
        await _events(hub, start, end)


def _past(hub: Hub, days: int) -> list[tuple[date, int, int]]:
    """Each day with its first moment and that of the next day."""
    zone = hub.workspace.zone
    today = local_day(to_ms(hub.clock.now()), zone)
    names = [today - timedelta(days=days - 1 - i) for i in range(days)]
    starts = [day_start(day, zone) for day in [*names, today + timedelta(days=1)]]
    return list(zip(names, starts, starts[1:], strict=False))


async def _events(hub: Hub, start: int, end: int) -> tuple[int, int]:
    """Events and page views received in [start, end).

    The log only grows: a day that is over is counted once, a day that goes on from where it was
    counted up to the last time.
    """
    known = hub.counted_days.get((start, end))
    if known is not None and known[0] == OVER:
        return known[1:]
    over = to_ms(hub.clock.now()) > end + SETTLED_MS
    first, events, views = known or (await first_seq_since(hub, start - SETTLED_MS), 0, 0)
    # Entries are numbered when they are stored, a little after they were received.
    last = await first_seq_since(hub, end + SETTLED_MS)
    rows = await hub.database.fetch(
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN name = ? THEN 1 ELSE 0 END), 0) FROM log "
        "WHERE seq >= ? AND seq < ? AND kind = 'event' AND received_at >= ? AND received_at < ?",
        (VIEW, first, last, start, end),
    )
    events, views = events + int(rows[0][0]), views + int(rows[0][1])
    hub.counted_days[start, end] = (OVER if over else last, events, views)
    while len(hub.counted_days) > 2 * max(PERIODS):
        del hub.counted_days[min(hub.counted_days)]
    return events, views


async def _orders(hub: Hub, since: int, days: list[date]) -> dict[date, int]:
    connected = {s.shop for s in hub.sources.values() if s.kind == "connector"}
    counts = dict.fromkeys(days, 0)
    rows = await hub.database.fetch(
        f"SELECT placed_at / {QUARTER_MS}, shop, provisional, status, COUNT(*) FROM shop_order "  # noqa: S608
        "WHERE placed_at >= ? GROUP BY 1, 2, 3, 4",
        (since,),
    )
    for quarter, shop, provisional, status, n in rows:
        day = local_day(int(quarter) * QUARTER_MS, hub.workspace.zone)
        if day in counts and (shop not in connected if provisional else status in COUNTING):
            counts[day] += int(n)
    return counts
