"""The state of one order, from sightings in any order and from sources of different weight."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.catalogue.ranks import BROWSER
from hub.clock import to_ms
from hub.sdk.money import exponent
from hub.sdk.records import Order, OrderLine, OrderStatus, Refund

# An order counts once somebody paid for it; an unpaid one may never be.
COUNTING = ("paid", "fulfilled", "refunded")


class OrderState(msgspec.Struct, omit_defaults=True):
    """`version` is (rank, updated_at, seq) of the sighting that won. Times in ms."""

    pk: int
    shop: str
    order_id: str
    version: tuple[int, int, int] = (0, 0, 0)
    owner: tuple[int, int, int] = (0, 0, 0)  # version of the best sighting that named a buyer
    node_id: int | None = None
    told: OrderStatus = "pending"  # by the sighting that won
    placed_at: int = 0
    updated_at: int = 0
    currency: str = ""
    total: int = 0
    tax: int = 0
    shipping: int = 0
    discount: int = 0
    number: str = ""
    country: str = ""
    lines: tuple[OrderLine, ...] = ()
    refunds: dict[str, Refund] = msgspec.field(default_factory=dict)
    counted: bool = False
    deleted_at: int = 0
    provisional: bool = False

    @property
    def status(self) -> OrderStatus:
        """A deleted order is cancelled, until a newer sighting shows it restored."""
        return "cancelled" if self.deleted_at and self.deleted_at >= self.updated_at else self.told

    @property
    def refunded(self) -> int:
        """Minor units given back; a refunded order without listed refunds went back whole."""
        listed = sum(refund.amount for refund in self.refunds.values())
        return listed or (self.total if self.status == "refunded" else 0)


class OrderMoment(msgspec.Struct, frozen=True):
    """Something that happened once to an order."""

    name: str
    ref: str
    at: int
    properties: dict[str, Any]


def see_order(
    state: OrderState,
    order: Order,
    *,
    rank: int,
    seq: int,
    node_id: int | None,
    settled: bool,
    erased: bool = False,
) -> None:
    """Take in one sighting. `settled`: the order is final news, not a browser's word for it.
    `erased`: its buyer was erased, which makes nobody else the buyer."""
    updated_at = to_ms(order.updated_at)
    version = (rank, updated_at, seq)
    state.counted = state.counted or (settled and order.status in COUNTING)
    if order.refunds is not None:
        state.refunds.update({refund.refund_id: refund for refund in order.refunds})
    _see_buyer(state, version, node_id, erased=erased)
    if version < state.version:
        return
    state.version = version
    state.told = order.status
    state.placed_at = to_ms(order.placed_at)
    state.updated_at = updated_at
    state.currency = order.currency
    state.total = order.total
    state.tax, state.shipping, state.discount = order.tax, order.shipping, order.discount
    state.number, state.country = order.number or order.order_id, order.country
    state.lines = order.lines
    state.provisional = not settled


def _see_buyer(
    state: OrderState, version: tuple[int, int, int], node_id: int | None, *, erased: bool
) -> None:
    """The best sighting that names a buyer wins. A page only claims an order number: once the shop
    has reported the order, the page's visitor is not its buyer any more."""
    if (erased or node_id is not None) and version >= state.owner:
        state.owner, state.node_id = version, node_id
    if max(version, state.version)[0] > BROWSER and state.owner[0] <= BROWSER:
        state.node_id = None


def see_refunds(state: OrderState, refunds: tuple[Refund, ...]) -> None:
    """Refunds reported apart from the order, even before it."""
    state.refunds.update({refund.refund_id: refund for refund in refunds})


def see_deleted(state: OrderState, at: int) -> None:
    """The shop deleted the order: it stays on record and counts no more than a cancelled one."""
    state.deleted_at = max(at, state.deleted_at)


def moments(state: OrderState) -> list[OrderMoment]:
    """What happened to the order, each thing once at its own time."""
    if not state.version[0] or state.status == "test":
        return []
    properties = order_properties(state)
    found = []
    if state.counted or state.provisional:
        found.append(OrderMoment("Order Completed", "", state.placed_at, properties))
    if state.counted:
        found.extend(
            OrderMoment(
                "Order Refunded",
                refund.refund_id,
                to_ms(refund.at),
                {**properties, "amount": refund.amount / 10 ** exponent(state.currency)},
            )
            for refund in state.refunds.values()
        )
    if state.status == "cancelled":
        at = max(state.deleted_at, state.updated_at)
        found.append(OrderMoment("Order Cancelled", "", at, properties))
    return found


def order_properties(state: OrderState) -> dict[str, Any]:
    """The order as the properties of an event, for conditions and the timeline."""
    return {
        "order_id": state.order_id,
        "number": state.number,
        "total": state.total / 10 ** exponent(state.currency),
        "currency": state.currency,
        "status": state.status,
        "product_ids": [line.product_id for line in state.lines[:100]],
        "quantity": sum(line.quantity for line in state.lines),
    }
