"""orders: the list, and one order with its lines, refunds and moments."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.catalogue.orders import OrderState
from hub.clock import to_ms
from hub.core import Hub
from hub.store.database import Row

PAGE = 50
STATUSES = ("pending", "paid", "fulfilled", "cancelled", "refunded", "test")
COLUMNS = (
    "o.id, o.shop, o.order_id, o.status, o.placed_at, o.currency, o.total, o.refunded, "
    "o.provisional, COALESCE(p.id, 0), COALESCE(NULLIF(p.name, ''), p.email, '')"
)
JOINED = (
    "FROM shop_order o LEFT JOIN node_person np ON np.node_id = o.node_id "
    "LEFT JOIN person p ON p.id = np.person_id"
)


class OrderLine(msgspec.Struct, frozen=True):
    pk: int
    shop: str
    order_id: str
    status: str
    placed_at: int
    currency: str
    total: int
    refunded: int
    provisional: bool
    person_id: int
    person: str


class OrderList(msgspec.Struct, frozen=True):
    orders: list[OrderLine]
    next: str


class Item(msgspec.Struct, frozen=True):
    product_id: str
    sku: str
    title: str
    quantity: int
    unit_price: str
    total: int
    product_pk: int


class RefundLine(msgspec.Struct, frozen=True):
    refund_id: str
    amount: int
    at: int
    reason: str


class OrderMoment(msgspec.Struct, frozen=True):
    name: str
    at: int
    provisional: bool


class OrderPage(msgspec.Struct, frozen=True):
    order: OrderLine
    number: str
    updated_at: int
    tax: int
    shipping: int
    discount: int
    items: list[Item]
    refunds: list[RefundLine]
    moments: list[OrderMoment]


async def list_orders(
    hub: Hub, *, query: str = "", status: str = "", provisional: str = "", after: str = ""
) -> OrderList:
    """Orders, the last placed first. `provisional`: "yes", "no" or "" for both."""
    where = ["1 = 1"]
    params: list[Any] = []
    if query.strip():
        where.append("(o.order_id = ? OR LOWER(p.email) = ?)")
        params += [query.strip().lstrip("#")[:128], query.strip().casefold()[:320]]
    if status in STATUSES:
        where.append("o.status = ?")
        params.append(status)
    if provisional in ("yes", "no"):
        where.append("o.provisional = ?")
        params.append(provisional == "yes")
    at, _, pk = after.partition("-")
    if at.isdecimal() and pk.isdecimal():
        where.append("(o.placed_at < ? OR (o.placed_at = ? AND o.id < ?))")
        params += [int(at), int(at), int(pk)]
    rows = await hub.database.fetch(
        f"SELECT {COLUMNS} {JOINED} WHERE {' AND '.join(where)} "
        f"ORDER BY o.placed_at DESC, o.id DESC LIMIT {PAGE + 1}",
        tuple(params),
    )
    orders = [_line(row) for row in rows[:PAGE]]
    more = len(rows) > PAGE
    return OrderList(orders, f"{orders[-1].placed_at}-{orders[-1].pk}" if more else "")


async def order_page(hub: Hub, pk: int) -> OrderPage | None:
    """One order, or None."""
    rows = await hub.database.fetch(
        f"SELECT {COLUMNS}, o.data, o.updated_at {JOINED} WHERE o.id = ?",
        (pk,),
    )
    if not rows:
        return None
    line = _line(rows[0][:11])
    state = msgspec.json.decode(rows[0][11], type=OrderState)
    refunds = sorted(state.refunds.values(), key=lambda r: r.at)
    moments = await hub.database.fetch(
        "SELECT name, at, provisional FROM order_event WHERE order_pk = ? ORDER BY at, id", (pk,)
    )
    return OrderPage(
        line,
        state.number or state.order_id,
        int(rows[0][12]),
        state.tax,
        state.shipping,
        state.discount,
        await _items(hub, line.shop, pk),
        [RefundLine(r.refund_id, r.amount, to_ms(r.at), r.reason) for r in refunds],
        [OrderMoment(n, at, bool(p)) for n, at, p in moments],
    )


async def _items(hub: Hub, shop: str, pk: int) -> list[Item]:
    rows = await hub.database.fetch(
        "SELECT product_id, sku, title, quantity, unit_price, total FROM order_line "
        "WHERE order_pk = ? ORDER BY position",
        (pk,),
    )
    items = []
    for row in rows:
        known = hub.catalogue.get(shop, hub.catalogue.resolve(shop, row[0] or row[1]))
        items.append(Item(*(*row, known.pk if known else 0)))
    return items


def _line(row: Row) -> OrderLine:
    return OrderLine(*(*row[:8], bool(row[8]), *row[9:11]))
