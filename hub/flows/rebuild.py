"""rebuild: throw every projection away and make it again from the log."""

from __future__ import annotations

from collections.abc import Callable

from hub.core import Hub
from hub.flows.memory import Memory
from hub.flows.project import Projector
from hub.flows.publish import counters_of
from hub.identity.rules import make_rules

# The log, the outputs and the settings stay; everything here follows from them.
PROJECTED = (
    "cursor", "node_state", "node_person", "link", "person", "consent", "product", "shop_order",
    "order_line", "order_event",
)  # fmt: skip


async def rebuild(hub: Hub, progress: Callable[[int, int], None] = lambda done, of: None) -> int:
    """Project the whole log again; answer its last seq. Effects are planned once only: their
    keys are still in the outbox."""
    last = (await hub.database.fetch("SELECT COALESCE(MAX(seq), 0) FROM log"))[0][0]
    async with hub.views.lock:
        await hub.database.write([(f"DELETE FROM {table}", [()]) for table in PROJECTED])  # noqa: S608
        hub.catalogue.clear()
        fresh = Projector(
            hub.database, Memory(hub.catalogue, make_rules(hub.settings.merging)),
            lambda: hub.sources, lambda: counters_of(hub.published),
        )  # fmt: skip
        while await fresh.step():
            progress(fresh.seq, last)
        hub.views.restart(fresh.seq)
    await hub.dictionary.again()
    return int(last)
