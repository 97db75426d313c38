"""Pictures of the demo shop as SVG text: one for each product and category, and the hero."""

# ruff: noqa: E501, PLR0917 (drawings are long lines of numbers)
from __future__ import annotations

import inspect
import zlib
from collections.abc import Callable
from functools import cache

from hub.demo import motifs_garden, motifs_house, motifs_kitchen, motifs_table
from hub.demo.catalogue import DemoCategory, DemoProduct
from hub.demo.ink import Ink, ink_of, leaf, line, oval, paper_of, path, rect

Motif = Callable[[Ink], str]
_OPEN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}">'


def _motifs_of(module: object) -> dict[str, Motif]:
    drawn = inspect.getmembers(module, inspect.isfunction)
    own = getattr(module, "__name__", "")
    return {name: f for name, f in drawn if f.__module__ == own and not name.startswith("_")}


MOTIFS: dict[str, Motif] = {
    **_motifs_of(motifs_table),
    **_motifs_of(motifs_kitchen),
    **_motifs_of(motifs_house),
    **_motifs_of(motifs_garden),
}
_TILES: dict[str, tuple[tuple[str, str, str, int], ...]] = {
    "coffee": (("bag", "moss", "ochre", 0), ("bag", "rust", "butter", 2), ("bag", "ink", "copper", 3)),
    "tea": (("tin", "sage", "butter", 1), ("teapot", "ink", "oat", 0), ("tin", "rose", "plum", 2)),
    "brewing": (("kettle", "ink", "copper", 0), ("dripper", "clay", "oat", 0), ("press", "steel", "ink", 0)),
    "cups": (("mug", "rust", "oat", 1), ("cup", "teal", "oat", 0), ("mug", "butter", "teal", 3)),
    "cookware": (("stockpot", "butter", "ink", 0), ("casserole", "rust", "copper", 0), ("saucepan", "steel", "ink", 0)),
    "knives": (("board", "ochre", "cocoa", 0), ("knife", "cocoa", "copper", 0), ("scissors", "rust", "steel", 0)),
    "table": (("jug", "teal", "oat", 0), ("plate", "chalk", "rust", 1), ("bowl", "fern", "butter", 1)),
    "pantry": (("bottle", "moss", "butter", 0), ("jar", "ochre", "butter", 0), ("jar", "rust", "chalk", 1)),
    "lighting": (("tablelamp", "oat", "teal", 0), ("mushroom", "rust", "chalk", 0), ("candle", "butter", "cocoa", 1)),
    "linen": (("towels", "clay", "oat", 0), ("apron", "slate", "cocoa", 0), ("cushion", "teal", "butter", 0)),
    "furniture": (("basket", "oat", "rust", 0), ("chair", "ochre", "oat", 0), ("stool", "teal", "copper", 0)),
    "garden": (("can", "moss", "copper", 0), ("plant", "clay", "fern", 0), ("pilea", "rose", "moss", 0)),
}  # fmt: skip


def _put(name: str, tone: str, accent: str, mark: int, x: float, floor: float, size: float) -> str:
    """A motif standing at x on a floor, at a share of its size."""
    inner = MOTIFS[name](ink_of(tone, accent, mark))
    return f'<g transform="translate({x - 200 * size:g} {floor - 320 * size:g}) scale({size})">{inner}</g>'


@cache
def product_picture(product: DemoProduct, tone: str = "") -> str:
    """The product drawn in its own colour or, if told, in one of its other colours."""
    mark = zlib.crc32(product.slug.encode())
    ground, soft = paper_of(product.paper)
    back = rect(0, 0, 400, 400, ground) + _backdrop(mark % 3, soft)
    inner = MOTIFS[product.motif](ink_of(tone or product.tone, product.accent, mark))
    shadow = oval(202, 322, 120, 10, "#231f1c1c")
    return _OPEN.format(w=400, h=400) + back + shadow + inner + "</svg>"


def _backdrop(which: int, soft: str) -> str:
    if which == 0:
        return oval(200, 196, 152, 152, soft)
    if which == 1:
        return path("M62 322V190A138 138 0 0 1 338 190V322Z", soft)
    return path("M0 250Q110 214 200 246T400 232V400H0Z", soft)


@cache
def category_picture(category: DemoCategory) -> str:
    """A wide tile with three things from the category."""
    ground, soft = paper_of(category.paper)
    spots = ((150, 348, 0.82), (300, 372, 0.98), (452, 350, 0.82))
    things = zip(_TILES[category.slug], spots, strict=True)
    drawn = [_put(*thing, x, floor, size) for thing, (x, floor, size) in things]
    back = (
        rect(0, 0, 600, 420, ground) + oval(300, 250, 230, 190, soft) + rect(0, 344, 600, 76, soft)
    )
    # The middle one stands in front of its neighbours.
    return _OPEN.format(w=600, h=420) + back + drawn[0] + drawn[2] + drawn[1] + "</svg>"


@cache
def hero_picture() -> str:
    """A kitchen window sill: the shop in one picture."""
    wall, soft = paper_of("butter")
    window = (
        rect(520, 60, 330, 400, "#fdf8ee", 165)
        + rect(520, 240, 330, 226, "#fdf8ee")
        + rect(540, 80, 290, 380, "#bcd5d8", 145)
        + rect(540, 240, 290, 226, "#bcd5d8")
    )
    hills = (
        path("M540 380Q620 320 700 366T830 340V466H540Z", "#8fae8b")
        + path("M540 420Q640 372 740 416T830 404V466H540Z", "#6f9372")
        + oval(744, 176, 40, 40, "#f6dd9a")
    )
    bars = rect(680, 80, 10, 386, "#fdf8ee") + rect(540, 262, 290, 10, "#fdf8ee")
    sprigs = "".join(
        leaf(x, 0, 96, 180 + a, c)
        for x, a, c in (
            (900, 14, "#4f8a63"),
            (930, -8, "#5f7350"),
            (964, 10, "#4f8a63"),
            (1000, -14, "#7d8f5a"),
        )
    )
    table = rect(0, 590, 1080, 130, "#c98a6b") + rect(0, 590, 1080, 16, "#d9a383")
    things = (
        _put("pendant", "moss", "butter", 0, 250, 350, 1.0)
        + _put("plant", "clay", "fern", 0, 800, 466, 0.62)
        + _put("kettle", "ink", "copper", 0, 470, 606, 1.18)
        + _put("bag", "rust", "butter", 0, 676, 610, 1.05)
        + _put("jug", "teal", "oat", 0, 964, 604, 1.1)
        + _put("mug", "chalk", "rust", 1, 268, 630, 0.92)
        + _put("board", "ochre", "cocoa", 1, 100, 606, 0.98)
        + _put("jar", "ochre", "butter", 1, 846, 642, 0.72)
        + _put("cup", "sage", "oat", 0, 580, 650, 0.56)
    )
    back = rect(0, 0, 1080, 720, wall) + oval(250, 400, 300, 300, soft)
    return (
        _OPEN.format(w=1080, h=720)
        + back
        + line("M860 10H1040", "#6f4b3a", 8)
        + sprigs
        + window
        + hills
        + bars
        + rect(500, 456, 370, 20, "#fdf8ee", 6)
        + table
        + things
        + "</svg>"
    )


@cache
def mark_picture() -> str:
    """The shop's sign: a sprig of fennel."""
    green = "#2f5d46"
    sprig = "".join(
        leaf(32, y, size, angle, "#f8f2e8")
        for y, size, angle in (
            (50, 20, -50),
            (50, 20, 50),
            (40, 20, -42),
            (40, 20, 42),
            (30, 22, 0),
        )
    )
    stem = line("M32 54V24", "#f8f2e8", 3)
    return _OPEN.format(w=64, h=64) + oval(32, 32, 32, 32, green) + stem + sprig + "</svg>"
