"""overview: the state of the workspace in numbers that add up, and what to do first."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from hub.catalogue.orders import COUNTING
from hub.clock import from_ms, to_ms
from hub.conditions.window import day_start, local_day
from hub.core import Hub
from hub.flows.accept import accounting
from hub.flows.log_window import first_seq_since

DAYS = 7
OUTBOX_STATES = ("planned", "leased", "done", "failed", "suppressed", "unknown")


class Intake(msgspec.Struct):
    """received = stored + duplicate + rejected."""

    received: int = 0
    stored: int = 0
    duplicate: int = 0
    rejected: int = 0
    reasons: dict[str, int] = {}


class Revenue(msgspec.Struct, frozen=True):
    currency: str
    orders: int
    total: int


class Period(msgspec.Struct, frozen=True):
    """Orders without the provisional ones of shops whose own system is connected."""

    intake: Intake
    revenue: list[Revenue]
    decisions: int
    viewed: int
    clicked: int


class Day(msgspec.Struct, frozen=True):
    day: str
    intake: Intake


class Step(msgspec.Struct, frozen=True):
    """One thing to do in the first week; `name` is known to the page that words it."""

    name: str
    done: bool


class Overview(msgspec.Struct, frozen=True):
    today: Period
    week: Period
    days: list[Day]
    people: int
    verified: int
    outbox: dict[str, int]
    refusals: dict[str, int]
    steps: list[Step]
    paused: bool


async def overview(hub: Hub) -> Overview:
    """The numbers of today and of the last seven days."""
    now = to_ms(hub.clock.now())
    today = local_day(now, hub.workspace.zone)
    since_today = day_start(today, hub.workspace.zone)
    since_week = day_start(today - timedelta(days=DAYS - 1), hub.workspace.zone)
    days = await _days(hub, now)
    people = await hub.database.fetch(
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN trusted = ? THEN 1 ELSE 0 END), 0) FROM person",
        (True,),
    )
    return Overview(
        today=await _period(hub, since_today, days[-1:]),
        week=await _period(hub, since_week, days),
        days=days,
        people=int(people[0][0]),
        verified=int(people[0][1]),
        outbox=await outbox_states(hub),
        refusals=await _refusals(hub, since_week),
        steps=await _steps(hub),
        paused=hub.workspace.pause_output,
    )


async def outbox_states(hub: Hub) -> dict[str, int]:
    """How many messages are in each state, all states named."""
    rows = await hub.database.fetch("SELECT state, COUNT(*) FROM outbox GROUP BY state")
    return {**dict.fromkeys(OUTBOX_STATES, 0), **{str(s): int(n) for s, n in rows}}


async def _days(hub: Hub, now: int) -> list[Day]:
    """The intake of the last days, the oldest first; a day without any has zeros."""
    first = from_ms(now).date() - timedelta(days=DAYS - 1)
    names = [(first + timedelta(days=i)).isoformat() for i in range(DAYS)]
    days = {name: Day(name, Intake()) for name in names}
    for line in await accounting(hub):
        day = days.get(line["day"])
        if day is None:
            continue
        total = day.intake
        total.received += line["received"]
        total.stored += line["stored"]
        total.duplicate += line["duplicate"]
        for reason, n in line["rejected"].items():
            total.rejected += n
            total.reasons[reason] = total.reasons.get(reason, 0) + n
    return [days[name] for name in names]


async def _period(hub: Hub, since: int, days: list[Day]) -> Period:
    total = Intake()
    for day in days:
        total.received += day.intake.received
        total.stored += day.intake.stored
        total.duplicate += day.intake.duplicate
        total.rejected += day.intake.rejected
        for reason, n in day.intake.reasons.items():
            total.reasons[reason] = total.reasons.get(reason, 0) + n
    decisions = await hub.database.fetch("SELECT COUNT(*) FROM decision WHERE at >= ?", (since,))
    promotions: dict[str, int] = dict(
        await hub.database.fetch(
            "SELECT name, COUNT(*) FROM log WHERE seq >= ? AND kind = 'event' "
            "AND name IN ('Promotion Viewed', 'Promotion Clicked') GROUP BY name",
            (await first_seq_since(hub, since),),
        )
    )
    return Period(
        intake=total,
        revenue=await _revenue(hub, since),
        decisions=int(decisions[0][0]),
        viewed=int(promotions.get("Promotion Viewed", 0)),
        clicked=int(promotions.get("Promotion Clicked", 0)),
    )


async def _revenue(hub: Hub, since: int) -> list[Revenue]:
    connected = {s.shop for s in hub.sources.values() if s.kind == "connector"}
    rows = await hub.database.fetch(
        "SELECT shop, currency, provisional, status, COUNT(*), SUM(total - refunded) "
        "FROM shop_order WHERE placed_at >= ? GROUP BY shop, currency, provisional, status",
        (since,),
    )
    found: dict[str, list[int]] = {}
    for shop, currency, provisional, status, n, total in rows:
        counts = shop not in connected if provisional else status in COUNTING
        if counts:
            line = found.setdefault(currency, [0, 0])
            line[0] += int(n)
            line[1] += int(total)
    return [Revenue(currency, n, total) for currency, (n, total) in sorted(found.items())]


async def _refusals(hub: Hub, since: int) -> dict[str, int]:
    rows = await hub.database.fetch(
        "SELECT reason, COUNT(*) FROM refusal WHERE at >= ? GROUP BY reason ORDER BY 2 DESC",
        (since,),
    )
    return {str(reason): int(n) for reason, n in rows}


async def _steps(hub: Hub) -> list[Step]:
    async def any_row(sql: str) -> bool:
        return bool(await hub.database.fetch(f"SELECT 1 FROM {sql} LIMIT 1"))  # noqa: S608

    browsers = [s.id for s in hub.sources.values() if s.kind == "browser"]
    seen = any(hub.seen.get(s) for s in browsers) or await any_row(
        "source WHERE kind = 'browser' AND last_seen > 0"
    )
    return [
        Step("source", bool(browsers)),
        Step("snippet", seen),
        Step("consent", await any_row("consent WHERE state = 'granted'")),
        Step("connector", await any_row("connection WHERE last_sync_at > 0")),
        Step("widget", bool(hub.published.widgets)),
    ]
