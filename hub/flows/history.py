"""Everything that was ever said of who is who, around one entry that parts people."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from hub.flows.apply import SourceInfo
from hub.flows.batch import History, Said
from hub.flows.memory import Memory, select_in
from hub.store.database import Database, LogRow

MAX_NODES = 5000


async def read_history(
    database: Database, memory: Memory, row: LogRow, sources: Mapping[int, SourceInfo]
) -> History:
    """All nodes that links of any kind lead to from those of `row`, and what was said of them
    before it; all of it is in memory afterwards."""
    nodes = await _reach(database, memory, row)
    said = await select_in(
        database,
        "SELECT seq, node_id, COALESCE(links, ''), source_id, "
        "CASE WHEN kind = 'consent' THEN body END FROM log "
        "WHERE kind NOT IN ('unmerge', 'release', 'correction') AND seq < ? AND node_id IN",
        nodes,
        (row.seq,),
    )
    found = [
        Said(seq, node, links, source_id, vouched(sources.get(source_id), body))
        for seq, node, links, source_id, body in sorted(said)
    ]
    return History(tuple(sorted(nodes)), tuple(s for s in found if s.links or s.proved))


async def _reach(database: Database, memory: Memory, row: LogRow) -> set[int]:
    assert row.node_id is not None
    edge = {row.node_id, *(node for node, _ in orjson.loads(row.links or "[]"))}
    nodes: set[int] = set()
    while edge and len(nodes) < MAX_NODES:
        nodes |= edge
        await memory.load(database, edge)
        near: set[int] = set()
        for head in (
            "SELECT b FROM link WHERE strength NOT IN ('apart', 'shared') AND a IN",
            "SELECT a FROM link WHERE strength NOT IN ('apart', 'shared') AND b IN",
        ):
            near.update(found[0] for found in await select_in(database, head, edge))
        edge = near - nodes
    # Whole people only, also where the walk was cut short.
    graph = memory.graph
    for node in list(nodes):
        if node in graph:
            nodes |= graph.members(graph.place(node).person_id)
    await memory.load(database, nodes)
    return nodes


def vouched(source: SourceInfo | None, body: str | None) -> bool:
    """Whether an entry of this source, or with this consent, vouches for its subject."""
    if source is not None and source.kind != "browser":
        return True
    return body is not None and bool(orjson.loads(body).get("proved"))
