"""What an entry says of who is who, and what parts people again: the graph, told from the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from hub.flows.batch import Batch, History
from hub.identity.graph import JOINED, Verdict
from hub.identity.rules import ACCOUNT_TYPES
from hub.store.database import LogRow

APART_KINDS = {"unmerge", "release"}  # staff part two people, or let links join them again
LOOKED_KEPT = 100_000
PROOFS = ("verified", "typed")


class LookBack(Exception):
    """Whether an identifier is shared can not be told without all that was said of it. The
    projector begins a new transaction with this entry, its history at hand."""

    def __init__(self, seq: int) -> None:
        super().__init__(f"entry {seq}")
        self.seq = seq


def join(batch: Batch, row: LogRow, *, trusted: bool) -> None:
    """Bring together what this entry says is one person. Raises LookBack."""
    assert row.node_id is not None
    past = batch.history.get(row.seq)
    if past is not None:
        _mark_shared(batch, row, past)
    say(batch, row.node_id, row.links, trusted=trusted, look=batch.looks and past is None)


def say(batch: Batch, subject: int, links: str, *, trusted: bool, look: bool = False) -> None:
    """Tell the graph of the links of one entry about `subject`."""
    graph = batch.memory.graph
    if trusted:
        graph.trust(subject)
    for node, strength in orjson.loads(links) if links else ():
        if not batch.enter(node):
            _token(batch, subject, node, confirmed=trusted)
            continue
        if strength in PROOFS:
            if trusted:
                graph.trust(node)
            verdict = graph.join_verified(subject, node, typed=strength == "typed")
            if look and verdict.outcome == "refused" and _may_be_shared(batch, subject, node):
                raise LookBack(batch.seq)
        else:
            verdict = graph.join_claimed(subject, node)
        batch.said(subject, node, strength, verdict)


def part(batch: Batch, row: LogRow, body: Mapping[str, Any]) -> None:
    """Keep pairs apart or release them."""
    graph = batch.memory.graph
    assert row.node_id is not None
    verdict = "kept" if row.kind == "unmerge" else "released"
    for node, _ in orjson.loads(row.links):
        a, b = sorted((row.node_id, node))
        (graph.keep_apart if verdict == "kept" else graph.release)(a, b)
        batch.parted(a, b, verdict, str(body.get("by", "")))
    _again(batch, batch.history[row.seq])


def _again(batch: Batch, past: History) -> None:
    """Go through all that was said of these people again: what stands afterwards is what would
    stand had the forbidden links never been said."""
    graph, seq = batch.memory.graph, batch.seq
    people = [node for node in past.nodes if node in graph]
    batch.people_before.update(graph.place(node).person_id for node in people)
    graph.scatter(people)
    batch.tokens.update((node, {}) for node in past.nodes if node not in graph)
    for said in past.said:
        batch.seq = said.seq
        if batch.enter(said.node_id):
            say(batch, said.node_id, said.links, trusted=said.proved)
    batch.seq = seq


def _may_be_shared(batch: Batch, a: int, b: int) -> bool:
    memory = batch.memory
    kinds = {memory.nodes[a][0], memory.nodes[b][0]}
    other = kinds - ACCOUNT_TYPES
    if len(kinds) != 2 or len(other) != 1 or (a, b) in memory.looked:
        return False
    if not memory.graph.rules.shared_after(*other):
        return False
    return not any(memory.graph.bars(node) for node in (a, b))


def _mark_shared(batch: Batch, row: LogRow, past: History) -> None:
    """Mark the identifiers of this entry that more accounts use than the rules allow, and undo
    what they joined before anybody could know."""
    memory, graph = batch.memory, batch.memory.graph
    mine = _pairs(row.node_id, row.links)
    if len(memory.looked) > LOOKED_KEPT:
        memory.looked.clear()
    memory.looked.update(mine)
    said = [pair for line in past.said for pair in _pairs(line.node_id, line.links)]
    users: dict[int, dict[tuple[str, str], set[int]]] = {
        node: {} for pair in mine for node in pair if memory.nodes[node][0] not in ACCOUNT_TYPES
    }
    for one, other in (*said, *mine):
        for node, account in ((one, other), (other, one)):
            kind, _, namespace = memory.nodes.get(account, ("", "", ""))
            if node in users and kind in ACCOUNT_TYPES:
                users[node].setdefault((kind, namespace), set()).add(account)
    found = [node for node, accounts in users.items() if _too_many(batch, node, accounts.values())]
    for node in found:
        graph.shared.add(node)
        batch.shared(node, max(len(accounts) for accounts in users[node].values()))
    if found:
        _again(batch, past)


def _too_many(batch: Batch, node: int, accounts: Iterable[set[int]]) -> bool:
    graph = batch.memory.graph
    limit = graph.rules.shared_after(batch.memory.nodes[node][0])
    open_to_all = node in graph and not graph.bars(node)
    return open_to_all and limit > 0 and any(len(group) > limit for group in accounts)


def _pairs(node: int | None, links: str) -> list[tuple[int, int]]:
    if node is None or not links:
        return []
    return [(node, other) for other, strength in orjson.loads(links) if strength in PROOFS]


def _token(batch: Batch, subject: int, token: int, *, confirmed: bool) -> None:
    """A key that a shop gives to one buyer. It joins a browser and the order's buyer only once the
    shop itself has reported it."""
    graph = batch.memory.graph
    strength = "verified" if confirmed else "token"
    known = batch.tokens.setdefault(token, {})
    known.setdefault((subject, strength), batch.seq)
    # In the order in which they were said: where two stand in each other's way, the first one wins.
    told = sorted((seq, node) for (node, s), seq in known.items() if s != strength)
    others = [node for _, node in told if node != subject]
    verdict = JOINED if others else Verdict("waiting")
    for other in others:
        if other in graph:
            batch.people_before.add(graph.place(other).person_id)
            browser, buyer = (other, subject) if confirmed else (subject, other)
            guest = batch.memory.nodes[buyer][0] == "email"
            verdict = (graph.join_guest if guest else graph.join_verified)(browser, buyer)
            if confirmed:
                batch.said(other, token, "token", verdict)
    batch.said(subject, token, strength, verdict)
