"""refusals: what was said to be one person and was not believed, and why."""

from __future__ import annotations

import msgspec

from hub.core import Hub
from hub.flows.people import Identifier, identifiers_of

PAGE = 50
# The list reads the newest links only, so that it costs the same in a large hub.
SEARCHED = 500_000


class Refusal(msgspec.Struct, frozen=True):
    """`shared`: no link but a mark, that `a` joins nobody any more. People: 0 for none."""

    id: int
    a: Identifier
    b: Identifier
    person_a: int
    person_b: int
    strength: str
    shared: bool
    reason: str
    at: int
    source_id: int


class Refusals(msgspec.Struct, frozen=True):
    """`next` is the key of the following page, 0 at the end."""

    refusals: list[Refusal]
    next: int


async def list_refusals(hub: Hub, before: int = 0, limit: int = PAGE) -> Refusals:
    """The newest refused links first. `before`: a page's `next`."""
    rows = await hub.database.fetch(
        "SELECT l.id, l.a, l.b, l.strength, l.reason, COALESCE(g.at, 0), "
        "COALESCE(g.source_id, 0), COALESCE(p.person_id, 0), COALESCE(q.person_id, 0) "
        "FROM link l LEFT JOIN log g ON g.seq = l.seq "
        "LEFT JOIN node_person p ON p.node_id = l.a LEFT JOIN node_person q ON q.node_id = l.b "
        "WHERE l.verdict = 'refused' AND l.id > (SELECT COALESCE(MAX(id), 0) FROM link) - ? "
        "AND (? = 0 OR l.id < ?) ORDER BY l.id DESC LIMIT ?",
        (SEARCHED, before, before, limit + 1),
    )
    ends = sorted({node for row in rows for node in row[1:3]})
    known = {i.node_id: i for i in await identifiers_of(hub, ends)}
    found = [
        Refusal(
            row[0], known[row[1]], known[row[2]], row[7], row[8], row[3], row[3] == "shared",
            row[4], row[5], row[6],
        )
        for row in rows[:limit]
        if row[1] in known and row[2] in known
    ]  # fmt: skip
    return Refusals(found, rows[limit - 1][0] if len(rows) > limit else 0)
