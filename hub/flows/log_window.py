"""Finding a stretch of the log by time, without an index on time: seq grows as time does."""

from __future__ import annotations

from hub.core import Hub


async def first_seq_since(hub: Hub, at: int) -> int:
    """The lowest seq received at `at` or later, to within a batch; one past the end if none."""
    rows = await hub.database.fetch("SELECT COALESCE(MAX(seq), 0) FROM log")
    low, high = 1, int(rows[0][0]) + 1
    while low < high:
        middle = (low + high) // 2
        found = await hub.database.fetch(
            "SELECT seq, received_at FROM log WHERE seq >= ? ORDER BY seq LIMIT 1", (middle,)
        )
        if not found or found[0][1] >= at:
            high = middle
        else:
            low = int(found[0][0]) + 1
    return low
