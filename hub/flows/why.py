"""why: any decision is asked again from its record: same inputs, same answer, with reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import orjson

from hub.conditions.facts import EventFacts, EventRow
from hub.core import Hub
from hub.decisions.decide import Standpoint, Visit, decide
from hub.decisions.published import Published
from hub.flows.apply import apply_row
from hub.flows.batch import Batch
from hub.flows.decide import Record, context_of
from hub.flows.draw import drawing
from hub.flows.facts import trait_values
from hub.flows.memory import Memory, select_in
from hub.flows.project import order_keys
from hub.flows.publish import WIDGET, read
from hub.profiles.state import NodeState, combine
from hub.store.database import LOG_COLUMNS, LogRow


class Explained(msgspec.Struct):
    """One widget's part in a decision. `tree` are the reasons of its rule, leaf by leaf."""

    widget: str
    version: int
    slot: str
    won: bool
    reason: str
    tree: dict[str, Any] | None = None


class Why(msgspec.Struct):
    """A decision, re-run. `agrees`: the answer is the one that was given."""

    id: str
    at: int
    page: str
    agrees: bool
    widgets: list[Explained]


async def why(hub: Hub, decision_id: str) -> Why | None:
    """Re-run a decision from its record, or None when it is not on record."""
    await hub.decisions.flush()
    rows = await hub.database.fetch(
        "SELECT at, seq, record FROM decision WHERE id = ?", (decision_id,)
    )
    if not rows:
        return None
    at, seq, text = rows[0]
    record = msgspec.json.decode(text, type=Record)
    state, events = await as_of(hub, record.nodes, seq)
    published = await _published(hub, record.versions)
    facts = EventFacts(
        events,
        trait_values(state),
        zone=hub.workspace.zone,
        context=context_of(record.request),
    )
    outcome = decide(
        published,
        Visit(record.shop, record.request.locale, tuple(record.request.slots)),
        Standpoint(state.consents, state.shown, record.paused),
        facts,
        lambda widget: [{"product_id": p} for p in record.products.get(widget.key, [])],
        record.now,
        draw=drawing(hub, record.request.locale, record.now),
    )
    lost = {loser.widget: loser.reason for loser in outcome.losers}
    won = {winner.widget.key for winner in outcome.winners}
    widgets = []
    for widget in published.ordered:
        tree = widget.when.evaluate(facts, record.now).reason().dump() if widget.when else None
        reason = lost.get(widget.key, "") or "highest priority of those that fit"
        widgets.append(
            Explained(widget.key, widget.version, widget.slot, widget.key in won, reason, tree)
        )
    widgets.sort(key=lambda part: not part.won)  # what was shown first, then by priority
    return Why(decision_id, at, record.request.page.url, won == set(record.won), widgets)


async def as_of(hub: Hub, nodes: Sequence[int], seq: int) -> tuple[NodeState, list[EventRow]]:
    """What was known of these nodes when the log ended at `seq`, and their events."""
    memory = Memory(hub.catalogue)
    await memory.load(hub.database, [])
    rows = await _entries(hub, nodes, seq)
    # Refunds and deletions stand under the number of the order, not under its buyer.
    orders = await _order_nodes(hub, order_keys(rows, hub.sources))
    rows += await _entries(hub, orders, seq)
    memory.nodes.update({node: ("device", str(node), "") for node in nodes})
    memory.nodes.update({node: ("order", str(node), "") for node in orders})
    batch = Batch(memory)
    for row in sorted(rows, key=lambda r: r.seq):
        source = hub.sources[row.source_id]
        # Who belonged to whom is in the record already: links play no part here.
        unlinked = msgspec.structs.replace(row, links="")
        apply_row(batch, unlinked, source, {})
    state = combine(memory.states[node] for node in sorted(memory.states))
    events = [
        EventRow(row.name, row.at, orjson.loads(row.body).get("properties") or {})
        for row in rows
        if row.kind == "event" and row.name != "Order Completed"
    ]
    events += [EventRow(o.name, o.at, o.properties) for o in state.orders.values()]
    return state, events


async def _entries(hub: Hub, nodes: Sequence[int], seq: int) -> list[LogRow]:
    rows = await select_in(
        hub.database,
        f"SELECT {LOG_COLUMNS} FROM log WHERE seq <= ? AND node_id IN",  # noqa: S608
        nodes,
        (seq,),
    )
    return [LogRow(*row) for row in rows]


async def _order_nodes(hub: Hub, keys: set[tuple[str, str]]) -> list[int]:
    found: list[int] = []
    for shop in sorted({shop for shop, _ in keys}):
        ids = [order_id for s, order_id in keys if s == shop]
        rows = await select_in(
            hub.database,
            "SELECT id FROM node WHERE type = 'order' AND namespace = ? AND value IN",
            ids,
            (shop,),
        )
        found += [row[0] for row in rows]
    return found


async def _published(hub: Hub, versions: dict[str, int]) -> Published:
    widgets = []
    for key, version in versions.items():
        rows = await hub.database.fetch(
            "SELECT yaml FROM config_version WHERE kind = ? AND key = ? AND version = ?",
            (WIDGET, key, version),
        )
        if rows:
            widgets.append(read(hub, key, version, rows[0][0]))
    return Published(widgets)
