"""Where a person's identifiers and their links stand in the drawing."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hub.flows.people import Identifier, LinkLine

BROWSER = ("device", "anonymous")
STRONG = ("email", "user", "customer", "phone")
MOST = 36
ROW, COLUMN, WIDTH, HEIGHT = 62, 272, 216, 44


class Box(msgspec.Struct, frozen=True):
    x: int
    y: int
    identifier: Identifier
    outside: bool


class Edge(msgspec.Struct, frozen=True):
    path: str
    drawn: str


class Drawing(msgspec.Struct, frozen=True):
    """`left_out` identifiers did not fit; the table has them all."""

    width: int
    height: int
    boxes: list[Box]
    edges: list[Edge]
    left_out: int


def draw(identifiers: Sequence[Identifier], links: Sequence[LinkLine]) -> Drawing:
    """Browsers to the left, orders and keys in the middle, names of people to the right."""
    own = {i.node_id for i in identifiers}
    known = {i.node_id: i for i in identifiers}
    known.update({i.node_id: i for link in links for i in (link.a, link.b)})
    shown = sorted(known.values(), key=lambda i: (i.node_id not in own, i.core, i.node_id))[:MOST]
    columns: dict[int, list[Identifier]] = {0: [], 1: [], 2: []}
    for identifier in shown:
        columns[_column(identifier.type)].append(identifier)
    used = [column for column in columns.values() if column]
    tallest = max((len(column) for column in used), default=0)
    boxes = {
        identifier.node_id: Box(
            x * COLUMN, (tallest - len(column)) * ROW // 2 + y * ROW, identifier,
            identifier.node_id not in own,
        )
        for x, column in enumerate(used)
        for y, identifier in enumerate(column)
    }  # fmt: skip
    edges = [
        Edge(_curve(boxes[link.a.node_id], boxes[link.b.node_id]), link.drawn)
        for link in links
        if link.a.node_id in boxes and link.b.node_id in boxes
    ]
    width = max(len(used) * COLUMN - (COLUMN - WIDTH), WIDTH)
    return Drawing(width + 30, max(tallest * ROW - ROW + HEIGHT, HEIGHT), list(boxes.values()),
                   edges, len(known) - len(shown))  # fmt: skip


def _column(kind: str) -> int:
    if kind in BROWSER:
        return 0
    return 2 if kind in STRONG else 1


def _curve(a: Box, b: Box) -> str:
    left, right = (a, b) if a.x <= b.x else (b, a)
    y1, y2 = left.y + HEIGHT // 2, right.y + HEIGHT // 2
    if left.x == right.x:
        x = left.x + WIDTH
        return f"M{x} {y1} C{x + 34} {y1} {x + 34} {y2} {x} {y2}"
    x1, x2 = left.x + WIDTH, right.x
    middle = (x1 + x2) // 2
    return f"M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}"
