"""Drawings of lamps, furniture and textiles. Floor at y = 320."""

# ruff: noqa: E501 (drawings are long lines of numbers)
from __future__ import annotations

from hub.demo.ink import Ink, leaf, line, oval, path, rect, turned

_GLOW = "#f6dd9a"


def tablelamp(i: Ink) -> str:
    foot = path("M172 216H228Q252 262 226 306H174Q148 262 172 216Z", i.accent) + path(
        "M212 216H228Q252 262 226 306H206Q228 262 212 216Z", i.accent_shade
    )
    return (
        oval(200, 206, 110, 44, _GLOW + "66")
        + foot
        + rect(160, 304, 80, 16, i.accent_shade, 7)
        + path("M150 92H250L292 216H108Z", i.main)
        + path("M228 92H250L292 216H252Z", i.shade)
    )


def mushroom(i: Ink) -> str:
    stem = path("M174 206H226L240 320H160Z", i.light) + path("M210 206H226L240 320H216Z", i.main)
    return (
        oval(200, 222, 90, 26, _GLOW + "88")
        + stem
        + path("M92 214Q96 116 200 116Q304 116 308 214Q200 240 92 214Z", i.main)
        + path("M244 126Q304 146 308 214Q288 220 262 223Q270 160 244 126Z", i.shade)
        + line("M128 180Q138 148 170 138", i.light, 8)
    )


def pendant(i: Ink) -> str:
    glow = path("M112 238L66 340H334L288 238Z", _GLOW + "55") + oval(200, 240, 30, 26, _GLOW)
    ribs = (
        "".join(
            line(f"M{200 + x * 0.3} 142L{200 + x} 234", i.accent, 4) for x in (-64, -22, 22, 64)
        )
        if i.mark % 2
        else ""
    )
    return (
        line("M200 0V120", i.dark, 5)
        + glow
        + path("M96 240Q100 140 200 132Q300 140 304 240Z", i.main)
        + path("M248 146Q300 172 304 240H268Q272 186 248 146Z", i.shade)
        + ribs
        + rect(186, 110, 28, 28, i.accent, 6)
    )


def globe(i: Ink) -> str:
    ribs = "".join(
        f'<ellipse cx="200" cy="206" rx="{r}" ry="98" fill="none" stroke="{i.accent}" stroke-width="3"/>'
        for r in (34, 76)
    )
    return (
        line("M200 0V110", i.dark, 4)
        + oval(200, 206, 124, 118, _GLOW + "44")
        + oval(200, 206, 104, 98, i.main)
        + oval(190, 198, 70, 66, "#ffffff77")
        + ribs
        + rect(178, 102, 44, 12, i.accent, 5)
    )


def floorlamp(i: Ink) -> str:
    return (
        oval(200, 150, 96, 30, _GLOW + "77")
        + rect(195, 140, 10, 172, i.accent)
        + oval(200, 316, 58, 9, i.accent_shade)
        + path("M162 54H238L270 146H130Z", i.main)
        + path("M220 54H238L270 146H238Z", i.shade)
    )


def clip(i: Ink) -> str:
    head = path("M96 128L176 84L196 176Q150 196 106 172Z", i.main) + path(
        "M160 93L176 84L196 176Q182 182 166 184Z", i.shade
    )
    return (
        path("M106 176L70 310H230L190 178Z", _GLOW + "55")
        + line("M186 128C258 110 270 170 264 250", i.accent, 11)
        + head
        + rect(226, 244, 84, 26, i.dark, 8)
        + rect(226, 292, 84, 20, i.dark, 8)
        + rect(242, 262, 18, 40, i.accent, 4)
    )


def candle(i: Ink) -> str:
    def one(x: int, top: int, w: int) -> str:
        flame = path(
            f"M{x} {top - 62}Q{x + 24} {top - 26} {x} {top - 14}Q{x - 24} {top - 26} {x} {top - 62}Z",
            "#d29a45",
        ) + oval(x, top - 24, 7, 10, _GLOW)
        body = rect(x - w / 2, top, w, 308 - top, i.main, 6) + rect(
            x + w * 0.18, top, w * 0.32, 308 - top, i.shade, 6
        )
        return (
            oval(x, top - 30, 46, 46, _GLOW + "55")
            + body
            + line(f"M{x} {top}V{top - 14}", i.dark, 4)
            + flame
        )

    pair = one(154, 172, 46) + one(246, 214, 46) if i.mark % 2 else one(200, 176, 104)
    return pair + oval(200, 310, 112, 12, i.accent)


def lantern(i: Ink) -> str:
    frame = "".join(rect(x, 150, 12, 150, i.main) for x in (124, 264))
    light = (
        oval(200, 236, 66, 62, _GLOW + "99")
        + rect(180, 238, 40, 62, "#f1ebe0", 5)
        + path("M200 186Q220 218 200 234Q180 218 200 186Z", i.accent)
    )
    return (
        line("M160 108Q160 62 200 62Q240 62 240 108", i.shade, 8)
        + rect(130, 150, 140, 150, i.glass)
        + light
        + frame
        + path("M110 152L156 102H244L290 152Z", i.main)
        + path("M222 102H244L290 152H244Z", i.shade)
        + rect(108, 298, 184, 22, i.shade, 5)
    )


def cushion(i: Ink) -> str:
    body = path(
        "M84 112Q200 132 316 112Q296 206 318 306Q200 286 82 306Q104 206 84 112Z", i.main
    ) + path("M284 117Q300 115 316 112Q296 206 318 306Q298 302 276 299Q264 206 284 117Z", i.shade)
    if i.mark % 2:
        return body + "".join(
            line(f"M{x} 134Q{x + 8} 206 {x} 282", i.accent, 8) for x in (142, 192, 242)
        )
    sprig = "".join(
        leaf(192, 206 + dy, 58, a, i.accent)
        for dy, a in ((40, -48), (40, 48), (6, -42), (6, 42), (-14, 0))
    )
    return body + line("M192 268V180", i.accent, 5) + sprig


def throw(i: Ink) -> str:
    fringe = "".join(line(f"M{x} 292V316", i.shade, 5) for x in range(104, 300, 16))
    body = path("M92 128Q92 108 112 108H288Q308 108 308 128V294H92Z", i.main) + path(
        "M270 108H288Q308 108 308 128V294H270Z", i.shade
    )
    bands = "".join(
        rect(92, y, 216, h, i.accent) for y, h in ((150, 12), (172, 6), (246, 6), (260, 12))
    )
    return fringe + body + bands + path("M92 128Q92 108 112 108H288Q308 108 308 128Z", i.light)


def chair(i: Ink) -> str:
    legs = "".join(
        line(d, i.shade, 12)
        for d in ("M138 232L118 320", "M262 232L282 320", "M160 232L154 306", "M240 232L246 306")
    ) + line("M128 282H272", i.shade, 7)
    spindles = "".join(
        line(f"M{x} 216L{200 + (x - 200) * 1.16} 96", i.shade, 6) for x in (152, 176, 200, 224, 248)
    )
    back = line("M130 218L118 84M270 218L282 84", i.main, 11) + path(
        "M108 76Q200 52 292 76V104Q200 82 108 104Z", i.main
    )
    return (
        spindles
        + back
        + legs
        + path(
            "M116 214H284Q294 214 290 226L284 240H116L110 226Q106 214 116 214Z",
            i.accent if i.mark == 3 else i.light,
        )
        + rect(118, 232, 164, 10, i.main, 5)
    )


def stool(i: Ink) -> str:
    tall = 116 if i.mark % 2 else 168
    legs = "".join(
        line(d, i.shade, 15) for d in (f"M152 {tall}L122 320", f"M248 {tall}L278 320")
    ) + line(f"M200 {tall}V312", i.dark, 13)
    return (
        legs
        + line("M136 266H264", i.accent, 8)
        + rect(98, tall - 14, 204, 34, i.main, 17)
        + rect(98, tall + 6, 204, 14, i.shade, 7)
    )


def bench(i: Ink) -> str:
    legs = "".join(line(d, i.shade, 16) for d in ("M104 226L92 320", "M296 226L308 320"))
    shoes = path("M150 320V284H178Q182 302 204 306Q212 310 212 320Z", i.accent) + path(
        "M226 320V284H254Q258 302 280 306Q288 310 288 320Z", i.accent_shade
    )
    return legs + shoes + rect(60, 200, 280, 28, i.main, 8) + rect(60, 218, 280, 10, i.shade, 5)


def sidetable(i: Ink) -> str:
    vase = (
        path("M184 150H216Q236 186 218 200H182Q164 186 184 150Z", "#f1ebe0")
        + leaf(198, 154, 74, -18, "#4f8a63")
        + leaf(202, 154, 82, 16, "#5f7350")
    )
    legs = "".join(
        line(d, i.shade, 12) for d in ("M150 220L118 320", "M250 220L282 320", "M200 220V314")
    )
    return vase + legs + rect(86, 198, 228, 26, i.main, 13) + rect(86, 212, 228, 12, i.shade, 6)


def shelf(i: Ink) -> str:
    things = (
        path("M104 190V138H152V190Q128 204 104 190Z", i.accent)
        + leaf(126, 140, 66, -22, "#4f8a63")
        + leaf(130, 140, 74, 14, "#5f7350")
        + rect(196, 116, 22, 82, "#b9563a", 3)
        + rect(220, 126, 18, 72, "#9dbdcb", 3)
        + turned(0, rect(240, 108, 24, 90, "#ecc873", 3))
    )
    pegs = "".join(rect(x, 216, 12, 34, i.shade, 6) for x in (118, 194, 270))
    return (
        things
        + pegs
        + rect(66, 196, 268, 26, i.main, 6)
        + rect(66, 212, 268, 10, i.shade, 5)
        + line("M276 250Q256 290 276 300Q296 290 276 250", "#3d7d80", 7)
    )


def ladder(i: Ink) -> str:
    steps = "".join(rect(130 - n * 9, 110 + n * 52, 140 + n * 18, 14, i.main, 4) for n in range(4))
    things = (
        rect(152, 134, 34, 28, i.accent, 4)
        + path("M214 134H250V162H214Z", "#b9563a")
        + oval(160, 204, 22, 12, "#f1ebe0")
        + leaf(232, 214, 50, 10, "#4f8a63")
        + rect(130, 240, 60, 26, "#9dbdcb", 4)
    )
    return line("M138 66L88 318M262 66L312 318", i.shade, 13) + things + steps


def basket(i: Ink) -> str:
    body = path("M96 176H304L280 302Q277 320 258 320H142Q123 320 120 302Z", i.main) + path(
        "M262 176H304L280 302Q277 320 258 320H230Q250 310 254 290Z", i.shade
    )
    weave = "".join(
        line(
            f"M{104 + n * 5} {208 + n * 28}H{288 - n * 5}", i.accent_shade if n % 2 else i.shade, 5
        )
        for n in range(4)
    )
    return (
        line("M122 176Q122 86 200 86Q278 86 278 176", i.shade, 13)
        + body
        + weave
        + rect(86, 166, 228, 24, i.accent, 12)
    )


def crate(i: Ink) -> str:
    fill = "".join(
        oval(x, 190, 30, 28, c)
        for x, c in ((130, i.accent), (186, i.accent_shade), (240, i.accent), (282, i.accent_shade))
    )
    slats = "".join(
        rect(78, y, 244, 38, i.main, 4) + rect(78, y + 28, 244, 10, i.shade, 4)
        for y in (194, 238, 282)
    )
    return (
        fill
        + slats
        + rect(78, 186, 20, 134, i.light, 4)
        + rect(302, 186, 20, 134, i.shade, 4)
        + rect(166, 248, 68, 16, i.dark, 8)
    )


def hooks(i: Ink) -> str:
    strip = rect(62, 130, 276, 54, i.accent, 10) + rect(62, 168, 276, 16, i.accent_shade, 8)
    return strip + "".join(
        oval(x, 158, 15, 20, i.main)
        + line(f"M{x} 164V218Q{x} 246 {x + 24} 240L{x + 26} 224", i.main, 12)
        for x in (112, 200, 284)
    )
