"""A widget drawn by the real snippet: each language, phone and desktop, light and dark."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hub.clock import SystemClock
from hub.scaffold.parts import Frame, Part
from hub.scaffold.products import demo_cards
from hub.scaffold.show_connector import pretty
from hub.sdk.widgets import Scene, WidgetType

LOCALES = ("en", "nl", "de", "ar")
WIDTHS = ((360, "phone"), (900, "desktop"))
HOURS = (0, 3, 6, 9, 15, 18, 24, 48, 72)  # from now


async def show_widget(widget: WidgetType, _: Path, decisions: list[dict[str, Any]]) -> list[Part]:
    """Its form, its sample on pages of a shop, and what it becomes at other times."""
    now = SystemClock().now().astimezone()
    content = widget.clean(widget.sample)
    frames: list[Frame] = []
    hidden = ""
    for locale in LOCALES:
        drawn = widget.drawn(content, Scene(locale, now))
        if drawn is None:
            hidden = "It has nothing to show at this moment; look at the other times below."
            drawn = next((d for d in _later(widget, content, locale, now) if d), None)
        if drawn is None:
            continue
        decisions.append(_decision(widget, *drawn))
        frames += [
            Frame(f"{locale}, {name}{', dark' if dark else ''}", locale, dark, width,
                  len(decisions) - 1)
            for dark in (False, True)
            for width, name in WIDTHS
        ]  # fmt: skip
    return [
        Part("On a page", hidden, frames=tuple(frames)),
        _form(widget),
        *([_times(widget, content, now)] if widget.arrange else []),
        Part("Its sample content, cleaned", code=pretty(content)),
    ]


def _later(widget: WidgetType, content: dict[str, Any], locale: str, now: datetime) -> list[Any]:
    return [widget.drawn(content, Scene(locale, now + timedelta(hours=h))) for h in HOURS]


def _decision(widget: WidgetType, layout: str, content: dict[str, Any]) -> dict[str, Any]:
    overlay = layout == "popup" or widget.placement == "overlay"
    decision = {
        "slot": None if overlay else "preview",
        "widget": widget.name,
        "version": 1,
        "type": layout,
        "trigger": {"on": "load"},
        "content": content,
    }
    return {**decision, "products": demo_cards(4)} if layout == "recommendations" else decision


def _form(widget: WidgetType) -> Part:
    rows = tuple(
        (field.key, field.label, field.kind, "yes" if field.required else "no",
         str(field.default), field.help)
        for field in widget.fields
    )  # fmt: skip
    columns = ("Key", "Label", "Kind", "Needed", "Default", "Help")
    return Part("What an editor fills in", columns=columns, rows=rows)


def _times(widget: WidgetType, content: dict[str, Any], now: datetime) -> Part:
    rows = []
    for hours in HOURS:
        at = now + timedelta(hours=hours)
        drawn = widget.drawn(content, Scene("en", at))
        words = "nothing is shown" if drawn is None else " | ".join(map(str, drawn[1].values()))
        rows.append((f"{at:%A %H:%M}", words))
    return Part("At other times", columns=("When", "What is shown"), rows=tuple(rows))
