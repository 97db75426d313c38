"""A clock, a state and waits that tests hold in their hands, and a client for this machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from hub.sdk.client import HttpClient, Limits
from hub.sdk.guard import Guard
from hub.sdk.records import Identifier
from hub.sdk.state import MAX_BYTES, StateKey, check_key

__all__ = ["MemoryState", "SteppingClock", "Waits", "quick_client"]


class SteppingClock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def advance(self, seconds: float) -> None:
        """Move on."""
        self._at += timedelta(seconds=seconds)


class MemoryState:
    """A plugin's state, kept as JSON text as the hub would."""

    def __init__(self, declared: Sequence[StateKey] | None = None) -> None:
        """`declared`: refuse other keys, as the hub does; None: take any."""
        self._declared = declared
        self._rows: dict[tuple[str, Identifier | None], bytes] = {}

    @property
    def keys(self) -> list[tuple[str, Identifier | None]]:
        """Every key that is kept, with the person whom it is about."""
        return list(self._rows)

    async def get(self, key: str, person: Identifier | None = None) -> Any | None:
        self._check(key, person)
        row = self._rows.get((key, person))
        return None if row is None else orjson.loads(row)

    async def put(self, key: str, value: Any, person: Identifier | None = None) -> None:
        self._check(key, person)
        row = orjson.dumps(value)
        if len(row) > MAX_BYTES:
            raise ValueError(f"state '{key}' is larger than {MAX_BYTES // 1024} KB")
        self._rows[key, person] = row

    async def delete(self, key: str, person: Identifier | None = None) -> None:
        self._check(key, person)
        self._rows.pop((key, person), None)

    def dump(self) -> str:
        """All keys and values as one text, to search in."""
        return " ".join(
            f"{key} {person}={row.decode()}" for (key, person), row in self._rows.items()
        )

    def _check(self, key: str, person: Identifier | None) -> None:
        if self._declared is not None:
            check_key(self._declared, key, person)


class Waits:
    """Stands in for sleeping: remembers how long it was asked to wait."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def quick_client(
    clock: SteppingClock, waits: Waits, allow: Iterable[str] = ("127.0.0.1",)
) -> HttpClient:
    """A client that may call this machine, never really sleeps, and gives up soon."""
    limits = Limits(connect=2, read=5, total=5, attempts=3)
    return HttpClient(
        clock, guard=Guard(frozenset(allow)), limits=limits, sleep=waits, jitter=lambda: 0.5
    )
