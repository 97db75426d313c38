"""Time windows that end now: `within: {days: 7}`.

A window is half-open, [start, now). Days and weeks are whole calendar days in the workspace's
zone, today included, so that a day is the shop's day also when the clocks change; hours and
minutes are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from hub.sdk.parsing import Place

_MINUTE: Final = 60_000
_EXACT: Final = {"minutes": _MINUTE, "hours": 60 * _MINUTE}
_DAYS: Final = {"days": 1, "weeks": 7}
_LONGEST: Final = {"minutes": 5_270_400, "hours": 87_840, "days": 3_660, "weeks": 522}
UNITS: Final = tuple(_LONGEST)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """The last `amount` minutes, hours, days or weeks."""

    unit: str
    amount: int

    @classmethod
    def parse(cls, data: object, place: Place) -> Window:
        """Read `{days: 7}`."""
        unit, amount = place.single(data, UNITS)
        return cls(unit, place.key(unit).whole(amount, 1, _LONGEST[unit]))

    def dump(self) -> dict[str, int]:
        """The canonical plain data."""
        return {self.unit: self.amount}

    def sentence(self) -> str:
        """The window in words."""
        if (self.unit, self.amount) == ("days", 1):
            return "today"
        if self.amount == 1:
            return f"in the last {self.unit[:-1]}"
        return f"in the last {self.amount} {self.unit}"

    def start(self, now: int, zone: ZoneInfo) -> int:
        """The first millisecond that lies in the window at `now`."""
        exact = _EXACT.get(self.unit)
        if exact is not None:
            return now - exact * self.amount
        days = _DAYS[self.unit] * self.amount
        return day_start(local_day(now, zone) - timedelta(days=days - 1), zone)

    def leaves(self, at: int, zone: ZoneInfo) -> int:
        """The first moment at which an event of time `at` has left the window."""
        exact = _EXACT.get(self.unit)
        if exact is not None:
            return at + exact * self.amount + 1
        days = _DAYS[self.unit] * self.amount
        return day_start(local_day(at, zone) + timedelta(days=days), zone)


# One page asks many rules about the same moments.
@lru_cache(maxsize=4096)
def local_day(at: int, zone: ZoneInfo) -> date:
    """The calendar day in the zone on which a moment falls."""
    return local_time(at, zone).date()


def local_time(at: int, zone: ZoneInfo) -> datetime:
    """A moment on the zone's clock."""
    return (_EPOCH + timedelta(milliseconds=at)).astimezone(zone)


@lru_cache(maxsize=4096)
def day_start(day: date, zone: ZoneInfo) -> int:
    """The first millisecond of a calendar day in the zone.

    Where the clocks skip midnight, that is the moment of the change; where midnight happens
    twice, the first one: both are what fold=0 means.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return (midnight.astimezone(UTC) - _EPOCH) // timedelta(milliseconds=1)


def settled(now: int, newest: int | None) -> int:
    """A `now` at which every stored event lies in the past, as counters require."""
    return now if newest is None else max(now, newest + 1)
