"""live: the newest entries of the log and the newest refusals, for whoever is setting things up."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson

from hub.core import Hub

SHOWN = 60
# A filter on a rare name must not read the whole log every two seconds.
SEARCHED = 20_000


class LiveEvent(msgspec.Struct, frozen=True):
    seq: int
    kind: str
    name: str
    at: int
    received_at: int
    source: str
    person_id: int
    person: str
    detail: dict[str, Any]


class Rejected(msgspec.Struct, frozen=True):
    at: int
    source: str
    reason: str
    sample: str


async def newest_events(
    hub: Hub, *, name: str = "", source_id: int = 0, person_id: int = 0
) -> list[LiveEvent]:
    """The newest entries that fit the filters, the newest first."""
    where = ["l.seq > (SELECT COALESCE(MAX(seq), 0) FROM log) - ?"]
    params: list[Any] = [SEARCHED]
    if name:
        where.append("LOWER(l.name) LIKE ? ESCAPE '!'")
        plain = name.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
        params.append(f"%{plain[:100]}%")
    if source_id:
        where.append("l.source_id = ?")
        params.append(source_id)
    if person_id:
        where.append("np.person_id = ?")
        params.append(person_id)
    rows = await hub.database.fetch(
        "SELECT l.seq, l.kind, l.name, l.at, l.received_at, l.source_id, COALESCE(p.id, 0), "  # noqa: S608
        "COALESCE(NULLIF(p.name, ''), p.email, ''), l.body FROM log l "
        "LEFT JOIN node_person np ON np.node_id = l.node_id "
        f"LEFT JOIN person p ON p.id = np.person_id WHERE {' AND '.join(where)} "
        f"ORDER BY l.seq DESC LIMIT {SHOWN}",
        tuple(params),
    )
    return [
        LiveEvent(
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            _source_name(hub, row[5]),
            row[6],
            row[7],
            _detail(row[1], row[8]),
        )
        for row in rows
    ]


def newest_rejects(hub: Hub, *, source_id: int = 0) -> list[Rejected]:
    """The refused events since the start, the newest first."""
    return [
        Rejected(r.at, _source_name(hub, r.source_id), r.reason, r.sample)
        for r in reversed(hub.rejects.newest)
        if not source_id or r.source_id == source_id
    ][:SHOWN]


def _source_name(hub: Hub, source_id: int) -> str:
    source = hub.sources.get(source_id)
    return source.name if source else str(source_id)


def _detail(kind: str, body: str) -> dict[str, Any]:
    data = orjson.loads(body)
    if kind == "event":
        detail = dict(data.get("properties") or {})
        if data.get("traits"):
            detail["traits"] = data["traits"]
        return detail
    if kind == "record":
        data = data.get("record") or {}
    flat = {k: v for k, v in data.items() if isinstance(v, str | int | float | bool) and v != ""}
    return dict(list(flat.items())[:8])
