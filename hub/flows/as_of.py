"""as_of: a person as she was known at a moment of the past.

The log up to that moment is projected again, for her alone, by the very code that projects it for
everybody: what it shows is what was known then, who was held to be one person included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import orjson

from hub.catalogue.products import Catalogue
from hub.core import Hub
from hub.flows.apply import apply_row
from hub.flows.batch import Batch, History, Said
from hub.flows.history import vouched
from hub.flows.joining import APART_KINDS
from hub.flows.memory import Memory, select_in
from hub.flows.people import TraitLine, person_nodes
from hub.flows.project import order_keys
from hub.identity.rules import make_rules
from hub.profiles.state import NodeState, display_name
from hub.sdk.errors import HubError
from hub.store.database import LOG_COLUMNS, LogRow

MAX_NODES = 2000
MAX_ENTRIES = 20_000


class TooMuch(HubError):
    """More entries than one page may go through."""


class Known(msgspec.Struct, frozen=True):
    """One identifier of the person, as known then."""

    type: str
    namespace: str
    value: str
    trusted: bool


class ConsentThen(msgspec.Struct, frozen=True):
    purpose: str
    channel: str
    state: str
    basis: str
    at: int


class OrderThen(msgspec.Struct, frozen=True):
    shop: str
    order_id: str
    status: str
    placed_at: int
    currency: str
    total: int
    refunded: int
    provisional: bool


class PersonThen(msgspec.Struct, frozen=True):
    """`entries` of the log tell it. `removed_until`: what retention took away before this moment
    is there as sums only, which is why the picture is not exact; 0 when nothing is missing."""

    at: int
    person_id: int
    name: str
    entries: int
    first_seen: int
    last_seen: int
    events: int
    seen: dict[str, int]
    traits: list[TraitLine]
    identifiers: list[Known]
    consents: list[ConsentThen]
    orders: list[OrderThen]
    viewed: list[str]
    removed_until: int = 0


async def person_then(hub: Hub, person_id: int, at: int) -> PersonThen | None:
    """The person at `at` (ms); None when nobody has this number or nothing was known yet. Raises
    TooMuch."""
    own = await person_nodes(hub, person_id)
    if not own:
        return None
    nodes = await _around(hub, own)
    rows = await _rows(hub, nodes, at)
    more = await _with_orders(hub, nodes, rows)
    if more != nodes:
        nodes, rows = more, await _rows(hub, more, at)
    memory = Memory(Catalogue(), make_rules(hub.settings.merging))
    batch = await _project(hub, memory, nodes, rows)
    there = [node for node in own if node in memory.graph]
    if not there:
        return None
    return _picture(memory, batch, there, rows, at)


async def _around(hub: Hub, own: Sequence[int]) -> set[int]:
    """All identifiers that links of any kind lead to from hers."""
    nodes, edge = set[int](), set(own)
    while edge:
        nodes |= edge
        if len(nodes) > MAX_NODES:
            raise TooMuch(f"more than {MAX_NODES} identifiers hang together here")
        near: set[int] = set()
        for head in ("SELECT b FROM link WHERE a IN", "SELECT a FROM link WHERE b IN"):
            near.update(row[0] for row in await select_in(hub.database, head, edge))
        edge = near - nodes
    return nodes


async def _with_orders(hub: Hub, nodes: set[int], rows: Sequence[LogRow]) -> set[int]:
    """Also those who say something of the orders that these entries speak of: the orders' own
    numbers, and whose they are held to be."""
    found = set(nodes)
    for shop, order_id in sorted(order_keys(rows, hub.sources)):
        for (node_id,) in await hub.database.fetch(
            "SELECT id FROM node WHERE namespace = ? AND type = 'order' AND value = ? "
            "UNION SELECT node_id FROM shop_order WHERE shop = ? AND order_id = ? "
            "AND node_id IS NOT NULL",
            (shop, order_id, shop, order_id),
        ):
            found.add(node_id)
    return found


async def _rows(hub: Hub, nodes: set[int], at: int) -> list[LogRow]:
    found = await select_in(
        hub.database,
        f"SELECT {LOG_COLUMNS} FROM log WHERE received_at <= ? AND node_id IN",  # noqa: S608
        nodes,
        (at,),
    )
    if len(found) > MAX_ENTRIES:
        raise TooMuch(f"more than {MAX_ENTRIES} entries tell of this person; export her instead")
    return sorted((LogRow(*row) for row in found), key=lambda row: row.seq)


async def _project(hub: Hub, memory: Memory, nodes: set[int], rows: Sequence[LogRow]) -> Batch:
    last = rows[-1].seq if rows else 0
    shared = await hub.database.fetch(
        "SELECT a FROM link WHERE strength = 'shared' AND seq <= ?", (last,)
    )
    memory.shared = {row[0] for row in shared}
    memory.graph.shared = set(memory.shared)
    linked = {n for row in rows if row.links for n, _ in orjson.loads(row.links)}
    for node_id, kind, value, namespace in await select_in(
        hub.database, "SELECT id, type, value, namespace FROM node WHERE id IN", nodes | linked
    ):
        memory.nodes[node_id] = (kind, value, namespace)
    batch = Batch(memory)
    said: list[Said] = []
    for row in rows:
        if row.kind in APART_KINDS:
            batch.history[row.seq] = History(tuple(sorted(nodes | linked)), tuple(said))
        source = hub.sources[row.source_id]
        apply_row(batch, row, source, {})
        if row.node_id is not None and row.kind not in (*APART_KINDS, "correction"):
            proved = vouched(source, row.body if row.kind == "consent" else None)
            said.append(Said(row.seq, row.node_id, row.links or "", row.source_id, proved))
    return batch


def _picture(
    memory: Memory, batch: Batch, there: Sequence[int], rows: Sequence[LogRow], at: int
) -> PersonThen:
    person_id = memory.graph.place(min(there)).person_id
    members = sorted(memory.graph.members(person_id))
    state = memory.person_view(person_id)
    places = [memory.graph.place(node) for node in members]
    orders = [
        OrderThen(o.shop, o.order_id, o.status, o.placed_at, o.currency, o.total, o.refunded,
                  o.provisional)
        for o in batch.orders.values() if o.node_id in members
    ]  # fmt: skip
    return PersonThen(
        at=at,
        person_id=person_id,
        name=display_name(state.traits),
        entries=sum(row.node_id in members for row in rows),
        first_seen=state.first,
        last_seen=state.last,
        events=state.events,
        seen={name: seen.n for name, seen in sorted(state.seen.items())},
        traits=[
            TraitLine(key, t.value, t.at, t.trusted, key in state.corrected)
            for key, t in sorted(state.traits.items())
        ],
        identifiers=sorted(
            (Known(p.type, p.namespace, p.value, p.trusted) for p in places),
            key=lambda k: (k.type, k.value),
        ),
        consents=_consents(state),
        orders=sorted(orders, key=lambda o: -o.placed_at),
        viewed=sorted(state.viewed, key=lambda product: -state.viewed[product]),
        removed_until=max((_last(row) for row in rows if row.kind == "balance"), default=0),
    )


def _consents(state: NodeState) -> list[ConsentThen]:
    found = []
    for key, consent in sorted(state.consents.items()):
        purpose, channel, *_ = key.split("/")
        found.append(ConsentThen(purpose, channel, consent.state, consent.basis, consent.at))
    return found


def _last(row: LogRow) -> int:
    body: Mapping[str, Any] = orjson.loads(row.body)
    return int(body.get("last", 0))
