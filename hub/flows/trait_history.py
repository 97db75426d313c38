"""trait_history: every value that one fact of a person ever had, who said it, and which one counts.

Told from the log itself, so that it is as complete as the log: what retention removed is there as
the value it left behind.
"""

from __future__ import annotations

from typing import Any

import msgspec
import orjson

from hub.core import Hub
from hub.flows.learned import learned
from hub.flows.people import marks, person_nodes
from hub.profiles.state import NodeState, Trait, storable
from hub.store.database import Row

PAGE = 50
CHUNK = 500  # entries looked through at a time
MAX_LOOKS = 20  # chunks per page: the next page goes on where this one ended


class TraitValue(msgspec.Struct, frozen=True):
    """`how`: told, corrected, released, or kept (what removed entries left behind). `times`: how
    often in a row the same source said the same; `at` is the newest of them."""

    value: Any
    at: int
    first: int
    seq: int
    source_id: int
    how: str
    trusted: bool
    times: int = 1
    by: str = ""
    counts: bool = False


class TraitHistory(msgspec.Struct, frozen=True):
    """`next` is the key of the following page, "" at the end."""

    key: str
    values: list[TraitValue]
    corrected: bool
    next: str


async def trait_history(
    hub: Hub, person_id: int, key: str, before: str = "", limit: int = PAGE
) -> TraitHistory | None:
    """The values of `key`, the newest first; None when nobody has this number."""
    nodes = await person_nodes(hub, person_id)
    if not nodes:
        return None
    state, _ = await hub.views.person_view(nodes[0])
    now = state.traits.get(key)
    values: list[TraitValue] = []
    place = _place(before)
    for _look in range(MAX_LOOKS):
        rows = await _rows(hub, nodes, place)
        for row in rows:
            place = (row[1], row[0])
            values = _add(values, _said(hub, row, key, now))
            if len(values) > limit:
                return _page(key, state, values[:limit])
        if len(rows) < CHUNK:
            return TraitHistory(key, values, key in state.corrected, "")
    return TraitHistory(key, values, key in state.corrected, _mark(place))


def _page(key: str, state: NodeState, values: list[TraitValue]) -> TraitHistory:
    last = values[-1]
    return TraitHistory(key, values, key in state.corrected, _mark((last.first, last.seq)))


async def _rows(hub: Hub, nodes: list[int], place: tuple[int, int] | None) -> list[Row]:
    later, params = ("AND (at < ? OR (at = ? AND seq < ?)) ", (place[0], *place)) if place else (
        "", ()
    )  # fmt: skip
    return await hub.database.fetch(
        "SELECT seq, at, kind, name, source_id, body FROM log "  # noqa: S608
        f"WHERE node_id IN ({marks(nodes)}) AND ((kind = 'event' AND name = 'Identified') "
        "OR (kind = 'record' AND name IN ('order', 'customer')) "
        f"OR kind IN ('balance', 'correction')) {later}ORDER BY at DESC, seq DESC LIMIT {CHUNK}",
        (*nodes, *params),
    )


def _said(hub: Hub, row: Row, key: str, now: Trait | None) -> TraitValue | None:
    seq, at, kind, name, source_id, text = row
    body = orjson.loads(text)
    source = hub.sources.get(source_id)
    trusted = source is not None and source.kind != "browser"
    how, by = "told", ""
    if kind == "correction":
        if body["key"] != key:
            return None
        how, by, trusted = ("corrected" if name == "set" else "released"), body["by"], True
        value = body.get("value")
    elif kind == "balance":
        kept = msgspec.convert(body, NodeState).traits.get(key)
        if kept is None:
            return None
        how, value, at, seq, trusted = "kept", kept.value, kept.at, kept.seq, kept.trusted
    else:
        value = learned(kind, name, body).get(key)
        if not storable(value):
            return None
    counts = how != "released" and now is not None and (now.at, now.seq) == (at, seq)
    return TraitValue(value, at, at, seq, source_id, how, trusted, by=by, counts=counts)


def _add(values: list[TraitValue], said: TraitValue | None) -> list[TraitValue]:
    """The same, said again by the same source, is one line."""
    if said is None:
        return values
    last = values[-1] if values else None
    if (
        last is not None
        and last.how == said.how == "told"
        and (last.value, last.source_id) == (said.value, said.source_id)
    ):
        counts = last.counts or said.counts
        both = msgspec.structs.replace(
            last, first=said.at, seq=said.seq, times=last.times + 1, counts=counts
        )
        return [*values[:-1], both]
    return [*values, said]


def _mark(place: tuple[int, int] | None) -> str:
    return f"{place[0]}.{place[1]}" if place else ""


def _place(text: str) -> tuple[int, int] | None:
    at, _, seq = text.partition(".")
    right = at.isdecimal() and seq.isdecimal() and max(len(at), len(seq)) < 17
    return (int(at), int(seq)) if right else None
