"""Colours and strokes of the demo shop's drawings: flat shapes in two shades, 400 units square."""

# ruff: noqa: E501, PLR0917 (drawings are long lines of numbers)
from __future__ import annotations

from dataclasses import dataclass

TONES = {
    "moss": "#5f7350",
    "fern": "#4f8a63",
    "sage": "#a3b59a",
    "clay": "#c98a6b",
    "rust": "#b9563a",
    "ochre": "#d29a45",
    "butter": "#ecc873",
    "oat": "#dccbb0",
    "chalk": "#f1ebe0",
    "ink": "#3a4150",
    "slate": "#76828e",
    "sky": "#9dbdcb",
    "teal": "#3d7d80",
    "plum": "#7b4f68",
    "rose": "#d9a19a",
    "cocoa": "#6f4b3a",
    "copper": "#bb7350",
    "steel": "#b4bbc0",
}
_NIGHT, _PAPER, _WHITE = "#231f1c", "#f8f2e8", "#ffffff"


def mix(one: str, other: str, share: float) -> str:
    """`one` with `share` of `other` in it, as #rrggbb."""
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


@dataclass(frozen=True, slots=True)
class Ink:
    """What a motif is painted with."""

    main: str
    shade: str
    light: str
    accent: str
    accent_shade: str
    dark: str
    pale: str
    glass: str
    leaf: str
    mark: int  # 0..3: which decoration this one wears


def ink_of(tone: str, accent: str, mark: int) -> Ink:
    """The colours of a product in this tone; an unknown tone is painted in oat."""
    main, second = TONES.get(tone, TONES["oat"]), TONES.get(accent, TONES["clay"])
    return Ink(
        main=main,
        shade=mix(main, _NIGHT, 0.16),
        light=mix(main, _WHITE, 0.32),
        accent=second,
        accent_shade=mix(second, _NIGHT, 0.18),
        dark=mix(main, _NIGHT, 0.62),
        pale=mix(main, _PAPER, 0.86),
        glass="#ffffffa6",
        leaf=TONES["fern"] if accent not in ("moss", "sage") else TONES[accent],
        mark=mark % 4,
    )


def paper_of(tone: str) -> tuple[str, str]:
    """The ground behind a picture, and the softer shape on it."""
    main = TONES.get(tone, TONES["oat"])
    return mix(main, _PAPER, 0.74), mix(main, _PAPER, 0.55)


def path(d: str, fill: str) -> str:
    """A filled shape."""
    return f'<path d="{d}" fill="{fill}"/>'


def rect(x: float, y: float, w: float, h: float, fill: str, r: float = 0) -> str:
    """A box, with round corners if told."""
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}" fill="{fill}"/>'


def oval(cx: float, cy: float, rx: float, ry: float, fill: str) -> str:
    """An ellipse around (cx, cy)."""
    return f'<ellipse cx="{cx}" cy="{cy}" rx="{rx}" ry="{ry}" fill="{fill}"/>'


def line(d: str, stroke: str, width: float = 10) -> str:
    """A stroke with round ends."""
    return (
        f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width}"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )


def turned(angle: float, inner: str) -> str:
    """The drawing turned about the middle of the picture."""
    return f'<g transform="rotate({angle} 200 205)">{inner}</g>'


def leaf(x: float, y: float, size: float, angle: float, fill: str) -> str:
    """A pointed leaf that grows from (x, y)."""
    half = size * 0.34
    d = f"M0 0C{half} {-size * 0.3} {half} {-size * 0.75} 0 {-size}C{-half} {-size * 0.75} {-half} {-size * 0.3} 0 0Z"
    return f'<path transform="translate({x} {y}) rotate({angle})" d="{d}" fill="{fill}"/>'
