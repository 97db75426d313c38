"""The only place that reads the computer's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that moves only when told to: for tests, replays and what-if runs."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> None:
        self._at += by


def to_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970 UTC of an aware datetime."""
    return round(moment.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    """The aware UTC datetime of milliseconds since 1970."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def read_moment(text: str, zone: ZoneInfo) -> datetime:
    """An ISO 8601 date or time as UTC; without a zone it is the time of `zone`. Raises
    ValueError with what is expected."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text[:40]!r}: a moment such as 2026-11-23T14:00") from error
