"""The state of one node. Views of people are sums of node states, so a merge recomputes nothing.

Everything here is independent of the order in which entries arrive: late events find their place by
their own time, and a tie is broken by the place in the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from hub.profiles.touch import Touch, add_touch

RECENT_PRODUCTS = 30
MAX_TRAITS = 300
MAX_TRAIT_CHARS = 1024
MAX_EVENT_NAMES = 200


class Trait(msgspec.Struct, array_like=True):
    value: Any
    at: int
    seq: int
    trusted: bool


class Seen(msgspec.Struct, array_like=True):
    """How often an event came, and when first and last."""

    n: int
    first: int
    last: int


class PlacedOrder(msgspec.Struct, array_like=True):
    at: int
    name: str
    provisional: bool
    properties: dict[str, Any]


class Consent(msgspec.Struct, array_like=True):
    """The newest line of the ledger for one purpose and channel."""

    state: str
    basis: str
    at: int
    seq: int
    text_version: str


class NodeState(msgspec.Struct, omit_defaults=True):
    first: int = 0
    last: int = 0
    events: int = 0
    seen: dict[str, Seen] = msgspec.field(default_factory=dict)
    traits: dict[str, Trait] = msgspec.field(default_factory=dict)
    viewed: dict[str, int] = msgspec.field(default_factory=dict)  # product id -> last viewed at
    counters: dict[str, list[int]] = msgspec.field(default_factory=dict)
    orders: dict[str, PlacedOrder] = msgspec.field(default_factory=dict)
    consents: dict[str, Consent] = msgspec.field(default_factory=dict)
    shown: dict[str, list[int]] = msgspec.field(default_factory=dict)  # widget -> view times
    touches: dict[str, Touch] = msgspec.field(default_factory=dict)  # how she came
    corrected: dict[str, Trait] = msgspec.field(default_factory=dict)  # by staff; None: no value


def observe(state: NodeState, name: str, at: int) -> None:
    """Count one event."""
    state.events += 1
    state.first = min(state.first, at) if state.first else at
    state.last = max(state.last, at)
    seen = state.seen.get(name)
    if seen is None:
        if len(state.seen) < MAX_EVENT_NAMES:
            state.seen[name] = Seen(1, at, at)
    else:
        seen.n += 1
        seen.first = min(seen.first, at)
        seen.last = max(seen.last, at)


def learn(state: NodeState, traits: Mapping[str, Any], at: int, seq: int, *, trusted: bool) -> None:
    """Take over traits: what a trusted source said stays above claims, then the newest wins."""
    for key, value in traits.items():
        if not storable(value):
            continue
        old = state.traits.get(key)
        if old is None:
            if len(state.traits) < MAX_TRAITS:
                state.traits[key] = Trait(value, at, seq, trusted)
        elif (trusted, at, seq) >= (old.trusted, old.at, old.seq):
            state.traits[key] = Trait(value, at, seq, trusted)


def correct(state: NodeState, key: str, correction: Trait) -> None:
    """What staff say of a trait stands above all that is told, until they release it."""
    old = state.corrected.get(key)
    if old is None or (correction.at, correction.seq) >= (old.at, old.seq):
        state.corrected[key] = correction


def storable(value: object) -> bool:
    """Plain values and short lists of them; nothing nested."""
    if isinstance(value, list):
        return len(value) <= 50 and all(
            not isinstance(item, list) and storable(item) for item in value
        )
    if isinstance(value, str):
        return len(value) <= MAX_TRAIT_CHARS
    return isinstance(value, bool | int | float)


def view_product(state: NodeState, product_id: str, at: int) -> None:
    """Remember the newest RECENT_PRODUCTS products."""
    state.viewed[product_id] = max(at, state.viewed.get(product_id, 0))
    if len(state.viewed) > RECENT_PRODUCTS:
        moment = min(state.viewed.values())
        del state.viewed[min(product for product, seen in state.viewed.items() if seen == moment)]


def record_consent(state: NodeState, key: str, consent: Consent) -> None:
    """The newest line of the ledger wins; at the same moment the later one in the log."""
    old = state.consents.get(key)
    if old is None or (consent.at, consent.seq) >= (old.at, old.seq):
        state.consents[key] = consent


def request_key(purpose: str, channel: str) -> str:
    """Where a request stands. Anybody may ask in anybody's name, so that it never changes what
    the person herself decided."""
    return f"{purpose}/{channel}/requested"


def keep_latest(times: list[int], at: int, keep: int) -> None:
    """Insert into a newest-first list of at most `keep` times."""
    times.append(at)
    times.sort(reverse=True)
    del times[keep:]


def combine(states: Iterable[NodeState]) -> NodeState:
    """The sum of several nodes: a view of a person or of a device, to be read only."""
    listed = list(states)
    if len(listed) == 1 and not listed[0].corrected:
        return listed[0]  # most people are one node, and this runs for every event
    total = NodeState()
    for state in listed:
        carry(total, state)
        total.orders.update(state.orders)
        for key, consent in state.consents.items():
            record_consent(total, key, consent)
        for key, correction in state.corrected.items():
            correct(total, key, correction)
    for key, correction in total.corrected.items():
        total.traits.pop(key, None)
        if correction.value is not None:
            total.traits[key] = correction
    return total


def carry(state: NodeState, balance: NodeState) -> None:
    """Add what removed entries had amounted to."""
    state.events += balance.events
    if balance.first:
        state.first = min(state.first, balance.first) if state.first else balance.first
    state.last = max(state.last, balance.last)
    for name, seen in balance.seen.items():
        _add_seen(state, name, seen)
    for key, trait in balance.traits.items():
        learn(state, {key: trait.value}, trait.at, trait.seq, trusted=trait.trusted)
    for product_id, at in balance.viewed.items():
        view_product(state, product_id, at)
    for key, times in balance.counters.items():
        state.counters[key] = sorted([*state.counters.get(key, []), *times], reverse=True)
    for widget, times in balance.shown.items():
        state.shown[widget] = sorted([*state.shown.get(widget, []), *times], reverse=True)
    for touch in balance.touches.values():
        add_touch(state.touches, touch)


def _add_seen(total: NodeState, name: str, seen: Seen) -> None:
    old = total.seen.get(name)
    if old is None:
        total.seen[name] = Seen(seen.n, seen.first, seen.last)
    else:
        old.n += seen.n
        old.first = min(old.first, seen.first)
        old.last = max(old.last, seen.last)


def display_name(traits: Mapping[str, Trait]) -> str:
    """How to call somebody in a list."""

    def text(*keys: str) -> str:
        for key in keys:
            trait = traits.get(key)
            if trait and isinstance(trait.value, str) and trait.value.strip():
                return trait.value.strip()
        return ""

    parts = [text("first_name", "firstName"), text("last_name", "lastName")]
    return " ".join(part for part in parts if part) or text("name")
