"""people: finding a person, and all that is known of one."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.core import Hub
from hub.profiles.touch import Touch, last_touch
from hub.store.database import Row

PAGE = 50
COLUMNS = "id, email, name, phone, trusted, events, orders, first_seen, last_seen"


class PersonLine(msgspec.Struct, frozen=True):
    """A person as listed. `trusted`: a shop's own system vouches for an identifier."""

    id: int
    email: str
    name: str
    phone: str
    trusted: bool
    events: int
    orders: int
    first_seen: int
    last_seen: int


class PeoplePage(msgspec.Struct, frozen=True):
    """`next` is the key of the following page, "" at the end."""

    people: list[PersonLine]
    next: str


class TraitLine(msgspec.Struct, frozen=True):
    key: str
    value: Any
    at: int
    trusted: bool
    corrected: bool = False  # by staff


class ConsentLine(msgspec.Struct, frozen=True):
    seq: int
    at: int
    purpose: str
    channel: str
    state: str
    basis: str
    text_version: str
    source: str
    proof: str


class Identifier(msgspec.Struct, frozen=True):
    """One name of the person. `core`: which of the verified groups it stands in."""

    node_id: int
    namespace: str
    type: str
    value: str
    trusted: bool
    core: int


class LinkLine(msgspec.Struct, frozen=True):
    """Two identifiers said to be the same. `drawn`: verified, claimed, refused or waiting."""

    a: Identifier
    b: Identifier
    strength: str
    drawn: str
    reason: str


class PersonOrder(msgspec.Struct, frozen=True):
    pk: int
    order_id: str
    shop: str
    status: str
    placed_at: int
    currency: str
    total: int
    refunded: int
    provisional: bool


class Message(msgspec.Struct, frozen=True):
    id: int
    channel: str
    kind: str
    state: str
    reason: str
    updated_at: int


class PersonPage(msgspec.Struct, frozen=True):
    person: PersonLine
    traits: list[TraitLine]
    consents: list[ConsentLine]
    identifiers: list[Identifier]
    links: list[LinkLine]
    orders: list[PersonOrder]
    messages: list[Message]
    first_touch: Touch | None = None
    last_touch: Touch | None = None


async def find_people(hub: Hub, query: str = "", after: str = "", limit: int = PAGE) -> PeoplePage:
    """People by e-mail, name, phone or id, the last seen first. `after` is a page's `next`."""
    where = ["1 = 1"]
    params: list[Any] = []
    words = query.casefold().split()[:8]
    for word in words:
        where.append("search LIKE ? ESCAPE '!'")
        params.append(f"%{_escaped(word)}%")
    if len(words) == 1 and words[0].isdecimal() and len(words[0]) < 16:
        where = [f"(({' AND '.join(where)}) OR id = ?)"]
        params.append(int(words[0]))
    last, _, person_id = after.partition("-")
    if last.isdecimal() and person_id.isdecimal():
        where.append("(last_seen < ? OR (last_seen = ? AND id < ?))")
        params += [int(last), int(last), int(person_id)]
    rows = await hub.database.fetch(
        f"SELECT {COLUMNS} FROM person WHERE {' AND '.join(where)} "  # noqa: S608
        "ORDER BY last_seen DESC, id DESC LIMIT ?",
        (*params, limit + 1),
    )
    people = [_line(row) for row in rows[:limit]]
    more = len(rows) > limit
    return PeoplePage(people, f"{people[-1].last_seen}-{people[-1].id}" if more else "")


async def living_person(hub: Hub, node_id: int) -> int | None:
    """The person this node (or a merged-away person's id) belongs to now."""
    rows = await hub.database.fetch(
        "SELECT person_id FROM node_person WHERE node_id = ?", (node_id,)
    )
    return int(rows[0][0]) if rows else None


async def person_page(hub: Hub, person_id: int) -> PersonPage | None:
    """All of a person but the timeline, or None when nobody has this id."""
    rows = await hub.database.fetch(f"SELECT {COLUMNS} FROM person WHERE id = ?", (person_id,))  # noqa: S608
    if not rows:
        return None
    nodes = await person_nodes(hub, person_id)
    state, _ = await hub.views.person_view(person_id)
    traits = [
        TraitLine(key, t.value, t.at, t.trusted, key in state.corrected)
        for key, t in sorted(state.traits.items())
    ]
    identifiers = await identifiers_of(hub, nodes)
    return PersonPage(
        _line(rows[0]),
        traits,
        await _consents(hub, nodes),
        sorted(identifiers, key=lambda i: (i.type, i.value)),
        await _links(hub, nodes),
        await _orders(hub, nodes),
        await _messages(hub, nodes),
        state.touches.get("first"),
        last_touch(state.touches),
    )


async def person_nodes(hub: Hub, person_id: int) -> list[int]:
    """The nodes of a person."""
    rows = await hub.database.fetch(
        "SELECT node_id FROM node_person WHERE person_id = ? ORDER BY node_id", (person_id,)
    )
    return [int(row[0]) for row in rows]


def marks(values: list[int]) -> str:
    """As many question marks as values, for an IN list."""
    return ", ".join("?" for _ in values) or "NULL"


async def identifiers_of(hub: Hub, nodes: list[int]) -> list[Identifier]:
    """What these nodes are called."""
    rows = await hub.database.fetch(
        "SELECT n.id, n.namespace, n.type, n.value, COALESCE(p.trusted, ?), COALESCE(p.core_id, 0) "  # noqa: S608
        f"FROM node n LEFT JOIN node_person p ON p.node_id = n.id WHERE n.id IN ({marks(nodes)})",
        (False, *nodes),
    )
    return [Identifier(r[0], r[1], r[2], r[3], bool(r[4]), r[5]) for r in rows]


async def _links(hub: Hub, nodes: list[int]) -> list[LinkLine]:
    rows = await hub.database.fetch(
        "SELECT a, b, strength, verdict, reason FROM link "  # noqa: S608
        f"WHERE strength <> 'apart' AND (a IN ({marks(nodes)}) OR b IN ({marks(nodes)})) "
        "ORDER BY seq LIMIT 300",
        (*nodes, *nodes),
    )
    ends = sorted({node for row in rows for node in row[:2]})
    known = {i.node_id: i for i in await identifiers_of(hub, ends)}
    return [
        LinkLine(known[a], known[b], strength, _drawn(strength, verdict), reason)
        for a, b, strength, verdict, reason in rows
        if a in known and b in known
    ]


def _drawn(strength: str, verdict: str) -> str:
    if verdict != "joined":
        return verdict
    return "claimed" if strength == "claimed" else "verified"


async def _consents(hub: Hub, nodes: list[int]) -> list[ConsentLine]:
    rows = await hub.database.fetch(
        "SELECT seq, at, purpose, channel, state, basis, text_version, source, proof FROM consent "  # noqa: S608
        f"WHERE node_id IN ({marks(nodes)}) ORDER BY at DESC, seq DESC LIMIT 200",
        tuple(nodes),
    )
    return [ConsentLine(*row) for row in rows]


async def _orders(hub: Hub, nodes: list[int]) -> list[PersonOrder]:
    rows = await hub.database.fetch(
        "SELECT id, order_id, shop, status, placed_at, currency, total, refunded, provisional "  # noqa: S608
        f"FROM shop_order WHERE node_id IN ({marks(nodes)}) ORDER BY placed_at DESC LIMIT 100",
        tuple(nodes),
    )
    return [PersonOrder(*(*row[:8], bool(row[8]))) for row in rows]


async def _messages(hub: Hub, nodes: list[int]) -> list[Message]:
    rows = await hub.database.fetch(
        "SELECT id, channel, kind, state, reason, updated_at FROM outbox "  # noqa: S608
        f"WHERE node_id IN ({marks(nodes)}) ORDER BY id DESC LIMIT 50",
        tuple(nodes),
    )
    return [Message(*row) for row in rows]


def _escaped(word: str) -> str:
    return word.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _line(row: Row) -> PersonLine:
    return PersonLine(*(*row[:4], bool(row[4]), *row[5:]))
