"""Who stays behind when a person goes: their places and links are made anew, as a rebuild would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
import orjson

from hub.catalogue.products import Catalogue
from hub.core import Hub
from hub.flows.apply import apply_row
from hub.flows.batch import LINK_SQL, PLACE_SQL, STATE_SQL, Batch
from hub.flows.erase_rows import log_rows
from hub.flows.joining import APART_KINDS
from hub.flows.memory import Memory, select_in
from hub.flows.person_row import PERSON_SQL, person_row
from hub.identity.graph import PEOPLE_TYPES
from hub.identity.rules import make_rules
from hub.privacy.anonymous import Scrubber
from hub.profiles.state import NodeState
from hub.store.database import LogRow, Row, Write


async def neighbours(hub: Hub, gone: Iterable[int]) -> set[int]:
    """Everybody that a link, said or refused, ties to these nodes through any number of steps."""
    left = set(gone)
    reached: set[int] = set()
    edge = set(left)
    while edge:
        found: set[int] = set()
        for here, there in (("a", "b"), ("b", "a")):
            sql = f"SELECT {there} FROM link WHERE {here} IN"  # noqa: S608
            found |= {row[0] for row in await select_in(hub.database, sql, edge)}
        people = await select_in(
            hub.database, "SELECT person_id FROM node_person WHERE node_id IN", edge
        )
        members = await select_in(
            hub.database, "SELECT node_id FROM node_person WHERE person_id IN",
            {row[0] for row in people},
        )  # fmt: skip
        edge = (found | {row[0] for row in members}) - left - reached
        reached |= edge
    return reached


async def settle_neighbours(
    hub: Hub, nodes: set[int], rewritten: Mapping[int, LogRow], scrubber: Scrubber
) -> list[Write]:
    """The writes that give the neighbours the places they would have had without her."""
    if not nodes:
        return []
    # What is not projected yet finds its place when it is.
    known = [row for row in await log_rows(hub, nodes) if row.seq <= hub.views.seq]
    rows = [rewritten.get(row.seq, row) for row in known]
    memory = Memory(Catalogue(), make_rules(hub.settings.merging))
    await memory.load_apart(hub.database)  # as it is now: nothing need be parted on the way
    await _name(hub, memory, nodes, rows)
    batch = Batch(memory)
    for row in rows:
        if memory.nodes[row.node_id or 0][0] in PEOPLE_TYPES and row.kind not in APART_KINDS:
            apply_row(batch, row, hub.sources[row.source_id], {})
    places = [(sql, w) for sql, w in batch.writes() if sql in (PLACE_SQL, LINK_SQL)]
    memory.states, changed = await _states(hub, nodes, scrubber)
    people = {memory.graph.place(n).person_id for n in nodes if n in memory.graph}
    old = await select_in(hub.database, "SELECT person_id FROM node_person WHERE node_id IN", nodes)
    each: list[Row] = [(n,) for n in sorted(nodes)]
    writes: list[Write] = [
        ("DELETE FROM link WHERE strength NOT IN ('apart', 'shared') AND a = ?", each),
        ("DELETE FROM node_person WHERE node_id = ?", each),
        ("DELETE FROM person WHERE id = ?", sorted({(row[0],) for row in old})),
        *places,
        (STATE_SQL, changed),
        (PERSON_SQL, [person_row(memory, p) for p in sorted(people)]),
    ]
    return [(sql, rows) for sql, rows in writes if rows]


async def _name(hub: Hub, memory: Memory, nodes: set[int], rows: list[LogRow]) -> None:
    wanted = set(nodes)
    for row in rows:
        wanted.update(node for node, _ in orjson.loads(row.links or "[]"))
    found = await select_in(
        hub.database, "SELECT id, type, value, namespace FROM node WHERE id IN", wanted
    )
    memory.nodes.update({row[0]: (row[1], row[2], row[3]) for row in found})


async def _states(
    hub: Hub, nodes: set[int], scrubber: Scrubber
) -> tuple[dict[int, NodeState], list[Row]]:
    """Their states, and the rows of those that spoke of her."""
    states: dict[int, NodeState] = {}
    changed: list[Row] = []
    for node, seq, text in await select_in(
        hub.database, "SELECT node_id, seq, state FROM node_state WHERE node_id IN", nodes
    ):
        if scrubber.found(text):
            text = orjson.dumps(scrubber.value(orjson.loads(text))).decode()
            changed.append((node, seq, text))
        states[node] = msgspec.json.decode(text, type=NodeState)
    return states, changed
