"""timeline: what happened to one person, the newest first, from every store at once."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson

from hub.core import Hub
from hub.flows.people import marks, person_nodes
from hub.store.database import Row

PAGE = 40
# The browser's word for an order is in the log many times; the order itself is shown once.
ORDER_NAMES = ("Order Completed", "Order Refunded", "Order Cancelled")


class Moment(msgspec.Struct, frozen=True):
    """`kind`: event, consent, link, order or message. `ref` leads to the thing itself."""

    at: int
    kind: str
    name: str
    detail: dict[str, Any]
    ref: int = 0
    source_id: int = 0
    provisional: bool = False
    said: str = ""  # the time as a clock that was far off told it; `at` is the corrected one


class Timeline(msgspec.Struct, frozen=True):
    moments: list[Moment]
    next: str


class _Key(msgspec.Struct, frozen=True, order=True):
    at: int
    rank: int
    id: int


async def timeline(hub: Hub, person_id: int, before: str = "", limit: int = PAGE) -> Timeline:
    """One page of a person's past; `before` is the `next` of the page after it in time."""
    nodes = await person_nodes(hub, person_id)
    key = _read_key(before)
    found: list[tuple[_Key, Moment]] = []
    found += await _log(hub, nodes, key, limit + 1)
    found += await _orders(hub, nodes, key, limit + 1)
    found += await _messages(hub, nodes, key, limit + 1)
    found.sort(key=lambda pair: pair[0], reverse=True)
    page = found[:limit]
    last = page[-1][0] if len(found) > limit else None
    return Timeline([m for _, m in page], f"{last.at}.{last.rank}.{last.id}" if last else "")


async def _log(hub: Hub, nodes: list[int], key: _Key | None, limit: int) -> list[Any]:
    clause, params = _before(key, 0, "at", "seq")
    rows = await hub.database.fetch(
        "SELECT seq, at, kind, name, source_id, body FROM log "  # noqa: S608
        f"WHERE node_id IN ({marks(nodes)}) AND kind IN ('event', 'consent', 'link') "
        f"AND name NOT IN (?, ?, ?) AND {clause} ORDER BY at DESC, seq DESC LIMIT {limit}",
        (*nodes, *ORDER_NAMES, *params),
    )
    return [
        (
            _Key(row[1], 0, row[0]),
            _moment(hub, row),
        )
        for row in rows
    ]


def _moment(hub: Hub, row: Row) -> Moment:
    seq, at, kind, name, source_id, body = row
    data = orjson.loads(body)
    said = data.get("said", "") if kind == "event" else ""
    return Moment(at, kind, name, _told(hub, source_id, kind, data), seq, source_id, said=said)


async def _orders(hub: Hub, nodes: list[int], key: _Key | None, limit: int) -> list[Any]:
    clause, params = _before(key, 1, "at", "id")
    rows = await hub.database.fetch(
        "SELECT id, at, name, order_pk, provisional, properties FROM order_event "  # noqa: S608
        f"WHERE node_id IN ({marks(nodes)}) AND {clause} ORDER BY at DESC, id DESC LIMIT {limit}",
        (*nodes, *params),
    )
    return [_order(row) for row in rows]


def _order(row: Row) -> Any:
    row_id, at, name, pk, provisional, properties = row
    detail = orjson.loads(properties)
    return _Key(at, 1, row_id), Moment(at, "order", name, detail, pk, provisional=bool(provisional))


async def _messages(hub: Hub, nodes: list[int], key: _Key | None, limit: int) -> list[Any]:
    clause, params = _before(key, 2, "updated_at", "id")
    rows = await hub.database.fetch(
        "SELECT id, updated_at, channel, kind, state, reason FROM outbox "  # noqa: S608
        f"WHERE node_id IN ({marks(nodes)}) AND {clause} ORDER BY updated_at DESC, id DESC "
        f"LIMIT {limit}",
        (*nodes, *params),
    )
    return [
        (_Key(at, 2, row_id),
         Moment(at, "message", kind, {"channel": channel, "state": state, "reason": why}, row_id))
        for row_id, at, channel, kind, state, why in rows
    ]  # fmt: skip


def _before(key: _Key | None, rank: int, at: str, row_id: str) -> tuple[str, list[int]]:
    if key is None:
        return "1 = 1", []
    if rank == key.rank:
        return f"({at} < ? OR ({at} = ? AND {row_id} < ?))", [key.at, key.at, key.id]
    return (f"{at} <= ?" if rank < key.rank else f"{at} < ?"), [key.at]


def _read_key(text: str) -> _Key | None:
    parts = text.split(".")
    if len(parts) != 3 or not all(part.isdecimal() and len(part) < 17 for part in parts):
        return None
    return _Key(*(int(part) for part in parts))


def _told(hub: Hub, source_id: int, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """What an entry says; a product named by number only gets its title from the catalogue."""
    detail = _detail(kind, data)
    number, source = detail.get("product_id"), hub.sources.get(source_id)
    if isinstance(number, str) and source is not None and not detail.get("name"):
        found = hub.catalogue.get(source.shop, hub.catalogue.resolve(source.shop, number))
        if found is not None:
            detail["name"] = found.product.title
    return detail


def _detail(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    if kind != "event":
        return {k: v for k, v in data.items() if isinstance(v, str | int | float | bool)}
    detail = dict(data.get("properties") or {})
    if data.get("traits"):
        detail["traits"] = data["traits"]
    page = (data.get("context") or {}).get("page") or {}
    if isinstance(page, dict) and page.get("path") and "path" not in detail:
        detail["path"] = page["path"]
    return detail
