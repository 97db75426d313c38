"""Whose data a request is about: what is proved to be hers, and the browsers that said so.

A page can claim any address with the public key. So a claim never makes somebody else's proved
data part of a request: the request is about one core of verified links. Browsers without a name
of their own that claimed to be her go with an erasure (they told her address), but are exported
only when somebody says so.
"""

from __future__ import annotations

import msgspec

from hub.core import Hub
from hub.flows.memory import select_in
from hub.identity.graph import STRONG_TYPES, TOKEN_TYPES
from hub.sdk.errors import HubError
from hub.sdk.identifiers import clean_email, email_identifier
from hub.sdk.records import Identifier

BROWSER_TYPES = frozenset({"device", "anonymous"})


class UnknownPerson(HubError):
    """Nobody here has this address or number."""


class Name(msgspec.Struct, frozen=True):
    """One node of the person."""

    node_id: int
    who: Identifier
    core_id: int
    trusted: bool


class Subject(msgspec.Struct, frozen=True):
    """`own`: proved to be hers. `claimed`: browsers that only said so. `names`: identifiers that
    only her browsers ever named. `tokens`: keys of her orders and carts."""

    person_id: int
    title: str  # her address, or how she is listed
    own: tuple[Name, ...]
    claimed: tuple[Name, ...]
    names: tuple[Name, ...]
    tokens: tuple[Name, ...]

    @property
    def erased(self) -> list[int]:
        """The nodes of people that an erasure takes."""
        return [n.node_id for n in (*self.own, *self.claimed, *self.names)]

    @property
    def all(self) -> tuple[Name, ...]:
        return (*self.own, *self.claimed, *self.names, *self.tokens)

    @property
    def email(self) -> str:
        """The address that staff types to confirm; "" when she has none."""
        return next((n.who.value for n in self.own if n.who.type == "email"), "")


async def find_subject(hub: Hub, asked: str) -> Subject:
    """The person of an e-mail address or of a person's number. Raises UnknownPerson."""
    text = asked.strip()
    if text.isdecimal() and len(text) < 16:
        people = await _people(hub, [int(text)])
        if not people:
            raise UnknownPerson(f"nobody here has the number {text}")
        return await _subject(hub, people, _anchor(people))
    email = clean_email(text)
    if not email:
        raise UnknownPerson(f"'{text[:80]}' is neither an e-mail address nor a person's number")
    rows = await hub.database.fetch(
        "SELECT p.node_id, p.person_id FROM node n JOIN node_person p ON p.node_id = n.id "
        "WHERE n.namespace = '' AND n.type = 'email' AND n.value = ?",
        (email,),
    )
    if not rows:
        note = " (who had it was erased)" if email_identifier(email) in hub.suppressed else ""
        raise UnknownPerson(f"nobody here has the address {email}{note}")
    people = await _people(hub, [rows[0][1]])
    return await _subject(hub, people, {n.node_id: n for n in people}[rows[0][0]])


async def subject_of_node(hub: Hub, node_id: int) -> Subject:
    """The person around one node. Raises UnknownPerson."""
    rows = await hub.database.fetch(
        "SELECT person_id FROM node_person WHERE node_id = ?", (node_id,)
    )
    people = await _people(hub, [row[0] for row in rows])
    found = {n.node_id: n for n in people}.get(node_id)
    if found is None:
        raise UnknownPerson(f"node {node_id} stands for nobody")
    return await _subject(hub, people, found)


async def _people(hub: Hub, person_ids: list[int]) -> list[Name]:
    rows = await select_in(
        hub.database,
        "SELECT p.node_id, n.namespace, n.type, n.value, p.core_id, p.trusted "
        "FROM node_person p JOIN node n ON n.id = p.node_id WHERE p.person_id IN",
        person_ids,
    )
    return sorted(
        (Name(r[0], Identifier(r[1], r[2], r[3]), r[4], bool(r[5])) for r in rows),
        key=lambda name: name.node_id,
    )


def _anchor(people: list[Name]) -> Name:
    """Whom a person's number means: the one the shop knows, else who has an address."""
    ranks = {"email": 0, "customer": 1, "user": 1, "phone": 1}
    return min(people, key=lambda n: (not n.trusted, ranks.get(n.who.type, 2), n.node_id))


async def _subject(hub: Hub, people: list[Name], anchor: Name) -> Subject:
    own = [n for n in people if n.core_id == anchor.core_id]
    mine = {n.node_id for n in own}
    # Who named one of hers; a pop-up names the browser under the address.
    named = await _linked(hub, "b", "a", mine) | await _linked(hub, "a", "b", mine)
    by_core: dict[int, list[Name]] = {}
    for name in people:
        by_core.setdefault(name.core_id, []).append(name)
    claimed = [
        name
        for core in by_core.values()
        if core[0].core_id != anchor.core_id
        and all(n.who.type in BROWSER_TYPES for n in core)
        and any(n.node_id in named for n in core)
        for name in core
    ]
    hers = mine | {n.node_id for n in claimed}
    names = await _names(hub, people, hers)
    tokens = await _tokens(hub, hers)
    title = anchor.who.value if anchor.who.type == "email" else f"person {anchor.node_id}"
    email = next((n.who.value for n in own if n.who.type == "email"), "")
    rows = await hub.database.fetch(
        "SELECT person_id FROM node_person WHERE node_id = ?", (anchor.node_id,)
    )
    return Subject(
        rows[0][0], email or title, tuple(own), tuple(claimed), tuple(names), tuple(tokens)
    )


async def _names(hub: Hub, people: list[Name], hers: set[int]) -> list[Name]:
    """Names that nobody but her browsers ever said, and under which nothing was stored."""
    candidates = [
        n for n in people
        if n.node_id not in hers and n.who.type in STRONG_TYPES and not n.trusted
        and n.core_id == n.node_id
    ]  # fmt: skip
    found = []
    for name in candidates:
        sayers = await _linked(hub, "b", "a", {name.node_id})
        stored = await hub.database.get(
            "SELECT 1 FROM log WHERE node_id = ? LIMIT 1", (name.node_id,)
        )
        if sayers and sayers <= hers and not stored:
            found.append(name)
    return found


async def _tokens(hub: Hub, hers: set[int]) -> list[Name]:
    linked = await _linked(hub, "a", "b", hers)
    rows = await select_in(
        hub.database, "SELECT id, namespace, type, value FROM node WHERE id IN", linked
    )
    return [
        Name(r[0], Identifier(r[1], r[2], r[3]), r[0], False) for r in rows if r[2] in TOKEN_TYPES
    ]


async def _linked(hub: Hub, here: str, there: str, nodes: set[int]) -> set[int]:
    sql = f"SELECT {there} FROM link WHERE {here} IN"  # noqa: S608
    return {row[0] for row in await select_in(hub.database, sql, nodes)}
