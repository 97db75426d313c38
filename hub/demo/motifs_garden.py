"""Drawings of plants and of the tools for them. Floor at y = 320."""

# ruff: noqa: E501 (drawings are long lines of numbers)
from __future__ import annotations

from hub.demo.ink import Ink, leaf, line, oval, path, rect, turned


def _pot(i: Ink) -> str:
    return (
        path("M122 214H278L258 306Q255 320 240 320H160Q145 320 142 306Z", i.main)
        + path("M240 214H278L258 306Q255 320 240 320H218Q234 312 236 296Z", i.shade)
        + rect(110, 196, 180, 30, i.light, 8)
        + rect(258, 196, 32, 30, i.main, 8)
    )


def plant(i: Ink) -> str:
    tall = ((-52, 92), (-28, 128), (0, 146), (28, 128), (52, 92))
    other = ((-64, 100), (-34, 96), (-6, 124), (24, 104), (58, 108))
    leaves = "".join(
        leaf(200, 204, s, a, i.leaf if n % 2 else i.accent)
        for n, (a, s) in enumerate(other if i.mark % 2 else tall)
    )
    return leaves + _pot(i)


def snake(i: Ink) -> str:
    blades = ((-20, 150), (-8, 176), (4, 160), (16, 146), (28, 112))
    shapes = "".join(
        path(
            f"M{188 + a} 204Q{170 + a * 2} {204 - s * 0.6} {196 + a * 1.9} {204 - s}Q{206 + a * 1.7} {204 - s * 0.5} {214 + a} 204Z",
            ("#4f8a63", "#3f7052")[n % 2],
        )
        + line(f"M{200 + a} 196L{196 + a * 1.8} {216 - s}", "#cfd79a", 3)
        for n, (a, s) in enumerate(blades)
    )
    return shapes + _pot(i)


def pilea(i: Ink) -> str:
    spots = (
        (140, 150, 24),
        (176, 112, 26),
        (226, 104, 25),
        (262, 146, 24),
        (200, 158, 27),
        (160, 186, 18),
        (244, 184, 19),
    )
    stems = "".join(line(f"M200 206L{x} {y}", "#5f7350", 4) for x, y, _ in spots)
    return (
        stems
        + "".join(
            oval(x, y, r, r * 0.94, ("#4f8a63", "#5f9a70")[n % 2]) + oval(x, y + 2, 3, 3, "#d7e3c0")
            for n, (x, y, r) in enumerate(spots)
        )
        + _pot(i)
    )


def hanging(i: Ink) -> str:
    ropes = line("M200 20L116 196M200 20L284 196", "#c8b08a", 5) + oval(200, 24, 12, 12, "#bb7350")
    trail = "".join(
        line(f"M{x} 196Q{x + d} {240 + n * 8} {x + d} {290 + n * 12}", "#4f8a63", 5)
        for n, (x, d) in enumerate(((126, -22), (276, 22), (160, -8)))
    )
    leaves = "".join(
        leaf(x, y, 36, a, ("#4f8a63", "#5f9a70")[n % 2])
        for n, (x, y, a) in enumerate(
            (
                (106, 250, -120),
                (104, 292, 150),
                (298, 256, 120),
                (298, 302, -150),
                (150, 196, -30),
                (200, 194, 0),
                (250, 196, 30),
            )
        )
    )
    return (
        ropes
        + leaves
        + path("M112 196H288Q284 284 200 288Q116 284 112 196Z", i.main)
        + path("M254 196H288Q284 284 200 288Q250 262 254 196Z", i.shade)
        + rect(106, 188, 188, 16, i.light, 8)
        + trail
    )


def trough(i: Ink) -> str:
    herbs = "".join(
        leaf(x, 214, s, a, c)
        for x, s, a, c in (
            (110, 90, -14, "#4f8a63"),
            (124, 70, 18, "#5f7350"),
            (180, 120, -8, "#7d8f5a"),
            (192, 132, 8, "#5f7350"),
            (206, 96, 24, "#7d8f5a"),
            (266, 84, -12, "#4f8a63"),
            (278, 104, 6, "#5f9a70"),
            (292, 74, 24, "#4f8a63"),
        )
    )
    return (
        herbs
        + path("M64 214H336L318 308Q316 320 302 320H98Q84 320 82 308Z", i.main)
        + path("M290 214H336L318 308Q316 320 302 320H262Z", i.shade)
        + rect(56, 200, 288, 24, i.light, 8)
        + rect(164, 250, 72, 36, i.pale, 4)
    )


def can(i: Ink) -> str:
    spout = line("M142 292L84 168", i.shade, 16) + path("M58 158L108 146L100 178L76 184Z", i.accent)
    body = path("M140 196H282L292 304Q292 320 276 320H146Q130 320 132 304Z", i.main) + path(
        "M246 196H282L292 304Q292 320 276 320H246Q258 310 256 296Z", i.shade
    )
    return (
        spout
        + line("M156 196Q164 108 226 112Q336 124 290 268", i.accent, 13)
        + body
        + oval(211, 196, 71, 14, i.light)
        + oval(211, 199, 58, 8, i.shade)
    )


def _grip(i: Ink) -> str:
    return (
        rect(186, 196, 28, 128, i.main, 13)
        + rect(202, 196, 12, 128, i.shade, 6)
        + line("M200 318Q186 348 200 350Q214 348 200 318", "#6f4b3a", 5)
    )


def trowel(i: Ink) -> str:
    return turned(
        28,
        rect(194, 150, 12, 56, i.accent_shade)
        + path("M158 60Q200 34 242 60Q252 140 200 172Q148 140 158 60Z", i.accent)
        + path("M200 46Q222 46 242 60Q252 140 200 172Z", i.accent_shade)
        + _grip(i),
    )


def fork(i: Ink) -> str:
    return turned(
        28,
        rect(194, 140, 12, 66, i.accent_shade)
        + line("M160 56V118Q160 150 200 150Q240 150 240 118V56M200 48V150", i.accent, 13)
        + _grip(i),
    )


def shears(i: Ink) -> str:
    jaws = path("M192 178Q140 120 176 56Q214 96 214 172Z", i.accent) + path(
        "M208 178Q250 150 252 96Q206 106 196 160Z", i.accent_shade
    )
    return turned(
        -24,
        line("M196 186Q150 250 160 330", i.main, 22)
        + line("M206 186Q252 250 240 330", i.shade, 22)
        + jaws
        + oval(202, 180, 15, 15, "#e6ebed")
        + oval(202, 180, 5, 5, "#3a4150"),
    )


def feeder(i: Ink) -> str:
    bird = (
        oval(298, 272, 28, 20, i.accent)
        + oval(318, 254, 14, 13, i.accent)
        + path("M330 252L344 257L330 261Z", "#d29a45")
        + oval(321, 252, 2.5, 2.5, "#231f1c")
        + path("M272 268L246 252L268 284Z", i.accent_shade)
    )
    mesh = "".join(line(f"M{x} 156V276", "#8b9296", 3) for x in (154, 176, 198, 220, 242))
    return (
        line("M200 40V110", "#3a4150", 4)
        + rect(142, 150, 116, 132, "#e3d3b2", 6)
        + mesh
        + path("M104 156L200 98L296 156Z", i.main)
        + path("M200 98L296 156H248Z", i.shade)
        + rect(96, 278, 208, 20, i.main, 8)
        + bird
    )
