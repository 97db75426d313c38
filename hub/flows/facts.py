"""The facts a decision may use, in the shape conditions ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from hub.profiles.state import NodeState
from hub.sdk.conditions import Context, DidLeaf

ORDER_NAMES = frozenset({"Order Completed", "Order Refunded", "Order Cancelled"})


class StateFacts:
    """Facts from a snapshot: counters of published conditions, orders from their entities."""

    def __init__(self, state: NodeState, context: Context, zone: ZoneInfo) -> None:
        self._state = state
        self.context = context
        self.zone = zone

    def trait(self, key: str) -> object:
        found = self._state.traits.get(key)
        return found.value if found is not None else None

    def times(self, leaf: DidLeaf) -> Sequence[int]:
        if leaf.match.event in ORDER_NAMES:
            return order_times(self._state, leaf)
        return self._state.counters.get(leaf.key, ())


def order_times(state: NodeState, leaf: DidLeaf) -> list[int]:
    """When matching things happened to this person's orders, newest first."""
    return sorted(
        (
            order.at
            for order in state.orders.values()
            if leaf.match.matches(order.name, order.properties)
        ),
        reverse=True,
    )


def trait_values(state: NodeState) -> Mapping[str, object]:
    """The traits as plain values."""
    return {key: trait.value for key, trait in state.traits.items()}
