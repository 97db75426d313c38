"""What joins nobody, how much one person may be made of, and what a browser may not join."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from hub.identity.graph import SHARED, Graph
from hub.identity.rules import Rules, make_rules
from hub.sdk.identifiers import clean_id
from hub.settings import Merging, SettingsError, load_settings

RULES = make_rules(Merging(junk=["counter-*@shop.example", " ", "*"]))


@pytest.mark.parametrize(
    "address",
    ["noreply@shop.example", "TEST@shop.example", "null@x.example", "test+1@shop.example",
     "do-not-reply@shop.example", "counter-12@SHOP.example"],
)  # fmt: skip
def test_a_mailbox_of_nobody_joins_nobody(address: str) -> None:
    graph = Graph(rules=RULES)
    graph.add(1, "customer", "c1")
    graph.add(2, "email", address.lower())
    graph.trust(1)
    graph.trust(2)
    for verdict in (graph.join_verified(1, 2), graph.join_claimed(1, 2)):
        assert verdict.outcome == "refused"
        assert "stand" in verdict.reason
    assert graph.members(1) == {1}


@pytest.mark.parametrize("address", ["info@firm.example", "testa@x.example", "ann@shop.example"])
def test_other_mailboxes_join(address: str) -> None:
    assert RULES.junk("email", address) == ""


@pytest.mark.parametrize(
    "value",
    ["0", "000", "00000000-0000-0000-0000-000000000000", "Undefined", "(null)", "{{customer.id}}",
     "{{ customer.id }}", "${userId}", "%user_id%", "<%= id %>", "N/A", 0],
)  # fmt: skip
def test_values_of_templates_name_nobody(value: object) -> None:
    assert clean_id(value) == ""


@pytest.mark.parametrize("value", ["100", "0a", "00000000-0000-0000-0000-000000000001", "a-0", "-"])
def test_values_that_only_look_like_it_are_kept(value: str) -> None:
    assert clean_id(value) == value


def person(graph: Graph, first: int, *kinds: tuple[str, str]) -> set[int]:
    nodes = list(range(first, first + len(kinds)))
    for node, (kind, namespace) in zip(nodes, kinds, strict=True):
        graph.add(node, kind, f"{kind}-{node}", namespace)
        graph.trust(node)
        graph.join_verified(first, node)
    return set(nodes)


def test_a_browser_never_joins_two_accounts_of_one_shop() -> None:
    graph = Graph(rules=RULES)
    ann = person(graph, 1, ("customer", "linen"), ("device", ""))
    bob = person(graph, 11, ("customer", "linen"), ("email", ""))
    verdict = graph.join_verified(2, 11)
    assert (verdict.outcome, verdict.reason) == (
        "refused", "too weak a proof to join two customers",
    )  # fmt: skip
    assert (graph.members(1), graph.members(11)) == (ann, bob)


def test_a_browser_joins_accounts_of_two_shops() -> None:
    graph = Graph(rules=RULES)
    person(graph, 1, ("customer", "linen"), ("device", ""))
    person(graph, 11, ("customer", "wool"))
    assert graph.join_verified(2, 11).outcome == "joined"


def test_the_shop_itself_may_join_two_addresses() -> None:
    graph = Graph(rules=RULES)
    person(graph, 1, ("customer", "linen"), ("email", ""))
    person(graph, 11, ("email", ""))
    assert graph.join_verified(1, 11).outcome == "joined"


@pytest.mark.parametrize(
    ("kind", "limit", "words"),
    [("customer", 5, "accounts of one shop"), ("email", 10, "e-mail addresses"),
     ("phone", 10, "phone numbers"), ("device", 200, "browsers")],
)  # fmt: skip
def test_one_person_has_so_many_and_no_more(kind: str, limit: int, words: str) -> None:
    graph = Graph(rules=RULES)
    graph.add(1, "user", "u1", "linen")
    for node in range(2, limit + 4):
        graph.add(node, kind, str(node), "linen" if kind == "customer" else "")
        verdict = graph.join_verified(1, node)
    assert len(graph.members(1)) == limit + 1
    assert verdict.reason == f"more than {limit} {words} for one person"


def test_claims_count_with_the_person_and_proof_without_claims() -> None:
    graph = Graph(rules=Rules(emails=2))
    graph.add(1, "device", "d")
    for node in (2, 3, 4):
        graph.add(node, "anonymous", str(node))
        graph.add(node + 10, "email", f"{node}@x.example")
        graph.join_claimed(node, node + 10)
    assert graph.join_claimed(1, 2).outcome == "joined"
    assert graph.join_verified(1, 14).outcome == "joined"
    assert graph.place(14).core_id == 1


def test_what_is_shared_joins_nobody() -> None:
    graph = Graph(rules=RULES, shared=[2])
    graph.add(1, "customer", "c1", "linen")
    graph.add(2, "email", "till@shop.example")
    assert graph.join_verified(1, 2).reason == SHARED
    assert graph.join_claimed(2, 1).reason == SHARED


def test_limits_do_not_depend_on_the_order_where_none_is_passed() -> None:
    links = [(1, 2), (2, 3), (3, 4), (4, 5)]
    seen = set()
    for order in itertools.permutations(links):
        graph = Graph(rules=RULES)
        for node, kind in enumerate(("customer", "email", "customer", "email", "customer"), 1):
            graph.add(node, kind, str(node), "linen" if kind == "customer" else "")
        for a, b in order:
            assert graph.join_verified(a, b).outcome == "joined"
        seen.add(frozenset(graph.members(1)))
    assert seen == {frozenset({1, 2, 3, 4, 5})}


def test_a_limit_of_nothing_refuses_nobody() -> None:
    rules = make_rules(Merging(identifiers=0, accounts=0, emails=0, phones=0, browsers=0))
    graph = Graph(rules=rules)
    graph.add(1, "user", "u1", "linen")
    for node in range(2, 60):
        graph.add(node, "email", str(node))
        assert graph.join_verified(1, node).outcome == "joined"
    assert rules.identifiers == 300


def test_a_limit_below_nothing_is_no_setting(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text("[merging]\naccounts = -1\n")
    with pytest.raises(SettingsError, match=r"accounts"):
        load_settings(tmp_path)
