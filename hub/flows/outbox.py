"""The outbox: what a row is, and the sum that must come out: nothing planned is ever lost."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.core import Hub

# A reason that starts so waits for a person, not for the other side.
ATTENTION = "needs attention: "


class Due(msgspec.Struct, frozen=True):
    """One planned effect whose time has come. `node_id` is the node of the address itself."""

    id: int
    key: str
    channel: str
    kind: str
    purpose: str
    node_id: int
    attempts: int
    created_at: int
    payload: dict[str, Any]


class Accounting(msgspec.Struct, frozen=True):
    """How many rows were planned, and what became of them. `waiting`: planned or on their way."""

    planned: int
    waiting: int
    done: int
    failed: int
    suppressed: int
    unknown: int

    @property
    def balanced(self) -> bool:
        """Whether each planned row is in exactly one of the known places."""
        settled = self.done + self.failed + self.suppressed + self.unknown
        return self.planned == self.waiting + settled


async def outbox_accounting(hub: Hub) -> Accounting:
    """planned = waiting + done + failed + suppressed + unknown, over all time."""
    rows = await hub.database.fetch("SELECT state, COUNT(*) FROM outbox GROUP BY state")
    n: dict[str, int] = dict((state, count) for state, count in rows)
    return Accounting(
        planned=sum(n.values()),
        waiting=n.get("planned", 0) + n.get("leased", 0),
        done=n.get("done", 0),
        failed=n.get("failed", 0),
        suppressed=n.get("suppressed", 0),
        unknown=n.get("unknown", 0),
    )
