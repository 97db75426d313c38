"""unmerge: what joined one person, undone by staff, and allowed again.

Nothing is taken out of the log: an entry says which identifiers are not the same person, and what
was said before and is said after can not join them until staff releases them.
"""

from __future__ import annotations

import msgspec
import orjson

from hub.clock import to_ms
from hub.core import Hub
from hub.flows.audit import note
from hub.flows.memory import select_in
from hub.flows.people import Identifier, identifiers_of, marks, person_nodes
from hub.identity.graph import PEOPLE_TYPES
from hub.sdk.errors import HubError
from hub.sdk.records import Identifier as Name
from hub.sdk.records import Link
from hub.store.database import Entry

MAX_LINES = 300


class CanNotPart(HubError):
    """These identifiers can not be parted, or not be released; the message says why."""


class Merge(msgspec.Struct, frozen=True):
    """One link that holds the person together. `said`: the kind of entry that said it first."""

    a: Identifier
    b: Identifier
    strength: str
    at: int
    source_id: int
    said: str
    seq: int


class Apart(msgspec.Struct, frozen=True):
    """Two identifiers that staff keep apart."""

    a: Identifier
    b: Identifier
    by: str
    at: int
    seq: int


class Merges(msgspec.Struct, frozen=True):
    merges: list[Merge]
    apart: list[Apart]


async def list_merges(hub: Hub, person_id: int) -> Merges:
    """What joined this person, the oldest first, and what is kept away from it."""
    nodes = await person_nodes(hub, person_id)
    rows = await hub.database.fetch(
        "SELECT l.a, l.b, l.strength, l.verdict, l.reason, l.seq, COALESCE(g.at, 0), "  # noqa: S608
        "COALESCE(g.source_id, 0), COALESCE(g.kind, ''), COALESCE(g.name, '') "
        "FROM link l LEFT JOIN log g ON g.seq = l.seq WHERE l.verdict IN ('joined', 'kept') "
        f"AND (l.a IN ({marks(nodes)}) OR l.b IN ({marks(nodes)})) "
        f"ORDER BY l.seq, l.a, l.b LIMIT {MAX_LINES}",
        (*nodes, *nodes),
    )
    known = await identifiers_of(hub, sorted({node for row in rows for node in row[:2]}))
    named = {i.node_id: i for i in known}
    merges, apart = [], []
    for a, b, strength, verdict, reason, seq, at, source_id, kind, name in rows:
        if a not in named or b not in named:
            continue
        if verdict == "kept":
            apart.append(Apart(named[a], named[b], reason, at, seq))
        else:
            said = name if kind in ("event", "link", "record") else kind
            merges.append(Merge(named[a], named[b], strength, at, source_id, said, seq))
    return Merges(merges, apart)


async def unmerge(hub: Hub, node: int, other: int = 0, *, by: str) -> int:
    """Undo what joined two identifiers, or split `node` off from all it is linked with. Answers
    the number of the person that `node` is now. Raises CanNotPart."""
    person_id = await _person(hub, node)
    pairs = await _pairs(hub, node, other, person_id)
    if not pairs:
        what = "these two" if other else "this identifier and another"
        raise CanNotPart(f"no link joins {what} in one person")
    await _append(hub, "unmerge", *pairs, by)
    await note(hub, by, "unmerge", str(person_id), identifier=node, apart_from=sorted(pairs[1]))
    return await _person(hub, node)


async def release(hub: Hub, a: int, b: int, *, by: str) -> int:
    """Let links join these two again, those said before too. Answers the number of the person
    that `a` is now. Raises CanNotPart."""
    rows = await hub.database.fetch(
        "SELECT a, b FROM link WHERE strength = 'apart' AND verdict = 'kept' AND a = ? AND b = ?",
        (min(a, b), max(a, b)),
    )
    if not rows:
        raise CanNotPart("these two are not kept apart")
    await _append(hub, "release", a, {b}, by)
    person_id = await _person(hub, a)
    await note(hub, by, "release", str(person_id), identifier=a, apart_from=[b])
    return person_id


async def _person(hub: Hub, node: int) -> int:
    rows = await hub.database.fetch("SELECT person_id FROM node_person WHERE node_id = ?", (node,))
    if not rows:
        raise CanNotPart(f"identifier {node}: nobody here has it")
    return int(rows[0][0])


async def _pairs(hub: Hub, node: int, other: int, person_id: int) -> tuple[int, set[int]] | None:
    """`node` and those of the same person that it must be kept from."""
    mine = set(await person_nodes(hub, person_id))
    linked = await _linked(hub, {node})
    near = linked & mine
    keys = {other} if other else linked - mine
    kinds = await select_in(hub.database, "SELECT id, type FROM node WHERE id IN", keys)
    tokens = {found[0] for found in kinds if found[1] not in PEOPLE_TYPES} & linked
    # Who named a key first waits for the other; it is the key that joins them.
    through = (await _linked(hub, tokens, "('joined', 'waiting')")) & mine - {node}
    wanted = (near & {other} | through) if other else near | through
    return (node, wanted) if wanted else None


async def _linked(hub: Hub, nodes: set[int], verdicts: str = "('joined')") -> set[int]:
    found: set[int] = set()
    for head in (
        f"SELECT b FROM link WHERE verdict IN {verdicts} AND a IN",  # noqa: S608
        f"SELECT a FROM link WHERE verdict IN {verdicts} AND b IN",  # noqa: S608
    ):
        found.update(row[0] for row in await select_in(hub.database, head, nodes))
    return found - nodes


async def _append(hub: Hub, kind: str, node: int, others: set[int], by: str) -> None:
    rows = await select_in(
        hub.database, "SELECT id, namespace, type, value FROM node WHERE id IN", {node, *others}
    )
    names = {row[0]: Name(row[1], row[2], row[3]) for row in rows}
    now = to_ms(hub.clock.now())
    entry = Entry(
        kind=kind,
        name="by staff",
        subject=names[node],
        links=tuple(Link(names[other], "apart") for other in sorted(others)),
        at=now,
        received_at=now,
        source_id=min(hub.sources),
        body=orjson.dumps({"by": by}).decode(),
    )
    (stored,) = await hub.writer.append([entry])
    await hub.views.reached(stored.seq)
