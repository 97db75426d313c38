"""People made from a condition itself: every trait and event it names, in all odd states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from hub.sdk.conditions import (
    Condition,
    Context,
    DidLeaf,
    EventCount,
    Every,
    Negation,
    Node,
    Some,
    TraitTest,
    ValueTest,
)

__all__ = ["CONTEXTS", "NOW", "WRONG", "Asked", "crowd_of", "leaves_of"]

NOW = 1_774_785_600_000  # 2026-03-29 14:00 in Brussels, the day the clocks go forward
ZONE = ZoneInfo("Europe/Brussels")
WRONG: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 0.5, "", "1", "a", "true", [], ["a"], {}, {"a": 1}, [["a"]],
)  # fmt: skip
DAY = 86_400_000
CONTEXTS = (
    Context(),
    Context({"path": "/sale/x", "url": "https://shop.example/sale/x", "category": "sale"},
            "phone", {"source": "mail", "name": "spring"}, "nl-BE"),
    Context({"path": "/", "product": "p1"}, "desktop", {}, "fr"),
)  # fmt: skip


class Asked:
    """Facts of one person (hub.sdk.conditions.Facts) that note what they are asked."""

    def __init__(self, known: dict[str, Any], rows: Sequence[Any], context: Context) -> None:
        self.zone = ZONE
        self.context = context
        self.traits: set[str] = set()
        self.leaves: list[DidLeaf] = []
        self.calls = 0
        self._known = known
        self._rows = rows

    def trait(self, key: str) -> object:
        self.calls += 1
        self.traits.add(key)
        return self._known.get(key)

    def times(self, leaf: DidLeaf) -> Sequence[int]:
        self.calls += 1
        self.leaves.append(leaf)
        found = (row.at for row in self._rows if leaf.match.matches(row.name, row.properties))
        return sorted(found, reverse=True)


def leaves_of(condition: Condition) -> list[DidLeaf]:
    """The event times that a condition and its parts say they read, the longest of each."""
    found: dict[str, DidLeaf] = {}
    for part in _parts(condition):
        for leaf in part.counts():
            known = found.get(leaf.key)
            if known is None or known.keep < leaf.keep:
                found[leaf.key] = leaf
    return list(found.values())


def crowd_of(condition: Condition, contexts: Sequence[Context], trial: Any) -> list[Any]:
    """People of `hub.conditions.trial` around everything that the condition asks."""
    people = [trial.Person()]
    for node in _questions(condition, contexts):
        if isinstance(node, TraitTest):
            for value in (*WRONG, *_near(node.test)):
                people.append(trial.Person(traits={node.key: value}))
        if isinstance(node, EventCount):
            people += _doers(node, trial)
    return people[:400]


def _doers(node: EventCount, trial: Any) -> Iterator[Any]:
    fitting = {c.property: next(iter(_near(c.test)), "a") for c in node.match.where}
    edges = {NOW - 1, NOW, node.until, node.until - 1, NOW - 40 * DAY}
    if node.since is not None:
        edges |= {node.since, node.since - 1, node.since + 1}
    row = trial.EventRow
    for at in sorted(edges):
        yield trial.Person(events=((0, row(node.match.event, at, fitting)),))
        yield trial.Person(events=((0, row(node.match.event, at, {})),))
    for times in sorted({node.low - 1, node.low, node.low + 1, (node.high or 0) + 1}):
        if 0 < times <= 200:
            many = tuple((n % 3, row(node.match.event, NOW - 1 - n, fitting)) for n in range(times))
            yield trial.Person(events=many)


def _near(test: ValueTest) -> list[Any]:
    """Values that pass and values that just do not."""
    operand = test.operand
    if isinstance(operand, tuple):
        return [*operand, "no member"]
    if isinstance(operand, bool) or operand is None:
        return [operand, True, "x"]
    if isinstance(operand, float | int):
        return [operand, operand - 1, operand + 1, str(operand), f"{operand:g}", [operand]]
    around = [operand, operand + "x", "x" + operand, operand.upper(), operand[:-1], [operand]]
    return [*around, [[operand]], {operand: operand}]


def _questions(condition: Condition, contexts: Sequence[Context]) -> list[Node]:
    found: list[Node] = []
    for context in contexts:
        found += [node for node in _leaves(condition.query(_Sight(context))) if node not in found]
    return found


class _Sight:
    """Builds the query in the sight of one page view."""

    now = NOW
    zone = ZONE

    def __init__(self, context: Context) -> None:
        self._context = context

    def known_context(self, leaf: str) -> Context:
        return self._context


def _leaves(node: Node) -> list[Node]:
    if isinstance(node, Every | Some):
        return [leaf for part in node.nodes for leaf in _leaves(part)]
    return _leaves(node.node) if isinstance(node, Negation) else [node]


def _parts(condition: Condition) -> Iterator[Condition]:
    waiting = [condition]
    while waiting:
        part = waiting.pop()
        waiting += part.parts()
        yield part
