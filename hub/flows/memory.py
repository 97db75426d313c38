"""What the projector keeps in memory between batches, and how it is loaded when missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import msgspec

from hub.catalogue.products import Catalogue, ProductState
from hub.decisions.answers import Answers
from hub.identity.graph import PEOPLE_TYPES, Graph, Place
from hub.identity.rules import Rules
from hub.profiles.state import NodeState, combine
from hub.store.database import Database, Row

MAX_STATES = 100_000
_CHUNK = 400
_states = msgspec.json.Decoder(NodeState)


class Memory:
    """Nodes, people and states touched lately, shared by the projector and its readers."""

    def __init__(self, catalogue: Catalogue | None = None, rules: Rules | None = None) -> None:
        self.nodes: dict[int, tuple[str, str, str]] = {}  # type, value, namespace
        self.rules = rules or Rules()
        self.looked: set[tuple[int, int]] = set()  # pairs whose past was looked through
        self.shared: set[int] = set()  # as written: what the graph finds counts once it is stored
        self.apart: dict[int, set[int]] = {}  # outlives `forget`: few, and read at the start only
        self.graph = Graph(apart=self.apart, rules=self.rules)
        self.states: dict[int, NodeState] = {}
        self.catalogue = catalogue if catalogue is not None else Catalogue()
        self._views: dict[int, NodeState] = {}
        self._answers: dict[int, Answers] = {}
        self._forgotten = 0

    def forget(self) -> None:
        """Drop everything but the catalogue; it is read again when needed."""
        self.nodes.clear()
        self.graph = Graph(apart=self.apart, rules=self.rules, shared=self.shared)
        self.looked.clear()
        self.states.clear()
        self._views.clear()
        self._answers.clear()
        self._forgotten += 1

    def trim(self) -> None:
        if len(self.states) > MAX_STATES:
            self.forget()

    async def load(self, database: Database, node_ids: Collection[int]) -> None:
        """Make sure these nodes, their people and all their states are here.

        Several may load at once while a batch is projected: what is here already is newer than
        what was read, and what was read before everything was forgotten is read again.
        """
        while True:
            started = self._forgotten
            found = await self._read(database, node_ids)
            if started == self._forgotten:
                break
        names, places, states = found
        for node_id, kind, value, namespace in names:
            self.nodes[node_id] = (kind, value, namespace)
        for place in places:
            self.nodes[place.node_id] = (place.type, place.value, place.namespace)
            self.graph.load(place)
        for node_id, state in states:
            if node_id not in self.states:
                self.states[node_id] = _states.decode(state)

    async def _read(
        self, database: Database, node_ids: Collection[int]
    ) -> tuple[list[Row], list[Place], list[Row]]:
        names = await select_in(
            database,
            "SELECT id, type, value, namespace FROM node WHERE id IN",
            {node for node in node_ids if node not in self.nodes},
        )
        kinds = {row[0]: row[1] for row in names}
        missing = {
            node
            for node in node_ids
            if node not in self.graph
            and (kinds.get(node) or self.nodes.get(node, ("",))[0]) in PEOPLE_TYPES
        }
        people = await select_in(
            database, "SELECT person_id FROM node_person WHERE node_id IN", missing
        )
        members = await select_in(
            database,
            "SELECT p.node_id, n.type, n.value, p.core_id, p.person_id, p.trusted, n.namespace "
            "FROM node_person p JOIN node n ON n.id = p.node_id WHERE p.person_id IN",
            {row[0] for row in people},
        )
        states = await select_in(
            database,
            "SELECT node_id, state FROM node_state WHERE node_id IN",
            {row[0] for row in members if row[0] not in self.states},
        )
        places = [Place(r[0], r[1], r[2], r[3], r[4], bool(r[5]), r[6]) for r in members]
        return names, places, states

    async def load_catalogue(self, database: Database) -> None:
        rows = await database.fetch("SELECT data FROM product ORDER BY id")
        self.catalogue.clear()
        self.catalogue.put(msgspec.json.decode(row[0], type=ProductState) for row in rows)

    async def load_apart(self, database: Database) -> None:
        """The pairs that staff keep apart, and the identifiers that too many accounts share."""
        rows = await database.fetch("SELECT a FROM link WHERE strength = 'shared'")
        self.shared = {row[0] for row in rows}
        self.graph.shared = set(self.shared)
        self.apart.clear()
        for a, b in await database.fetch(
            "SELECT a, b FROM link WHERE strength = 'apart' AND verdict = 'kept'"
        ):
            self.graph.keep_apart(a, b)

    def state(self, node_id: int) -> NodeState:
        """The state of a loaded node, to be changed in place."""
        state = self.states.get(node_id)
        if state is None:
            state = self.states[node_id] = NodeState()
        return state

    def device_view(self, node_id: int) -> NodeState:
        """What a browser holding this device may see: its core's nodes, by verified links only."""
        view = self._views.get(node_id)
        if view is None:
            nodes = self.graph.verified_view(node_id) if node_id in self.graph else {node_id}
            view = combine(self.states[n] for n in sorted(nodes) if n in self.states)
            self._views[node_id] = view
        return view

    def answers(self, node_id: int) -> Answers:
        """What rules answered to this device since its view changed last."""
        answers = self._answers.get(node_id)
        if answers is None:
            answers = self._answers[node_id] = Answers()
        return answers

    def person_view(self, person_id: int) -> NodeState:
        """Everything known of a person, claims included."""
        nodes = sorted(self.graph.members(person_id))
        return combine(self.states[n] for n in nodes if n in self.states)

    def changed(self, node_ids: Iterable[int]) -> None:
        """Views of these nodes' people are stale."""
        for node_id in node_ids:
            if node_id in self.graph:
                for member in self.graph.members(self.graph.place(node_id).person_id):
                    self._views.pop(member, None)
                    self._answers.pop(member, None)
            self._views.pop(node_id, None)
            self._answers.pop(node_id, None)


async def select_in(
    database: Database, head: str, values: Iterable[Any], params: Row = ()
) -> list[Row]:
    """`head` must end in `IN`; the values follow in chunks that every database takes."""
    listed = sorted(values)
    rows: list[Row] = []
    for start in range(0, len(listed), _CHUNK):
        part = listed[start : start + _CHUNK]
        marks = ",".join("?" * len(part))
        rows += await database.get(f"{head} ({marks})", (*params, *part))
    return rows
