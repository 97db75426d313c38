"""profile: who somebody is, for a program of the shop that has one of her identifiers."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.core import Hub
from hub.flows.decide import node_of
from hub.flows.people import COLUMNS, living_person
from hub.identity.graph import PEOPLE_TYPES
from hub.profiles.touch import Touch, last_touch
from hub.sdk.errors import HubError
from hub.sdk.identifiers import clean_email, clean_id
from hub.sdk.records import Identifier

WIDE_TYPES = frozenset({"email", "phone", "device"})  # the same in every shop


class Unnamed(HubError):
    """This names nobody; `field` and the message say why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


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


def named(hub: Hub, kind: str, value: str, shop: str = "") -> Identifier:
    """The identifier as the log knows it. `shop` may be left out where there is one only. Raises
    Unnamed."""
    if kind not in PEOPLE_TYPES:
        raise Unnamed("type", f"one of {', '.join(sorted(PEOPLE_TYPES))}")
    text = clean_email(value) if kind == "email" else clean_id(value)
    if not text:
        raise Unnamed("value", "this names nobody in particular")
    if kind in WIDE_TYPES:
        return Identifier("", kind, text)
    shops = sorted({source.shop for source in hub.sources.values() if source.shop})
    if not shop and len(shops) != 1:
        raise Unnamed("shop", f"which one of {', '.join(shops)}")
    return Identifier(shop or shops[0], kind, text)


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
