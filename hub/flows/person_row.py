"""The row by which a person is listed and searched."""

from __future__ import annotations

import orjson

from hub.flows.memory import Memory
from hub.profiles.state import display_name
from hub.store.database import Row

PERSON_SQL = (
    "INSERT INTO person (id, first_seen, last_seen, email, name, phone, trusted, events, orders, "
    "search, traits) VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET "
    "first_seen = excluded.first_seen, last_seen = excluded.last_seen, email = excluded.email, "
    "name = excluded.name, phone = excluded.phone, trusted = excluded.trusted, "
    "events = excluded.events, orders = excluded.orders, search = excluded.search, "
    "traits = excluded.traits"
)


def person_row(memory: Memory, person_id: int) -> Row:
    """The sum of a person's nodes, as PERSON_SQL takes it."""
    state = memory.person_view(person_id)
    # In order: the row must not depend on the way on which the person came together.
    places = [memory.graph.place(n) for n in sorted(memory.graph.members(person_id))]
    known = any(p.trusted for p in places)
    # What a page claims of somebody known never becomes her name, address or number.
    emails = sorted(
        (p.node_id, p.value) for p in places if p.type == "email" and p.trusted >= known
    )
    email = emails[0][1] if emails else ""
    said = {key: trait for key, trait in state.traits.items() if trait.trusted >= known}
    name = display_name(said)
    phone = said.get("phone")
    number = str(phone.value)[:40] if phone else ""
    moments = [order.at for order in state.orders.values()]
    first = min([*moments, *([state.first] if state.first else [])], default=0)
    names = [p.value for p in places if p.type in ("email", "user", "customer", "phone")]
    return (
        person_id,
        first,
        max([state.last, *moments]),
        email[:320],
        name[:200],
        number,
        known,
        state.events,
        sum(o.name == "Order Completed" and not o.provisional for o in state.orders.values()),
        " ".join([*names, name, number]).casefold(),
        orjson.dumps({key: trait.value for key, trait in sorted(state.traits.items())}).decode(),
    )
