"""Old behaviour leaves the log, and what it added up to stays: as opening balances.

A balance stands where the first removed entry of its node and source stood, so that a rebuild
meets who is known, and who was linked to whom, in the same order as before. What a state keeps of
single moments (newest products, counters, facts) is taken from the state itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import orjson

from hub.core import Hub
from hub.flows.apply import ORDER_NAMES
from hub.flows.batch import encode_state
from hub.flows.erase_rows import log_rows
from hub.flows.lake import mark, settle
from hub.flows.memory import select_in
from hub.profiles.state import NodeState, Seen
from hub.store.database import LogRow, Write

NODES = 200  # at a time
BALANCE = "Opening balance"


async def old_behaviour(hub: Hub, oldest: int, bound: int, *, dry: bool = False) -> int:
    """Replace events older than `oldest` by balances; answer how many entries went. `bound`: the
    first entry received since then; only people with an event before it are looked at."""
    rows = await hub.database.fetch(
        "SELECT DISTINCT node_id FROM log WHERE seq < ? AND kind = 'event' "
        "AND node_id IS NOT NULL AND name <> 'Order Completed' ORDER BY node_id",
        (bound,),
    )
    nodes = [row[0] for row in rows]
    gone = 0
    for start in range(0, len(nodes), NODES):
        part = nodes[start : start + NODES]
        async with hub.views.lock:  # briefly: pages are answered in between
            gone += await _shorten(hub, part, oldest, dry=dry)
    if gone and not dry:
        await settle(hub.settings)
    return gone


async def _shorten(hub: Hub, nodes: Sequence[int], oldest: int, *, dry: bool) -> int:
    old: dict[int, list[LogRow]] = {}
    for row in await log_rows(hub, nodes):
        kept = row.name in ORDER_NAMES or row.kind not in ("event", "balance")
        if not kept and row.at < oldest and row.seq <= hub.views.seq and row.node_id:
            old.setdefault(row.node_id, []).append(row)
    old = {node: rows for node, rows in old.items() if any(r.kind == "event" for r in rows)}
    if dry:
        return sum(row.kind == "event" for rows in old.values() for row in rows)
    states = {
        row[0]: msgspec.json.decode(row[1], type=NodeState)
        for row in await select_in(
            hub.database, "SELECT node_id, state FROM node_state WHERE node_id IN", old
        )
    }
    order_keys = {leaf.key for n in ORDER_NAMES for leaf in hub.published.by_event.get(n, ())}
    writes: list[Write] = []
    gone = 0
    for node, rows in old.items():
        carried = _moments(states.get(node, NodeState()), oldest, order_keys)
        more, n = _balances(rows, carried, hub.views.seq)
        writes += more
        gone += n
    if writes:
        mark(hub.settings, (), (row.seq for rows in old.values() for row in rows))
        await hub.database.write(writes)
    return gone


def _moments(state: NodeState, oldest: int, order_keys: set[str]) -> NodeState:
    """What the state keeps of moments before `oldest`."""
    return NodeState(
        traits={key: trait for key, trait in state.traits.items() if trait.at < oldest},
        viewed={product: at for product, at in state.viewed.items() if at < oldest},
        shown=_before(state.shown, oldest),
        touches={key: touch for key, touch in state.touches.items() if touch.at < oldest},
        counters=_before(
            {k: times for k, times in state.counters.items() if k not in order_keys}, oldest
        ),
    )


def _before(times: Mapping[str, Sequence[int]], oldest: int) -> dict[str, list[int]]:
    found = {key: [at for at in listed if at < oldest] for key, listed in times.items()}
    return {key: listed for key, listed in found.items() if listed}


def _balances(rows: Sequence[LogRow], carried: NodeState, cursor: int) -> tuple[list[Write], int]:
    """One balance per source, in the place of its first entry; links stay where they were.

    The entry at the projector's cursor stays too: numbers are given out after the highest one, and
    one given out twice would not be projected.
    """
    groups: dict[int, list[LogRow]] = {}
    for row in rows:
        groups.setdefault(row.source_id, []).append(row)
    change = f"UPDATE log SET kind = 'balance', name = '{BALANCE}', body = ? WHERE seq = ?"  # noqa: S608
    writes: list[Write] = []
    gone = 0
    for i, group in enumerate(groups.values()):
        balance = _sum(group, carried if i == 0 else NodeState())
        first, *rest = group
        held = [row for row in rest if row.links or row.seq == cursor]
        removed = [(row.seq,) for row in rest if not row.links and row.seq != cursor]
        writes += [
            (change, [(encode_state(balance), first.seq), *(("{}", row.seq) for row in held)]),
            ("DELETE FROM log WHERE seq = ?", removed),
        ]
        gone += sum(row.kind == "event" for row in group)
    return [(sql, listed) for sql, listed in writes if listed], gone


def _sum(rows: Sequence[LogRow], carried: NodeState) -> NodeState:
    total = msgspec.structs.replace(carried)
    for row in rows:
        if row.kind == "event":
            _add(total, {row.name: Seen(1, row.at, row.at)}, 1)
        else:
            earlier = msgspec.convert(orjson.loads(row.body), NodeState)
            _add(total, earlier.seen, earlier.events)
    moments = [at for seen in total.seen.values() for at in (seen.first, seen.last)]
    total.first, total.last = min(moments, default=0), max(moments, default=0)
    return total


def _add(total: NodeState, more: Mapping[str, Seen], events: int) -> None:
    total.events += events
    for name, seen in more.items():
        old = total.seen.get(name, Seen(0, seen.first, seen.last))
        total.seen[name] = Seen(
            old.n + seen.n, min(old.first, seen.first), max(old.last, seen.last)
        )
