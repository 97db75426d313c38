"""The identity graph: claims bend to proof, and nobody known is ever joined by a claim."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.identity.graph import Graph, Place
from hub.identity.rules import BROWSER_TYPES, Rules

MAX_PERSON_NODES = Rules().identifiers
TYPES = ("device", "anonymous", "email", "user", "customer")
KINDS = {node: TYPES[node % 5] for node in range(1, 26)}


@dataclass(frozen=True)
class Step:
    """One thing that is said: a claim, a proof, or a trusted source naming somebody."""

    kind: str
    a: int
    b: int


NODES = st.integers(1, 25)
CLAIM = st.builds(Step, st.just("claimed"), NODES, NODES)
PROOF = st.builds(Step, st.just("verified"), NODES, NODES)
TRUST = st.builds(Step, st.just("trust"), NODES, st.just(0))
STEPS = st.lists(CLAIM | PROOF | TRUST, max_size=60)


def fresh() -> Graph:
    graph = Graph()
    for node, kind in KINDS.items():
        graph.add(node, kind, str(node))
    return graph


def do(graph: Graph, step: Step) -> None:
    if step.kind == "trust":
        graph.trust(step.a)
    elif step.kind == "verified":
        graph.join_verified(step.a, step.b)
    else:
        graph.join_claimed(step.a, step.b)


def core_of(graph: Graph, node: int) -> set[int]:
    place = graph.place(node)
    return {n for n in graph.members(place.person_id) if graph.place(n).core_id == place.core_id}


def cores(graph: Graph) -> set[frozenset[int]]:
    return {frozenset(core_of(graph, node)) for node in KINDS}


def people(graph: Graph) -> dict[int, set[int]]:
    ids = {graph.place(node).person_id for node in KINDS}
    return {person: graph.members(person) for person in ids}


def check(graph: Graph) -> None:
    found = people(graph)
    for person, members in found.items():
        assert person == min(members)
        assert all(graph.place(node).person_id == person for node in members)
        trusted = {graph.place(n).core_id for n in members if graph.place(n).trusted}
        assert len(trusted) <= 1, "two known people in one"
    assert sorted(itertools.chain(*found.values())) == sorted(KINDS)
    for core in cores(graph):
        assert {graph.place(node).core_id for node in core} == {min(core)}


@given(STEPS)
def test_whatever_is_said_people_stay_whole_and_known_people_apart(steps: list[Step]) -> None:
    graph = fresh()
    for step in steps:
        do(graph, step)
        check(graph)


@given(STEPS, st.lists(CLAIM, max_size=30))
def test_claims_never_touch_what_is_proved(before: list[Step], claims: list[Step]) -> None:
    graph = fresh()
    for step in before:
        do(graph, step)
    proved = cores(graph)
    trusted = {node for node in KINDS if graph.place(node).trusted}
    known = {graph.place(node).core_id: frozenset(core_of(graph, node)) for node in trusted}
    apart = {
        (a, b)
        for a, b in itertools.combinations(sorted(trusted), 2)
        if graph.place(a).person_id != graph.place(b).person_id
    }
    for claim in claims:
        do(graph, claim)
    assert cores(graph) == proved
    assert {node for node in KINDS if graph.place(node).trusted} == trusted
    assert {graph.place(n).core_id: frozenset(core_of(graph, n)) for n in trusted} == known
    assert all(graph.place(a).person_id != graph.place(b).person_id for a, b in apart)


NO_BROWSER = st.sampled_from([n for n, kind in KINDS.items() if kind not in BROWSER_TYPES])
SHOP_SAID = st.builds(Step, st.just("verified"), NO_BROWSER, NO_BROWSER)


@given(st.lists(SHOP_SAID, max_size=15), st.randoms(use_true_random=False))
def test_proof_does_not_depend_on_the_order(links: list[Step], random: object) -> None:
    one, other = fresh(), fresh()
    for link in links:
        do(one, link)
    shuffled = list(links)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for link in shuffled:
        do(other, link)
    assert people(one) == people(other)
    assert cores(one) == cores(other)


@given(STEPS)
def test_what_changed_is_remembered_and_can_be_loaded_again(steps: list[Step]) -> None:
    graph = fresh()
    stored = {node: _copy(graph.place(node)) for node in KINDS}
    graph.changed.clear()
    for step in steps:
        do(graph, step)
        for node in graph.changed:
            stored[node] = _copy(graph.place(node))
        graph.changed.clear()
    loaded = Graph()
    for place in stored.values():
        loaded.load(place)
    assert people(loaded) == people(graph)
    assert cores(loaded) == cores(graph)


def _copy(place: Place) -> Place:
    return Place(
        place.node_id, place.type, place.value, place.core_id, place.person_id, place.trusted
    )


@given(STEPS)
def test_saying_it_again_changes_nothing(steps: list[Step]) -> None:
    proofs = [step for step in steps if step.kind != "claimed"]
    graph = fresh()
    for step in proofs:
        do(graph, step)
    graph.changed.clear()
    for step in proofs:
        do(graph, step)
    assert graph.changed == set()


def named(**places: str) -> tuple[Graph, dict[str, int]]:
    graph = Graph()
    ids = {name: n for n, name in enumerate(places, start=1)}
    for name, kind in places.items():
        graph.add(ids[name], kind, name)
    return graph, ids


def test_a_device_that_only_claimed_follows_the_proof() -> None:
    graph, n = named(victim="email", device="device", owner="email")
    graph.trust(n["victim"])
    assert graph.join_claimed(n["device"], n["victim"]).outcome == "joined"
    graph.trust(n["owner"])
    assert graph.join_verified(n["device"], n["owner"]).outcome == "joined"
    assert graph.members(n["victim"]) == {n["victim"]}
    assert graph.verified_view(n["device"]) == {n["device"], n["owner"]}


def test_a_claim_never_joins_two_known_people() -> None:
    graph, n = named(ann="email", bob="email")
    graph.trust(n["ann"])
    graph.trust(n["bob"])
    verdict = graph.join_claimed(n["ann"], n["bob"])
    assert (verdict.outcome, verdict.reason) == ("refused", "both are known people")


def test_a_claim_never_gives_a_device_two_addresses() -> None:
    graph, n = named(device="device", first="email", second="email")
    graph.join_claimed(n["device"], n["first"])
    assert graph.join_claimed(n["device"], n["second"]).outcome == "refused"
    assert graph.members(n["device"]) == {n["device"], n["first"]}


def test_two_who_become_known_part_again() -> None:
    graph, n = named(ann="user", address="email", device="device")
    graph.trust(n["ann"])
    graph.join_claimed(n["device"], n["ann"])
    graph.join_claimed(n["device"], n["address"])
    graph.trust(n["address"])
    assert graph.members(n["ann"]) == {n["ann"], n["device"]}
    assert graph.place(n["address"]).person_id == n["address"]


def test_claims_do_not_use_up_the_room_of_a_person() -> None:
    graph = Graph()
    graph.add(1, "email", "ann")
    graph.trust(1)
    for node in range(2, MAX_PERSON_NODES + 50):
        graph.add(node, "anonymous", str(node))
        graph.join_claimed(node, 1)
    assert len(graph.members(1)) == MAX_PERSON_NODES
    graph.add(9999, "device", "hers")
    assert graph.join_verified(9999, 1).outcome == "joined"


def test_proof_has_a_limit_too() -> None:
    graph = Graph()
    for node in range(1, MAX_PERSON_NODES + 2):
        graph.add(node, "device", str(node))
    verdicts = [graph.join_verified(1, n).outcome for n in range(2, MAX_PERSON_NODES + 2)]
    assert verdicts.count("refused") == 1


@pytest.mark.parametrize("kind", ["device", "anonymous"])
def test_devices_are_never_trusted(kind: str) -> None:
    graph, n = named(thing=kind)
    graph.trust(n["thing"])
    assert not graph.known(n["thing"])


def test_a_device_never_sees_what_the_public_key_can_write() -> None:
    graph, n = named(device="device", user="user", old="anonymous")
    graph.join_verified(n["device"], n["user"])
    graph.join_verified(n["old"], n["user"])
    assert graph.verified_view(n["device"]) == {n["device"], n["user"]}
    assert graph.members(1) == set(n.values())
