"""The numbers of each day, against the database and by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hub.clock import FixedClock, from_ms, to_ms
from hub.flows.activity import VIEW, activity, count_past_days
from tests.shop import Shop, open_shop, order, viewed

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def page() -> dict[str, str]:
    return {"type": "page", "anonymousId": "a"}


def seen(product: str) -> dict[str, object]:
    return {**viewed(product), "anonymousId": "a"}


async def numbers(shop: Shop, days: int = 7) -> dict[str, tuple[int, int, int]]:
    found = await activity(shop.hub, days)
    assert len(found.days) == days
    return {
        line.day: (line.events, line.views, line.orders)
        for line in found.days
        if line.events or line.orders
    }


async def by_hand(shop: Shop) -> dict[str, tuple[int, int]]:
    counts: dict[str, tuple[int, int]] = {}
    for name, at in await shop.hub.database.fetch(
        "SELECT name, received_at FROM log WHERE kind = 'event'"
    ):
        day = from_ms(at).astimezone(shop.hub.workspace.zone).date().isoformat()
        events, views = counts.get(day, (0, 0))
        counts[day] = (events + 1, views + (name == VIEW))
    return counts


async def test_each_day_counts_what_arrived_on_it(shop: Shop) -> None:
    await shop.send(page(), seen("p1"))
    shop.later(hours=10, minutes=59, seconds=59)  # 23:59:59 in Amsterdam
    await shop.send(page())
    shop.later(seconds=1)
    await shop.send(page(), page(), seen("p1"))
    assert await numbers(shop) == {"2026-11-23": (3, 2, 0), "2026-11-24": (3, 2, 0)}
    shop.later(days=2)
    await shop.send(seen("p2"))
    found = await numbers(shop)
    assert found == {"2026-11-23": (3, 2, 0), "2026-11-24": (3, 2, 0), "2026-11-26": (1, 0, 0)}
    assert {day: line[:2] for day, line in found.items()} == await by_hand(shop)
    assert (await activity(shop.hub, 7)).days[-1].day == "2026-11-26"
    assert (await numbers(shop, 30)) == found


async def test_days_that_are_over_are_counted_once(
    lite: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lite.send(page())
    lite.later(days=3)
    await lite.send(page())
    await count_past_days(lite.hub)
    scans = []
    real = lite.hub.database.fetch

    async def counted(sql: str, params: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        if "SUM(CASE WHEN name" in sql:
            scans.append(params)
        return await real(sql, params)

    monkeypatch.setattr(lite.hub.database, "fetch", counted)
    both = {"2026-11-23": (1, 1, 0), "2026-11-26": (1, 1, 0)}
    assert await numbers(lite) == both
    ((_, first, last, _, _),) = scans  # today alone, and of it what is new
    assert first == last == 3
    await lite.send(page())
    assert await numbers(lite, 90) == {**both, "2026-11-26": (2, 2, 0)}
    assert [params[1:3] for params in scans] == [(3, 3), (3, 4)]


async def test_a_hub_that_stops_counts_no_further(lite: Shop) -> None:
    lite.hub.closed_for["stop"] = "the hub is stopping"
    await count_past_days(lite.hub)
    assert lite.hub.counted_days == {}


async def test_an_event_that_was_on_its_way_at_midnight_is_not_lost(lite: Shop) -> None:
    lite.later(hours=11, seconds=30)  # half a minute past midnight
    before = await numbers(lite)
    late = to_ms(datetime(2026, 11, 23, 23, 59, 50, tzinfo=AMSTERDAM))
    await lite.send(page())
    await lite.hub.database.write([("UPDATE log SET received_at = ?", [(late,)])])
    assert before == {}
    assert await numbers(lite) == {"2026-11-23": (1, 1, 0)}


async def test_entries_stored_out_of_order_around_midnight_are_each_on_their_day(
    lite: Shop,
) -> None:
    lite.later(days=1)
    midnight = to_ms(datetime(2026, 11, 24, tzinfo=AMSTERDAM))
    await lite.send(page(), page(), page())
    moved: list[tuple[int, ...]] = [
        (midnight + 5_000, 1), (midnight - 2_000, 2), (midnight + 3_600_000, 3)
    ]  # fmt: skip
    await lite.hub.database.write([("UPDATE log SET received_at = ? WHERE seq = ?", moved)])
    assert await numbers(lite) == {"2026-11-23": (1, 1, 0), "2026-11-24": (2, 2, 0)}


async def test_orders_count_as_everywhere_else(shop: Shop) -> None:
    placed = datetime(2026, 11, 21, 23, 30, tzinfo=AMSTERDAM)
    await shop.report(
        order("1", placed_at=placed),
        order("2", placed_at=placed + timedelta(hours=1)),
        order("3", placed_at=placed, status="refunded"),
        order("4", placed_at=placed, status="cancelled"),
        order("5", placed_at=placed - timedelta(days=90)),
    )
    bought = {"type": "track", "event": "Order Completed", "anonymousId": "a",
              "properties": {"order_id": "6", "total": 9.95, "currency": "EUR"}}  # fmt: skip
    await shop.send(bought)  # a browser's word alone, in a shop whose own system is connected
    assert await numbers(shop) == {
        "2026-11-21": (0, 0, 2), "2026-11-22": (0, 0, 1), "2026-11-23": (1, 0, 0)
    }  # fmt: skip


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "Asia/Kolkata", "Pacific/Auckland"])
async def test_a_day_of_23_or_25_hours_is_one_day(tmp_path: Path, zone: str) -> None:
    clock = FixedClock(datetime(2026, 9, 20, tzinfo=ZoneInfo("UTC")))
    async with open_shop(tmp_path, clock=clock) as shop:
        await shop.hub.database.write([("UPDATE workspace SET timezone = ?", [(zone,)])])
        from hub.flows.workspace import load_workspace

        await load_workspace(shop.hub)
        for _ in range(120):  # over both changes of the clocks
            shop.later(hours=9)
            await shop.send(page())
        found = await numbers(shop, 90)
        assert {day: line[:2] for day, line in found.items()} == await by_hand(shop)
        assert sum(line[0] for line in found.values()) == 120
