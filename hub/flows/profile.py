"""profile: who somebody is, for a program of the shop that has one of her identifiers."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.core import Hub
from hub.flows.decide import node_of
from hub.flows.people import COLUMNS, living_person
from hub.profiles.touch import Touch, last_touch
from hub.sdk.records import Identifier


class Profile(msgspec.Struct, frozen=True):
    """`claimed`: the traits that only a browser said; everything else a system of the shop vouches
    for, or staff. `consents`: "purpose/channel" -> what she said last. Times in ms."""

    person_id: int
    email: str
    name: str
    phone: str
    verified: bool
    events: int
    orders: int
    first_seen: int
    last_seen: int
    traits: dict[str, Any]
    claimed: list[str]
    consents: dict[str, str]
    viewed: list[str]
    first_touch: Touch | None
    last_touch: Touch | None


async def find_profile(hub: Hub, identifier: Identifier) -> Profile | None:
    """The person whom a system of the shop, or a browser, knows by this identifier; `verified`
    says which. None when nobody is."""
    node = await node_of(hub, identifier)
    person_id = await living_person(hub, node) if node is not None else None
    if node is None or person_id is None:
        return None
    rows = await hub.database.get(f"SELECT {COLUMNS} FROM person WHERE id = ?", (person_id,))  # noqa: S608
    if not rows:
        return None
    state, _ = await hub.views.person_view(node)
    number, email, name, phone, trusted, events, orders, first, last = rows[0]
    return Profile(
        number,
        email,
        name,
        phone,
        bool(trusted),
        events,
        orders,
        first,
        last,
        traits={key: trait.value for key, trait in sorted(state.traits.items())},
        claimed=sorted(key for key, trait in state.traits.items() if not trait.trusted),
        consents={key: consent.state for key, consent in sorted(state.consents.items())},
        viewed=sorted(state.viewed, key=lambda product: -state.viewed[product]),
        first_touch=state.touches.get("first"),
        last_touch=last_touch(state.touches),
    )
