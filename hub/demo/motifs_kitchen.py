"""Drawings of pots, pans, knives, boards and kitchen textiles. Floor at y = 320."""

from __future__ import annotations

from hub.demo.ink import Ink, leaf, line, oval, path, rect, turned

_STEEL, _EDGE, _GRAIN = "#c9d0d4", "#e6ebed", "#00000018"


def casserole(i: Ink) -> str:
    ears = rect(74, 214, 252, 20, i.shade, 10)
    body = path("M94 206H306V276Q306 320 262 320H138Q94 320 94 276Z", i.main) + path(
        "M270 206H306V276Q306 320 262 320H244Q270 312 270 276Z", i.shade
    )
    return (
        ears
        + body
        + path("M88 206Q94 150 200 146Q306 150 312 206Z", i.light)
        + rect(84, 198, 232, 14, i.shade, 7)
        + rect(186, 128, 28, 20, i.accent, 8)
    )


def saucepan(i: Ink) -> str:
    body = path("M96 196H244V292Q244 320 216 320H124Q96 320 96 292Z", i.main) + path(
        "M212 196H244V292Q244 320 216 320H190Q212 314 212 292Z", i.shade
    )
    return (
        rect(240, 212, 114, 17, i.accent, 8)
        + body
        + rect(88, 188, 164, 14, i.light, 7)
        + path("M106 188Q170 156 234 188Z", i.shade)
        + oval(170, 164, 13, 10, i.accent)
    )


def stockpot(i: Ink) -> str:
    ears = line("M104 196H76V226H104M296 196H324V226H296", i.accent, 11)
    body = rect(100, 160, 200, 160, i.main, 18) + rect(258, 160, 42, 160, i.shade, 18)
    return (
        ears
        + body
        + path("M108 156Q200 114 292 156Z", i.light)
        + rect(92, 152, 216, 15, i.shade, 7)
        + oval(200, 126, 15, 10, i.accent)
    )


def pan(i: Ink) -> str:
    grip = line("M250 158L338 70", i.accent, 22) + oval(334, 74, 5, 5, i.dark)
    return (
        grip
        + oval(172, 228, 108, 108, i.shade)
        + oval(172, 224, 104, 104, i.main)
        + oval(172, 230, 82, 82, i.shade)
        + oval(172, 234, 80, 78, i.dark if i.mark % 2 else i.main)
        + line("M124 214Q138 180 172 176", "#ffffff40", 8)
    )


def tray(i: Ink) -> str:
    veg = (
        oval(150, 214, 26, 18, "#d29a45")
        + oval(206, 208, 30, 20, "#b9563a")
        + oval(256, 216, 24, 17, "#4f8a63")
    )
    return (
        path("M80 196H320L304 214H96Z", i.shade)
        + veg
        + path("M64 216H336L312 296Q308 308 296 308H104Q92 308 88 296Z", i.main)
        + path("M286 216H336L312 296Q308 308 296 308H262Z", i.shade)
        + rect(56, 208, 288, 16, i.light, 8)
    )


def tagine(i: Ink) -> str:
    cone = path("M112 252Q176 220 186 124H214Q224 220 288 252Z", i.main) + path(
        "M206 124H214Q224 220 288 252H236Q208 210 206 124Z", i.shade
    )
    return (
        cone
        + oval(200, 116, 22, 16, i.accent)
        + path("M92 252H308L284 312Q282 320 272 320H128Q118 320 116 312Z", i.accent)
        + rect(84, 246, 232, 16, i.accent_shade, 8)
    )


def steamer(i: Ink) -> str:
    rings = "".join(
        rect(92, y, 216, 58, i.main, 10)
        + rect(92, y + 24, 216, 9, i.accent)
        + rect(268, y, 40, 58, _GRAIN, 10)
        for y in (258, 194)
    )
    return (
        rings
        + path("M96 194Q104 150 200 146Q296 150 304 194Z", i.light)
        + rect(88, 186, 224, 14, i.accent, 7)
        + "".join(line(f"M{x} 154V184", i.shade, 4) for x in (140, 180, 220, 260))
    )


def _blade(i: Ink, shape: str, edge: str) -> str:
    grip = rect(180, 222, 40, 118, i.main, 12) + "".join(
        oval(200, y, 5, 5, i.accent) for y in (252, 282, 312)
    )
    return turned(
        38, path(shape, _STEEL) + path(edge, _EDGE) + rect(180, 214, 40, 14, i.accent, 4) + grip
    )


def knife(i: Ink) -> str:
    return _blade(
        i,
        "M178 216V96Q180 52 196 40Q226 70 226 216Z",
        "M212 62Q226 110 226 216H216Q216 120 212 62Z",
    )


def paring(i: Ink) -> str:
    return _blade(
        i, "M184 216V132Q186 110 196 102Q216 126 216 216Z", "M206 120Q216 150 216 216H208Z"
    )


def breadknife(i: Ink) -> str:
    teeth = "".join("q12 9 0 18" for _ in range(8))
    return _blade(i, f"M182 216V58Q184 40 204 40H214V64{teeth}V216Z", "M206 48H212V210H206Z")


def cleaver(i: Ink) -> str:
    return _blade(
        i,
        "M172 216V72H250Q258 72 258 82V200Q258 216 242 216Z",
        "M246 72H250Q258 72 258 82V200Q258 216 246 216Z",
    )


def scissors(i: Ink) -> str:
    blades = turned(16, path("M188 210V70Q190 54 200 48L212 210Z", _STEEL)) + turned(
        -16, path("M212 210V70Q210 54 200 48L188 210Z", _EDGE)
    )
    rings = line("M186 226C120 236 132 326 172 312C198 302 194 256 200 236", i.main, 17) + line(
        "M214 226C280 236 268 326 228 312C202 302 206 256 200 236", i.shade, 17
    )
    return blades + rings + oval(200, 214, 9, 9, i.accent)


def block(i: Ink) -> str:
    top = path("M84 190L160 150H330L276 190Z", i.light)
    front = rect(84, 190, 192, 96, i.main) + path("M276 190L330 150V244L276 286Z", i.shade)
    grid = "".join(line(f"M{x} 190V286", _GRAIN, 4) for x in (132, 180, 228)) + line(
        "M84 238H276", _GRAIN, 4
    )
    return top + front + grid + rect(76, 284, 210, 18, i.accent, 8)


def board(i: Ink) -> str:
    if i.mark % 2:
        shape = (
            rect(186, 46, 28, 96, i.main, 14)
            + rect(128, 118, 144, 212, i.main, 30)
            + oval(200, 66, 7, 7, i.pale)
        )
        grain = "".join(line(f"M{x} 140V306", i.shade, 4) for x in (156, 186, 230))
        return turned(14, shape + grain)
    grain = "".join(line(f"M{x} 92V312", i.shade, 4) for x in (146, 188, 246))
    herb = (
        leaf(206, 250, 60, -30, "#4f8a63")
        + leaf(206, 250, 60, 24, "#5f7350")
        + oval(170, 246, 18, 18, "#b9563a")
    )
    return (
        turned(-6, rect(116, 72, 168, 248, i.main, 22) + grain + oval(200, 100, 13, 13, i.pale))
        + herb
    )


def rail(i: Ink) -> str:
    knives = "".join(
        path(f"M{x - 13} 160V{250 - n * 14}L{x + 13} {268 - n * 14}V160Z", _STEEL)
        + rect(x - 11, 84 + n * 6, 22, 76 - n * 6, "#3a4150", 8)
        for n, x in enumerate((124, 174, 224, 274))
    )
    return rect(64, 176, 272, 34, i.main, 8) + rect(64, 198, 272, 12, i.shade, 6) + knives


def mitt(i: Ink) -> str:
    hand = path("M150 280V150Q150 84 204 84Q258 84 258 150V280Z", i.main) + path(
        "M158 230Q96 218 98 172Q112 144 158 180Z", i.main
    )
    quilt = "".join(
        line(f"M{x} 112L{x + 60} 172M{x + 60} 112L{x} 172", i.shade, 3) for x in (174,)
    ) + line("M174 188L244 250M244 188L174 250", i.shade, 3)
    return (
        hand
        + quilt
        + path("M236 96Q258 112 258 150V280H232V150Q232 112 236 96Z", i.shade)
        + rect(140, 272, 128, 46, i.accent, 10)
    )


def towels(i: Ink) -> str:
    pile = ((262, i.main, i.shade), (206, i.accent, i.accent_shade), (150, i.light, i.main))
    return "".join(
        rect(88, y, 224, 54, c, 26)
        + path(f"M300 {y + 4}a26 26 0 0 1 0 46q-18 -23 0 -46Z", d)
        + line(f"M112 {y + 27}H270", d, 4 + 2 * (i.mark % 2))
        for y, c, d in pile
    )


def teatowel(i: Ink) -> str:
    body = path("M122 104Q200 120 278 104V316Q200 302 122 316Z", i.main) + path(
        "M238 112Q260 108 278 104V316Q258 311 238 309Z", i.shade
    )
    stripes = "".join(
        path(f"M122 {y}Q200 {y - 14} 278 {y}V{y + 9}Q200 {y - 5} 122 {y + 9}Z", i.accent)
        for y in (266, 284)
    )
    return (
        line("M60 102H340", i.dark, 6)
        + body
        + stripes
        + "".join(rect(x, 86, 14, 34, "#d29a45", 4) for x in (134, 252))
    )


def apron(i: Ink) -> str:
    straps = line("M164 120Q160 60 200 60Q240 60 236 120", i.accent, 9) + line(
        "M132 212L84 232M268 212L316 232", i.accent, 9
    )
    body = path("M158 112H242Q246 178 284 202V320H116V202Q154 178 158 112Z", i.main) + path(
        "M226 112H242Q246 178 284 202V320H248V204Q226 160 226 112Z", i.shade
    )
    return straps + body + rect(148, 232, 100, 58, i.light, 6) + line("M198 236V286", i.shade, 3)


def tote(i: Ink) -> str:
    loops = line("M150 176Q150 74 200 74Q250 74 250 176", i.shade, 12)
    greens = (
        leaf(170, 170, 100, -18, "#4f8a63")
        + leaf(190, 170, 120, 2, "#5f7350")
        + leaf(216, 172, 96, 20, "#4f8a63")
    )
    body = path("M104 166H296L282 320H118Z", i.main) + path("M258 166H296L282 320H250Z", i.shade)
    return (
        greens
        + loops
        + body
        + leaf(184, 284, 84, 0, i.accent)
        + leaf(184, 284, 56, 48, i.accent)
        + leaf(184, 284, 56, -48, i.accent)
    )
