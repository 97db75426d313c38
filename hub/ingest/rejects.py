"""The last rejected events, to be shown to whoever sends them."""

from __future__ import annotations

from collections import deque

import msgspec

KEPT = 200


class RejectedEvent(msgspec.Struct, frozen=True):
    """`at` in ms; `sample` is the start of what was sent."""

    at: int
    source_id: int
    reason: str
    sample: str


class Rejects:
    """Kept in memory only; the counts are in the accounting."""

    def __init__(self) -> None:
        self.newest: deque[RejectedEvent] = deque(maxlen=KEPT)
