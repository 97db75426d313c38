"""Windows: exact hours, whole days in the shop's zone, and when an event leaves."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.conditions.window import UNITS, Window, day_start, local_day, settled
from hub.sdk.conditions import InvalidCondition, Place, to_ms

ZONES = ["UTC", "Europe/Brussels", "America/Sao_Paulo", "Africa/Cairo", "America/Havana",
         "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe"]  # fmt: skip


def ms(text: str) -> int:
    return to_ms(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("zone", "now", "days", "start"),
    [
        ("Europe/Brussels", "2026-03-29T12:00:00+02:00", 1, "2026-03-29T00:00:00+01:00"),
        ("Europe/Brussels", "2026-03-30T12:00:00+02:00", 2, "2026-03-29T00:00:00+01:00"),
        ("Europe/Brussels", "2026-10-25T12:00:00+01:00", 1, "2026-10-25T00:00:00+02:00"),
        ("Europe/Brussels", "2026-10-26T00:00:00+01:00", 2, "2026-10-25T00:00:00+02:00"),
        # Midnight itself is skipped: the day begins at one o'clock.
        ("America/Sao_Paulo", "2018-11-04T12:00:00-02:00", 1, "2018-11-04T01:00:00-02:00"),
        ("Africa/Cairo", "2026-04-24T12:00:00+03:00", 1, "2026-04-24T01:00:00+03:00"),
        # Midnight comes twice: the day begins at the first.
        ("America/Havana", "2025-11-02T12:00:00-05:00", 1, "2025-11-02T00:00:00-04:00"),
        ("UTC", "2026-06-10T00:00:00+00:00", 7, "2026-06-04T00:00:00+00:00"),
    ],
)
def test_days_are_calendar_days(zone: str, now: str, days: int, start: str) -> None:
    assert Window("days", days).start(ms(now), ZoneInfo(zone)) == ms(start)


def test_a_week_is_seven_days_and_hours_are_exact() -> None:
    zone, now = ZoneInfo("Europe/Brussels"), ms("2026-03-29T12:00:00+02:00")
    assert Window("weeks", 1).start(now, zone) == Window("days", 7).start(now, zone)
    assert Window("hours", 24).start(now, zone) == now - 86_400_000
    assert Window("minutes", 5).start(now, zone) == now - 300_000


@given(
    at=st.integers(ms("2017-01-01T00:00:00Z"), ms("2027-01-01T00:00:00Z")),
    window=st.builds(Window, st.sampled_from(UNITS), st.integers(1, 9)),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
)
def test_an_event_is_inside_until_it_leaves(at: int, window: Window, zone: ZoneInfo) -> None:
    gone = window.leaves(at, zone)
    assert window.start(at + 1, zone) <= at
    assert window.start(gone - 1, zone) <= at < window.start(gone, zone)


@given(
    at=st.integers(ms("2017-01-01T00:00:00Z"), ms("2027-01-01T00:00:00Z")),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
)
def test_a_day_starts_at_its_first_millisecond(at: int, zone: ZoneInfo) -> None:
    day = local_day(at, zone)
    start = day_start(day, zone)
    assert start <= at
    assert local_day(start, zone) == day
    assert local_day(start - 1, zone) < day


@pytest.mark.parametrize(
    "data",
    [{}, 7, {"days": 0}, {"days": 1.5}, {"days": True}, {"days": "7"}, {"days": 10**9},
     {"months": 1}, {"days": 1, "hours": 1}, {"minutes": -5}, None],
)  # fmt: skip
def test_a_wrong_window_is_refused(data: object) -> None:
    with pytest.raises(InvalidCondition, match=r"^when\.did\.within"):
        Window.parse(data, Place("when.did.within"))


def test_counters_are_asked_after_their_newest_event() -> None:
    assert settled(5, None) == 5
    assert settled(5, 5) == 6
    assert settled(9, 5) == 9
