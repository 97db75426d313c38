"""A refused event on its way to be kept."""

from __future__ import annotations

import msgspec


class Letter(msgspec.Struct, frozen=True):
    """A refused event. `field`: where it failed; `events`: how many were counted as refused."""

    source_id: int
    at: int
    field: str
    reason: str
    raw: bytes
    kind: str = ""
    device: str = ""
    sent_at: str = ""
    events: int = 1
