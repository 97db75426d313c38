"""The identity graph: pure functions over the rows of `node_person`.

A *core* is what verified links hold together. A *person* is one core with an identity of its own,
plus the cores that only claim to belong to it. Ids are those of the oldest node inside, so that
the same log always gives the same people.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from hub.identity.rules import ACCOUNT_TYPES, BROWSER_TYPES, ONLY_ONE, Rules

# What stands for somebody. Orders, carts and keys only point at somebody.
PEOPLE_TYPES = frozenset({"device", "anonymous", "user", "customer", "email", "phone"})
STRONG_TYPES = frozenset({"user", "customer", "email", "phone"})
TOKEN_TYPES = frozenset({"order_key", "cart_token", "checkout_token"})
KEPT_APART = "kept apart by staff"
TOO_MANY = "too many identifiers for one person"
SHARED = "shared by too many accounts"


class Place(msgspec.Struct):
    """Where one node stands. `trusted`: a trusted source named this identifier itself."""

    node_id: int
    type: str
    value: str
    core_id: int
    person_id: int
    trusted: bool = False
    namespace: str = ""


class Verdict(msgspec.Struct, frozen=True):
    outcome: Literal["joined", "refused", "waiting"]
    reason: str = ""


JOINED = Verdict("joined")


class Graph:
    """The places of all nodes that a batch may touch; remembers which ones changed."""

    def __init__(
        self,
        places: Iterable[Place] = (),
        apart: dict[int, set[int]] | None = None,
        rules: Rules | None = None,
        shared: Iterable[int] = (),
    ) -> None:
        self.rules = rules or Rules()
        self._few = self.rules.least
        self.shared = set(shared)  # nodes that too many accounts use: they join nobody
        # Nodes that staff said are not the same person: no link brings them together.
        self.apart: dict[int, set[int]] = {} if apart is None else apart
        self._places: dict[int, Place] = {}
        self._people: dict[int, set[int]] = {}
        self.changed: set[int] = set()
        for place in places:
            self._put(place)

    def __contains__(self, node_id: int) -> bool:
        return node_id in self._places

    def place(self, node_id: int) -> Place:
        return self._places[node_id]

    def members(self, person_id: int) -> set[int]:
        """The nodes of one person."""
        return self._people.get(person_id, set())

    def add(self, node_id: int, kind: str, value: str, namespace: str = "") -> None:
        """A node seen for the first time is a person of its own."""
        if node_id not in self._places:
            self._put(Place(node_id, kind, value, node_id, node_id, namespace=namespace))
            self.changed.add(node_id)

    def load(self, place: Place) -> None:
        """A place read from the database."""
        if place.node_id not in self._places:
            self._put(place)

    def trust(self, node_id: int) -> None:
        """A trusted source used this identifier: it is nobody's mere claim any more."""
        place = self._places[node_id]
        if place.trusted or place.type not in STRONG_TYPES:
            return
        core = self._core(node_id)
        others = self.members(place.person_id) - core
        place.trusted = True
        self.changed.add(node_id)
        if any(self._places[node].trusted for node in others):
            # A claim held two cores together that are both known now: each is somebody.
            self._set_person(others)
            self._set_person(core)

    def join_verified(self, a: int, b: int, *, typed: bool = False) -> Verdict:
        """Proof that both are one person. A core that only claimed to be elsewhere follows it.
        `typed`: an address from a checkout, which never joins two accounts or two addresses."""
        first, second = self._places[a], self._places[b]
        if first.core_id == second.core_id:
            return JOINED
        one, other = self._core(a), self._core(b)
        merged = one | other
        # Claims do not count here: a stranger could fill somebody's place with them.
        refusal = self._barred(first, second) or self._too_many(merged)
        if not refusal and (typed or BROWSER_TYPES & {first.type, second.type}):
            refusal = self._clash(one, other)
        if not refusal and self._parted(merged):
            refusal = KEPT_APART
        if refusal:
            return Verdict("refused", refusal)
        stay: set[int] = set()
        for person_id in sorted({first.person_id, second.person_id}):
            others = self.members(person_id) - merged
            known = any(self._places[node].trusted for node in others)
            if known or self._parted(merged | stay | others):
                continue  # the claim of our core to that person gives way; the others stay behind
            stay |= others
        left = (self.members(first.person_id) | self.members(second.person_id)) - merged - stay
        self._set_core(merged)
        self._set_person(merged | stay)
        for person_id in {self._places[node].person_id for node in left}:
            self._set_person({n for n in left if self._places[n].person_id == person_id})
        return JOINED

    def join_guest(self, browser: int, email: int) -> Verdict:
        """This browser placed an order without signing in, with an address that anybody can type.
        It proves to be that buyer only where there is nothing to be had: no account and no other
        browser stands behind the address. Else it is a claim."""
        apart = self._core(email) - self._core(browser) - {email}
        if any(self._places[n].type in ACCOUNT_TYPES | BROWSER_TYPES for n in apart):
            return self.join_claimed(browser, email)
        return self.join_verified(browser, email)

    def join_claimed(self, a: int, b: int) -> Verdict:
        """Somebody said so without proof: never joins two known people."""
        first, second = self._places[a], self._places[b]
        if first.person_id == second.person_id:
            return JOINED
        together = self.members(first.person_id) | self.members(second.person_id)
        refusal = self._barred(first, second) or self._too_many(together)
        if refusal:
            return Verdict("refused", refusal)
        if self.known(first.person_id) and self.known(second.person_id):
            return Verdict("refused", "both are known people")
        clash = self._strong(first.person_id).keys() & self._strong(second.person_id).keys()
        if clash:
            return Verdict("refused", f"another {sorted(clash)[0]} was said before")
        if self._parted(together):
            return Verdict("refused", KEPT_APART)
        self._set_person(together)
        return JOINED

    def keep_apart(self, a: int, b: int) -> None:
        """From now on no link joins these two, whatever lies between them."""
        self.apart.setdefault(a, set()).add(b)
        self.apart.setdefault(b, set()).add(a)

    def release(self, a: int, b: int) -> None:
        """Links may join these two again."""
        for one, other in ((a, b), (b, a)):
            self.apart.get(one, set()).discard(other)
            if not self.apart.get(one):
                self.apart.pop(one, None)

    def scatter(self, nodes: Iterable[int]) -> None:
        """Each of these is somebody of its own, vouched for by nobody: before what was said of
        them is gone through again. Whole people only."""
        for node in nodes:
            place = self._places[node]
            self._people[place.person_id].discard(node)
            place.core_id = place.person_id = node
            place.trusted = False
            self._people.setdefault(node, set()).add(node)
            self.changed.add(node)

    def bars(self, node_id: int) -> str:
        """Why this node joins nobody at all, or ""."""
        place = self._places[node_id]
        reason = self.rules.junk(place.type, place.value)
        return reason or (SHARED if node_id in self.shared else "")

    def known(self, person_id: int) -> bool:
        """Whether a trusted source vouches for an identifier of this person."""
        return any(self._places[node].trusted for node in self.members(person_id))

    def verified_view(self, node_id: int) -> set[int]:
        """The nodes whose data a browser holding this device may see: only those into which
        nobody else can write with the public key."""
        return {
            n for n in self._core(node_id) if n == node_id or self._places[n].type != "anonymous"
        }

    def _put(self, place: Place) -> None:
        self._places[place.node_id] = place
        self._people.setdefault(place.person_id, set()).add(place.node_id)

    def _parted(self, nodes: set[int]) -> bool:
        if not self.apart:
            return False
        return any(n in self.apart and not self.apart[n].isdisjoint(nodes) for n in nodes)

    def _core(self, node_id: int) -> set[int]:
        place = self._places[node_id]
        return {
            n for n in self.members(place.person_id) if self._places[n].core_id == place.core_id
        }

    def _strong(self, person_id: int) -> dict[str, int]:
        return {
            self._places[n].type: n
            for n in self.members(person_id)
            if self._places[n].type in ("user", "email")
        }

    def _barred(self, *places: Place) -> str:
        reasons = (self.bars(place.node_id) for place in places)
        return next(filter(None, reasons), "")

    def _too_many(self, nodes: set[int]) -> str:
        if len(nodes) <= self._few:
            return ""
        if len(nodes) > self.rules.identifiers:
            return TOO_MANY
        return self.rules.too_many((self._places[n].type, self._places[n].namespace) for n in nodes)

    def _clash(self, one: set[int], other: set[int]) -> str:
        """What both have of their own, so that a weak proof can not make one person of them."""
        twice = self._own(one) & self._own(other)
        return f"too weak a proof to join two {min(twice)[0]}s" if twice else ""

    def _own(self, nodes: set[int]) -> set[tuple[str, str]]:
        places = [self._places[n] for n in nodes]
        return {(p.type, p.namespace) for p in places if p.type in ONLY_ONE}

    def _set_core(self, nodes: set[int]) -> None:
        core_id = min(nodes)
        for node in nodes:
            if self._places[node].core_id != core_id:
                self._places[node].core_id = core_id
                self.changed.add(node)

    def _set_person(self, nodes: set[int]) -> None:
        person_id = min(nodes)
        for node in nodes:
            place = self._places[node]
            if place.person_id != person_id:
                self._people[place.person_id].discard(node)
                self._people.setdefault(person_id, set()).add(node)
                place.person_id = person_id
                self.changed.add(node)
