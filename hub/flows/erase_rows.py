"""What becomes of log entries when a person goes: orders stay without her, the rest is removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import orjson

from hub.catalogue.orders import OrderState
from hub.catalogue.ranks import BROWSER, RANKS
from hub.catalogue.sightings import Unplaced, sighting_entry
from hub.core import Hub
from hub.flows.apply import told_order
from hub.flows.memory import select_in
from hub.privacy.anonymous import Scrubber, nameless, nameless_refund
from hub.sdk.identifiers import clean_email
from hub.sdk.records import Customer, Identifier, Order, OrderStatus, Record, RefundSighting
from hub.store.database import LOG_COLUMNS, LogRow, Row

OrderKey = tuple[str, str]  # shop, order id
_LONG = 8


class Rows(msgspec.Struct):
    """What was found of her in the log. `rewritten`: by seq, as they are to stand there."""

    entries: int = 0
    rewritten: dict[int, LogRow] = {}
    orders: set[OrderKey] = set()
    stale: list[bytes] = []  # dedupe keys of contents that are no more
    fresh: dict[bytes, int] = {}  # dedupe keys of what stays, and where it stands
    requests: list[int] = []  # her requests for mail, whose links may be pressed
    told_by_page: set[int] = set()  # orders that only a page told of: their seqs


async def log_rows(hub: Hub, nodes: Iterable[int]) -> list[LogRow]:
    """All entries of these nodes, in order."""
    sql = f"SELECT {LOG_COLUMNS} FROM log WHERE node_id IN"  # noqa: S608
    rows = [LogRow(*row) for row in await select_in(hub.database, sql, nodes)]
    return sorted(rows, key=lambda row: row.seq)


async def her_rows(hub: Hub, nodes: Sequence[int]) -> Rows:
    """What becomes of each entry under her nodes."""
    found = Rows()
    for row in await log_rows(hub, nodes):
        found.entries += 1
        kept = _without_her(hub, found, row)
        if kept is not None:
            found.rewritten[row.seq] = kept
        elif row.kind == "consent" and row.name == "requested":
            found.requests.append(row.seq)
    return found


def _without_her(hub: Hub, found: Rows, row: LogRow) -> LogRow | None:
    body = orjson.loads(row.body)
    if row.kind == "record" and row.name == "order":
        order = msgspec.convert(body["record"], Order)
        found.orders.add((order.shop, order.order_id))
        _keep(found, row, order, nameless(order))
        return _order_row(row, nameless(order))
    if row.kind == "record" and row.name == "customer":
        _keep(found, row, msgspec.convert(body["record"], Customer), None)
    if row.kind == "event" and row.name == "Order Completed":
        return _told(hub, found, row, body)
    return None


def _told(hub: Hub, found: Rows, row: LogRow, body: dict[str, Any]) -> LogRow | None:
    """An order told by an event: a server's counts in the books, a page's keeps the place."""
    source = hub.sources[row.source_id]
    rank = RANKS.get(source.kind, BROWSER)
    status: OrderStatus = "paid" if rank > BROWSER else "pending"
    order = told_order(source.shop, body.get("properties") or {}, row.at, status)
    if order is None:
        return None
    found.orders.add((order.shop, order.order_id))
    if rank <= BROWSER:
        found.told_by_page.add(row.seq)
        order = msgspec.structs.replace(order, lines=untitled(order.lines))
    return _order_row(row, nameless(order))


def untitled(lines: Sequence[Any]) -> tuple[Any, ...]:
    """Order lines without what a page wrote beside them."""
    return tuple(msgspec.structs.replace(line, title="") for line in lines)


def _order_row(row: LogRow, order: Order) -> LogRow:
    body = msgspec.json.encode({"record": order, "erased": True}).decode()
    return msgspec.structs.replace(
        row, kind="record", name="order", node_id=None, links="", body=body
    )


def _keep(found: Rows, row: LogRow, before: Record, after: Record | None) -> None:
    """The same content may come again: then it is known by what is left of it."""
    found.stale += [key for key in _keys(before, row) if key is not None]
    if after is not None:
        found.fresh.update({key: row.seq for key in _keys(after, row) if key is not None})


def _keys(record: Record, row: LogRow) -> tuple[bytes | None, bytes | None]:
    try:
        entry = sighting_entry(record, None, source_id=row.source_id, received_at=row.received_at)
    except Unplaced:
        return None, None
    return entry.dedupe, entry.thing


async def order_rows(hub: Hub, found: Rows, orders: Iterable[OrderKey]) -> None:
    """Entries under the numbers of her orders: refunds with their reasons, sightings of guests."""
    nodes: list[int] = []
    for shop, order_id in sorted(orders):
        rows = await hub.database.get(
            "SELECT id FROM node WHERE namespace = ? AND type = 'order' AND value = ?",
            (shop, order_id),
        )
        nodes += [row[0] for row in rows]
    for row in await log_rows(hub, nodes):
        if row.kind == "record":
            found.rewritten[row.seq] = _plain_record(found, row)


def _plain_record(found: Rows, row: LogRow) -> LogRow:
    record = orjson.loads(row.body)["record"]
    if row.name == "refunds":
        seen = msgspec.convert(record, RefundSighting)
        bare = msgspec.structs.replace(seen, refunds=tuple(map(nameless_refund, seen.refunds)))
        _keep(found, row, seen, bare)
        body = msgspec.json.encode({"record": bare})
    elif row.name == "order":
        order = msgspec.convert(record, Order)
        _keep(found, row, order, nameless(order))
        body = msgspec.json.encode({"record": nameless(order)})
    else:
        body = orjson.dumps({"record": record})
    return msgspec.structs.replace(row, body=body.decode())


def bare_state(state: OrderState, told_by_page: set[int]) -> OrderState:
    """The order as it is without its buyer; what a rebuild makes of the rewritten entries."""
    lines = untitled(state.lines) if state.version[2] in told_by_page else state.lines
    return msgspec.structs.replace(
        state,
        node_id=None,
        lines=lines,
        refunds={key: nameless_refund(refund) for key, refund in state.refunds.items()},
    )


def telling(identifiers: Iterable[Identifier]) -> Scrubber:
    """Finds her in other people's texts. Short numbers are left alone: they are everywhere."""
    return Scrubber(
        who.value
        for who in identifiers
        if clean_email(who.value) or (len(who.value) >= _LONG and not who.value.isdecimal())
        or (who.type == "phone" and len(who.value) >= _LONG)
    )  # fmt: skip


def mention_free(row: LogRow, gone: set[int], scrubber: Scrubber) -> LogRow | None:
    """Somebody else's entry without her; None when it does not name her."""
    links = orjson.loads(row.links) if row.links else []
    left = [link for link in links if link[0] not in gone]
    if len(left) == len(links) and not scrubber.found(row.body):
        return None
    return msgspec.structs.replace(
        row,
        links=orjson.dumps(left).decode() if left else "",
        body=orjson.dumps(scrubber.value(orjson.loads(row.body))).decode(),
    )


def rewrite_params(rows: Mapping[int, LogRow]) -> list[Row]:
    """As REWRITE_SQL takes them."""
    return [(r.kind, r.name, r.node_id, r.links, r.body, r.seq) for r in rows.values()]


REWRITE_SQL = "UPDATE log SET kind = ?, name = ?, node_id = ?, links = ?, body = ? WHERE seq = ?"
