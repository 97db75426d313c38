"""decisions: what pages were answered lately."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.core import Hub
from hub.flows.decide import Record
from hub.flows.people import marks, person_nodes

PAGE = 50


class DecisionLine(msgspec.Struct, frozen=True):
    id: str
    at: int
    person_id: int
    person: str
    url: str
    device: str
    won: tuple[str, ...]
    lost: int


class DecisionList(msgspec.Struct, frozen=True):
    decisions: list[DecisionLine]
    next: str


async def list_decisions(
    hub: Hub, *, person_id: int = 0, widget: str = "", after: str = "", limit: int = PAGE
) -> DecisionList:
    """Decisions on record, the newest first; of one person, or won by one widget."""
    await hub.decisions.flush()
    where = ["1 = 1"]
    params: list[Any] = []
    if person_id:
        nodes = await person_nodes(hub, person_id)
        where.append(f"d.node_id IN ({marks(nodes)})")
        params += nodes
    at, _, decision_id = after.partition("-")
    if at.isdecimal():
        where.append("(d.at < ? OR (d.at = ? AND d.id < ?))")
        params += [int(at), int(at), decision_id]
    rows = await hub.database.fetch(
        "SELECT d.id, d.at, d.record, COALESCE(p.id, 0), COALESCE(NULLIF(p.name, ''), p.email, '') "  # noqa: S608
        "FROM decision d LEFT JOIN node_person np ON np.node_id = d.node_id "
        f"LEFT JOIN person p ON p.id = np.person_id WHERE {' AND '.join(where)} "
        f"ORDER BY d.at DESC, d.id DESC LIMIT {limit + 1}",
        tuple(params),
    )
    lines = [_line(*row) for row in rows[:limit]]
    shown = [line for line in lines if not widget or widget in line.won]
    more = len(rows) > limit
    return DecisionList(shown, f"{lines[-1].at}-{lines[-1].id}" if more else "")


def _line(decision_id: str, at: int, text: str, person_id: int, person: str) -> DecisionLine:
    record = msgspec.json.decode(text, type=Record)
    return DecisionLine(
        decision_id, at, person_id, person, record.request.page.url, record.request.device.type,
        record.won, len(record.lost),
    )  # fmt: skip
