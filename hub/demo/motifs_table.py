"""Drawings of what stands on a table: coffee, tea, cups, plates and the pantry. Floor at y = 320."""

# ruff: noqa: E501 (drawings are long lines of numbers)
from __future__ import annotations

from hub.demo.ink import Ink, leaf, line, oval, path, rect, turned


def _badge(i: Ink, x: float, y: float, r: float) -> str:
    """A round label with one of four signs."""
    signs = (
        oval(x, y, r * 0.34, r * 0.5, i.accent)
        + line(f"M{x} {y - r * 0.42}V{y + r * 0.42}", i.pale, 4),
        leaf(x, y + r * 0.6, r * 1.25, 18, i.accent),
        oval(x, y, r * 0.45, r * 0.45, i.accent),
        path(
            f"M{x - r * 0.55} {y + r * 0.4}L{x} {y - r * 0.5}L{x + r * 0.55} {y + r * 0.4}Z",
            i.accent,
        ),
    )
    return oval(x, y, r, r, i.pale) + signs[i.mark]


def _band(i: Ink, x: float, y: float, w: float, h: float) -> str:
    """The glaze on a pot: plain, a stripe, two thin stripes, or dots."""
    if i.mark == 1:
        return rect(x, y + h * 0.36, w, h * 0.26, i.accent)
    if i.mark == 2:
        return rect(x, y + h * 0.3, w, 7, i.accent) + rect(x, y + h * 0.3 + 16, w, 7, i.accent)
    if i.mark == 3:
        spots = ((0.2, 0.35), (0.5, 0.55), (0.78, 0.32), (0.3, 0.75), (0.72, 0.78))
        return "".join(oval(x + w * a, y + h * b, 6, 6, i.accent) for a, b in spots)
    return ""


def _steam(i: Ink, x: float, y: float) -> str:
    curl = "c-14 -14 14 -24 0 -40"
    return line(f"M{x - 20} {y}{curl}M{x + 20} {y}{curl}", "#fff", 6)


def bag(i: Ink) -> str:
    body = path("M134 138H266L276 320H124Z", i.main) + path("M238 138H266L276 320H246Z", i.shade)
    top = path("M134 138L142 94H258L266 138Z", i.light) + rect(128, 116, 144, 14, i.accent, 5)
    return body + top + _badge(i, 192, 228, 42) + rect(160, 286, 62, 8, i.pale, 4)


def packet(i: Ink) -> str:
    body = rect(136, 104, 128, 216, i.main, 8) + rect(240, 104, 24, 216, i.shade, 8)
    return (
        body
        + rect(136, 104, 128, 32, i.accent, 8)
        + _badge(i, 194, 214, 40)
        + rect(158, 276, 70, 8, i.pale, 4)
    )


def tin(i: Ink) -> str:
    body = rect(134, 132, 132, 188, i.main, 8) + rect(234, 132, 32, 188, i.shade, 8)
    lid = rect(128, 104, 144, 40, i.accent, 8) + rect(238, 104, 34, 40, i.accent_shade, 8)
    return body + lid + _badge(i, 190, 226, 44)


def kettle(i: Ink) -> str:
    arms = line("M148 300C104 290 116 222 98 190L74 180", i.shade, 15) + line(
        "M252 200C330 188 330 300 268 292", i.accent, 14
    )
    body = path("M130 320L150 196Q200 168 250 196L270 320Z", i.main) + path(
        "M226 181Q240 186 250 196L270 320H236Z", i.shade
    )
    return arms + body + rect(158, 172, 84, 14, i.dark, 7) + oval(200, 160, 14, 12, i.accent)


def dripper(i: Ink) -> str:
    cone = path("M122 132H278L228 222H172Z", i.main) + path("M236 132H278L228 222H208Z", i.shade)
    jug = path("M168 246H232L262 306Q262 320 246 320H154Q138 320 138 306Z", i.glass) + path(
        "M146 288H254L262 306Q262 320 246 320H154Q138 320 138 306Z", "#6f4b3a"
    )
    return (
        line("M274 150C316 150 306 200 248 200", i.shade, 11)
        + jug
        + cone
        + rect(148, 222, 104, 20, i.shade, 8)
        + rect(122, 124, 156, 14, i.light, 7)
    )


def press(i: Ink) -> str:
    glass = rect(146, 150, 108, 166, i.glass, 8) + rect(146, 214, 108, 102, "#6f4b3a", 8)
    frame = "".join(rect(x, 140, 8, 180, i.main) for x in (142, 250)) + rect(
        138, 306, 124, 14, i.shade, 6
    )
    return (
        line("M258 178H306V290H258", i.dark, 12)
        + glass
        + rect(146, 206, 108, 10, i.shade)
        + frame
        + rect(138, 134, 124, 22, i.main, 8)
        + rect(196, 86, 8, 52, i.shade)
        + oval(200, 82, 17, 13, i.dark)
    )


def moka(i: Ink) -> str:
    low = path("M142 320L162 236H238L258 320Z", i.shade) + path("M176 236H214L222 320H166Z", i.main)
    high = path("M160 224L146 142L118 130L146 128H254L240 224Z", i.main) + path(
        "M216 128H254L240 224H208Z", i.shade
    )
    lid = path("M144 128L200 98L256 128Z", i.light) + oval(200, 94, 10, 10, i.accent)
    return (
        line("M254 140H304L296 214", i.accent, 14)
        + low
        + high
        + rect(156, 222, 88, 16, i.light, 4)
        + lid
    )


def grinder(i: Ink) -> str:
    body = rect(158, 150, 84, 170, i.main, 12) + rect(216, 150, 26, 170, i.shade, 12)
    return (
        body
        + rect(158, 226, 84, 14, i.accent)
        + rect(166, 134, 68, 20, i.dark, 8)
        + line("M200 132V104H288", i.dark, 10)
        + oval(290, 92, 15, 18, i.accent)
    )


def scale(i: Ink) -> str:
    cup = path("M150 190H230V232Q230 252 210 252H170Q150 252 150 232Z", i.accent) + line(
        "M230 204C262 202 260 240 230 238", i.accent, 9
    )
    return (
        cup
        + rect(104, 254, 192, 18, i.light, 8)
        + rect(96, 272, 208, 48, i.main, 12)
        + rect(172, 284, 56, 24, "#3a4150", 5)
        + rect(184, 293, 32, 6, "#ecc873", 3)
        + oval(128, 296, 8, 8, i.shade)
        + oval(272, 296, 8, 8, i.shade)
    )


def papers(i: Ink) -> str:
    fan = "".join(
        turned(a, path("M110 140Q200 100 290 140L218 310H182Z", c))
        for a, c in ((-12, i.shade), (0, i.main), (12, i.light))
    )
    return fan + line("M150 160L190 292", i.accent, 4) + line("M196 148V292", i.accent, 4)


def teapot(i: Ink) -> str:
    arms = line("M128 240C90 236 92 190 64 182", i.shade, 18) + line(
        "M262 196C336 182 336 290 262 284", i.shade, 14
    )
    body = oval(198, 246, 84, 74, i.main) + path(
        "M230 178A84 74 0 0 1 230 314Q262 246 230 178Z", i.shade
    )
    return (
        arms
        + body
        + _band(i, 130, 210, 134, 70)
        + path("M150 186Q198 150 246 186Z", i.light)
        + oval(198, 160, 12, 11, i.accent)
        + rect(164, 312, 68, 8, i.shade, 4)
    )


def mug(i: Ink) -> str:
    body = path("M122 176H254V282Q254 320 216 320H160Q122 320 122 282Z", i.main) + _band(
        i, 122, 190, 132, 96
    )
    side = path("M228 176H254V282Q254 320 216 320H204Q228 314 228 282Z", i.shade)
    return (
        _steam(i, 188, 150)
        + line("M254 204C318 194 318 288 250 282", i.shade, 17)
        + body
        + side
        + oval(188, 176, 66, 14, i.light)
        + oval(188, 178, 54, 9, "#6f4b3a")
    )


def cup(i: Ink) -> str:
    body = path("M132 204H252C252 268 232 300 192 300C152 300 132 268 132 204Z", i.main) + path(
        "M226 204H252C252 268 232 300 192 300Q226 284 226 204Z", i.shade
    )
    saucer = oval(192, 306, 104, 15, i.shade) + oval(192, 301, 104, 13, i.light)
    return (
        _steam(i, 192, 178)
        + saucer
        + line("M250 222C296 216 294 268 240 266", i.shade, 13)
        + body
        + oval(192, 204, 60, 13, i.light)
        + oval(192, 206, 48, 8, "#6f4b3a")
    )


def tumbler(i: Ink) -> str:
    out = path("M130 130H270L252 320H148Z", i.glass)
    drink = path("M139 204H261L252 306Q251 312 244 312H156Q149 312 148 306Z", i.main)
    ribs = "".join(
        line(f"M{x} 150L{200 + (x - 200) * 0.78} 300", "#ffffff88", 4) for x in (158, 186, 214, 242)
    )
    return (
        out
        + drink
        + ribs
        + oval(200, 130, 70, 12, "#fff")
        + oval(200, 131, 62, 8, i.glass)
        + oval(200, 204, 61, 9, i.light)
    )


def travel(i: Ink) -> str:
    body = path("M148 140H252L238 320H162Z", i.main) + path("M224 140H252L238 320H216Z", i.shade)
    return (
        body
        + path("M152 196H248L244 252H156Z", i.accent)
        + path("M224 196H248L244 252H220Z", i.accent_shade)
        + rect(140, 116, 120, 28, i.dark, 8)
        + rect(158, 100, 84, 20, i.dark, 8)
    )


def plate(i: Ink) -> str:
    ring = ("", oval(200, 208, 116, 116, i.accent) + oval(200, 208, 108, 108, i.main), "", "")[
        i.mark
    ]
    return (
        oval(204, 216, 126, 126, i.shade)
        + oval(200, 208, 126, 126, i.main)
        + ring
        + oval(200, 208, 84, 84, i.shade)
        + oval(200, 210, 82, 82, i.light)
        + leaf(182, 254, 92, 28, i.accent)
    )


def bowl(i: Ink) -> str:
    body = path("M86 190H314C314 268 268 312 200 312C132 312 86 268 86 190Z", i.main) + path(
        "M276 190H314C314 268 268 312 200 312C252 300 276 256 276 190Z", i.shade
    )
    deco = rect(104, 226, 176, 10, i.accent, 5) if i.mark % 2 else ""
    return (
        rect(160, 304, 80, 16, i.shade, 6)
        + body
        + deco
        + oval(200, 190, 114, 24, i.light)
        + oval(200, 193, 100, 17, i.shade)
    )


def jug(i: Ink) -> str:
    body = path(
        "M142 112L250 104L236 168C284 214 276 282 260 320H140C122 282 118 214 160 168Z", i.main
    )
    side = path(
        "M222 106L250 104L236 168C284 214 276 282 260 320H230C250 270 250 210 214 168Z", i.shade
    )
    return (
        line("M250 150C324 140 322 250 268 254", i.shade, 15)
        + body
        + side
        + rect(128, 262, 130, 14, i.accent)
        + oval(196, 109, 52, 10, i.light)
    )


def cutlery(i: Ink) -> str:
    fork_ = line(
        "M126 116V168Q126 190 144 190Q162 190 162 168V116M144 116V190",
        i.accent if i.mark else i.shade,
        8,
    )
    blade = path("M190 196V110Q222 120 222 196Z", i.shade)
    spoon = oval(264, 148, 24, 36, i.shade) + oval(262, 146, 15, 25, i.light)
    grips = "".join(rect(x, 190, 18, 130, i.main, 9) for x in (135, 193, 255))
    return (
        fork_
        + blade
        + spoon
        + grips
        + "".join(oval(x, y, 3.5, 3.5, i.light) for x in (144, 202, 264) for y in (236, 284))
    )


def cakestand(i: Ink) -> str:
    cake = (
        path("M132 150H268V206H132Z", "#6f4b3a")
        + path(
            "M132 150H268V172Q256 190 244 172Q230 196 216 174Q200 194 184 172Q166 192 150 174Q140 186 132 174Z",
            "#f1ebe0",
        )
        + oval(200, 140, 13, 13, "#b9563a")
    )
    return (
        cake
        + rect(84, 206, 232, 20, i.main, 10)
        + path("M182 226H218L228 306H172Z", i.shade)
        + oval(200, 312, 66, 12, i.main)
    )


def jar(i: Ink) -> str:
    body = rect(132, 150, 136, 170, i.main, 22) + path(
        "M236 150H246Q268 150 268 172V298Q268 320 246 320H236Z", i.shade
    )
    return (
        body
        + rect(140, 116, 120, 40, i.accent, 8)
        + rect(228, 116, 32, 40, i.accent_shade, 8)
        + rect(148, 196, 96, 84, i.pale, 6)
        + leaf(196, 262, 52, (12, -14, 30, 0)[i.mark], i.main)
        + line("M146 176V182", i.light, 7)
    )


def bottle(i: Ink) -> str:
    body = path(
        "M180 84H220V146Q262 166 262 214V304Q262 320 246 320H154Q138 320 138 304V214Q138 166 180 146Z",
        i.main,
    )
    side = path(
        "M204 84H220V146Q262 166 262 214V304Q262 320 246 320H228V214Q228 166 204 146Z", i.shade
    )
    return (
        body
        + side
        + rect(174, 66, 52, 28, i.accent, 6)
        + rect(150, 212, 88, 76, i.pale, 5)
        + leaf(178, 276, 50, -12, i.accent)
        + leaf(208, 276, 42, 20, i.leaf)
    )


def chocolate(i: Ink) -> str:
    bar = rect(136, 92, 128, 226, "#6f4b3a", 8)
    squares = "".join(
        rect(146 + 57 * c, 102 + 44 * r, 50, 37, "#7f5947", 4) for c in (0, 1) for r in (0, 1)
    )
    wrap = path("M128 186L150 176L172 188L196 176L220 188L246 176L272 186V320H128Z", i.accent)
    return turned(
        -7, bar + squares + wrap + rect(128, 222, 144, 60, i.pale) + oval(200, 252, 18, 18, i.main)
    )
