"""What each kind of log entry changes: one small function per kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

import msgspec
import orjson

from hub.catalogue.orders import OrderState, see_deleted, see_order, see_refunds
from hub.catalogue.products import see_product, see_product_deleted
from hub.catalogue.ranks import BROWSER, RANKS
from hub.flows.batch import Batch, Planned
from hub.flows.joining import APART_KINDS, join, part
from hub.flows.learned import told_by_customer, told_by_event, told_by_order
from hub.profiles.state import (
    Consent,
    NodeState,
    Trait,
    carry,
    correct,
    keep_latest,
    learn,
    observe,
    record_consent,
    request_key,
    view_product,
)
from hub.profiles.touch import add_touch, read_touch
from hub.sdk.money import exponent
from hub.sdk.records import (
    Customer,
    Deleted,
    Order,
    OrderLine,
    OrderStatus,
    Product,
    RefundSighting,
)
from hub.store.database import LogRow

SHOWN_KEPT = 50
SHOWN_WIDGETS = 200  # their names come from the page, which may make up any
PAGE_NAMES = frozenset({"Page Viewed", "Promotion Viewed"})
ORDER_NAMES = {"Order Completed", "Order Refunded", "Order Cancelled"}
Counter = Callable[[dict[str, list[int]], int, Mapping[str, Any]], None]


class SourceInfo(Protocol):
    """What the projector must know of a source: `kind` and `shop` never change."""

    @property
    def kind(self) -> str: ...
    @property
    def shop(self) -> str: ...


def apply_row(
    batch: Batch, row: LogRow, source: SourceInfo, counters: Mapping[str, list[Counter]]
) -> None:
    """Project one entry."""
    batch.seq = row.seq
    body = orjson.loads(row.body)
    if row.kind in APART_KINDS:
        part(batch, row, body)
        return
    if row.kind == "correction":  # vouches for nobody
        _correct(batch, row, body)
        return
    trusted = source.kind != "browser"
    on_person = row.node_id is not None and batch.enter(row.node_id)
    if on_person and row.node_id is not None:
        join(batch, row, trusted=trusted)
    if row.kind == "event":
        _event(batch, row, body, source, counters)
    elif row.kind == "record":
        _record(batch, row, body, source, on_person=on_person)
    elif row.kind == "consent":
        _consent(batch, row, body)
    elif row.kind == "balance" and on_person and row.node_id is not None:
        carry(batch.state(row.node_id), msgspec.convert(body, NodeState))


def _event(
    batch: Batch,
    row: LogRow,
    body: dict[str, Any],
    source: SourceInfo,
    counters: Mapping[str, list[Counter]],
) -> None:
    if row.node_id is None:
        return
    properties = body.get("properties") or {}
    state = batch.state(row.node_id)
    observe(state, row.name, row.at)
    for count in counters.get(row.name, ()):
        count(state.counters, row.at, properties)
    if row.name == "Identified":
        told = told_by_event(row.name, body)
        learn(state, told, row.at, row.seq, trusted=source.kind != "browser")
    elif row.name == "Product Viewed":
        reference = str(properties.get("product_id") or properties.get("sku") or "")[:128]
        if reference:
            product = batch.memory.catalogue.resolve(source.shop, reference) or reference
            view_product(state, f"{source.shop}:{product}", row.at)
            batch.viewed.append((row.node_id, source.shop, product, row.at))
    elif row.name in PAGE_NAMES:
        _on_page(state, row, body)
    elif row.name == "Order Completed":
        rank = RANKS.get(source.kind, BROWSER)
        settled = rank > BROWSER  # a server of the shop reports what was bought; a page claims it
        status: OrderStatus = "paid" if settled else "pending"
        order = told_order(source.shop, properties, row.at, status)
        if order is not None:
            _see(batch, row, order, rank=rank, node_id=row.node_id, settled=settled)


def _on_page(state: NodeState, row: LogRow, body: Mapping[str, Any]) -> None:
    if row.name == "Promotion Viewed":
        properties = body.get("properties") or {}
        _shown(state, str(properties.get("promotion_id") or "")[:100], row.at)
        return
    touch = read_touch(body, row.at, row.seq)
    if touch is not None:
        add_touch(state.touches, touch)


def _shown(state: NodeState, widget: str, at: int) -> None:
    if widget and (widget in state.shown or len(state.shown) < SHOWN_WIDGETS):
        keep_latest(state.shown.setdefault(widget, []), at, SHOWN_KEPT)


def told_order(shop: str, properties: dict[str, Any], at: int, status: OrderStatus) -> Order | None:
    """An order as an "Order Completed" event tells of it; None when it names no order."""
    order_id = str(properties.get("order_id") or properties.get("transaction_id") or "")[:128]
    if not order_id:
        return None
    currency = str(properties.get("currency") or "").upper()[:3]
    moment = datetime.fromtimestamp(at / 1000, UTC)
    products = properties.get("products")
    return Order(
        shop=shop,
        order_id=order_id,
        status=status,
        placed_at=moment,
        updated_at=moment,
        currency=currency,
        total=minor(properties.get("total", properties.get("revenue")), currency),
        lines=tuple(
            OrderLine(
                product_id=str(item.get("product_id") or item.get("sku") or "")[:128],
                quantity=_count(item.get("quantity", 1)),
                unit_price=format(_decimal(item.get("price")).normalize(), "f"),
                total=minor(
                    _decimal(item.get("price")) * _count(item.get("quantity", 1)), currency
                ),
                title=str(item.get("name") or "")[:500],
            )
            for item in (products if isinstance(products, list) else [])[:500]
            if isinstance(item, dict)
        ),
    )


def minor(amount: object, currency: str) -> int:
    """An amount as a page writes it, in minor units; what is no number is 0."""
    return int((_decimal(amount) * 10 ** exponent(currency)).to_integral_value("ROUND_HALF_UP"))


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return Decimal(0)
    try:
        number = Decimal(str(value).replace(",", "."))
    except InvalidOperation:
        return Decimal(0)
    # copy_abs: abs() rounds, and overflows for 1e999999999.
    if not number.is_finite() or number.copy_abs() >= 10**12:
        return Decimal(0)
    return round(number, 8)


def _count(value: object) -> int:
    return int(value) if isinstance(value, int | float) and abs(value) < 10**6 else 1


def _record(
    batch: Batch, row: LogRow, body: dict[str, Any], source: SourceInfo, *, on_person: bool
) -> None:
    record = body["record"]
    rank = RANKS.get(source.kind, BROWSER)
    node_id = row.node_id if on_person else None
    if row.name == "order":
        order = msgspec.convert(record, Order)
        erased = bool(body.get("erased"))
        _see(
            batch, row, order, rank=rank, node_id=node_id, settled=rank > BROWSER, erased=erased
        )  # fmt: skip
        if node_id is not None:
            _learn(batch, row, told_by_order(order))
    elif row.name == "customer" and node_id is not None:
        _learn(batch, row, told_by_customer(msgspec.convert(record, Customer)))
    elif row.name == "product":
        product = msgspec.convert(record, Product)
        old = batch.memory.catalogue.get(product.shop, product.product_id)
        batch.product(
            see_product(old, product, rank=rank, seq=row.seq, received_at=row.received_at)
        )
    elif row.name == "refunds":
        seen = msgspec.convert(record, RefundSighting)
        state = _order(batch, seen.shop, seen.order_id)
        see_refunds(state, seen.refunds)
        batch.place_order(state, state.node_id)
    elif row.name == "deleted":
        _deleted(batch, row, msgspec.convert(record, Deleted), rank)


def _deleted(batch: Batch, row: LogRow, gone: Deleted, rank: int) -> None:
    if gone.type == "order":
        state = _order(batch, gone.shop, gone.id)
        see_deleted(state, row.at)
        batch.place_order(state, state.node_id)
    elif gone.type == "product":
        old = batch.memory.catalogue.get(gone.shop, gone.id)
        if old is not None:
            batch.product(see_product_deleted(old, row.at, rank, row.seq))


def _see(
    batch: Batch,
    row: LogRow,
    order: Order,
    *,
    rank: int,
    node_id: int | None,
    settled: bool,
    erased: bool = False,
) -> None:
    state = _order(batch, order.shop, order.order_id)
    before, counted = state.node_id, state.counted
    see_order(state, order, rank=rank, seq=row.seq, node_id=node_id, settled=settled, erased=erased)
    if state.counted and not counted:
        batch.bought += [(state.shop, line.product_id, state.placed_at) for line in state.lines]
    batch.place_order(state, before)


def _order(batch: Batch, shop: str, order_id: str) -> OrderState:
    key = (shop, order_id)
    if key not in batch.orders:
        batch.orders[key] = OrderState(batch.seq, shop, order_id)
    return batch.orders[key]


def _learn(batch: Batch, row: LogRow, traits: Mapping[str, Any]) -> None:
    assert row.node_id is not None
    learn(batch.state(row.node_id), traits, row.at, row.seq, trusted=True)


def _correct(batch: Batch, row: LogRow, body: Mapping[str, Any]) -> None:
    """Staff correct a trait of this node, or release it again."""
    if row.node_id is None:
        return
    batch.enter(row.node_id)
    state = batch.state(row.node_id)
    if row.name == "released":
        state.corrected.pop(body["key"], None)
    else:
        correct(state, body["key"], Trait(body["value"], row.at, row.seq, trusted=True))


def _consent(batch: Batch, row: LogRow, body: dict[str, Any]) -> None:
    if row.node_id is None:
        return
    if body.get("proved"):
        batch.memory.graph.trust(row.node_id)
    consent = Consent(row.name, body["basis"], row.at, row.seq, body.get("text_version", ""))
    key = f"{body['purpose']}/{body['channel']}"
    if row.name == "requested":
        key = request_key(body["purpose"], body["channel"])
    record_consent(batch.state(row.node_id), key, consent)
    batch.consent((
        row.seq, row.node_id, body["purpose"], body["channel"], row.name, body["basis"],
        body.get("text_version", ""), body.get("source", "")[:64], row.at, body.get("proof", ""),
    ))  # fmt: skip
    if row.name == "requested" and body["channel"] == "email":
        batch.plan(
            Planned(
                key=f"double-opt-in:{row.seq}",
                channel="email",
                kind="double_opt_in",
                purpose="service",
                node_id=row.node_id,
                payload={"seq": row.seq, **body.get("form", {})},
                at=row.received_at,
            )
        )
