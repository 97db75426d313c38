"""What a widget of a plugin's type puts on the page: arranged anew for each page view."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from hub.clock import from_ms
from hub.core import Hub
from hub.decisions.decide import Draw, Drawn, as_written, localised
from hub.decisions.widget import Widget
from hub.sdk.widgets import Scene, WidgetType
from hub.watch import PluginFault, PluginOff

log = logging.getLogger("hub.draw")
NOTHING = "its plugin has nothing to show now"


def drawing(hub: Hub, locale: str, now: int) -> Draw:
    """How the widgets of one page view are drawn; a plugin's fault costs its own widget only."""
    scene = Scene(locale, from_ms(now).astimezone(hub.workspace.zone))

    def draw(widget: Widget, content: dict[str, Any]) -> Drawn:
        declared = hub.plugins.widgets.get(widget.text.type)
        if declared is None or not declared.layout:
            return as_written(widget, content)
        return drawn(declared, content, scene)

    return draw


def drawn(declared: WidgetType, content: Mapping[str, Any], scene: Scene) -> Drawn:
    """One content in the form that its type asks for, or the reason why not."""
    try:
        found = declared.drawn(content, scene)
    except (PluginOff, PluginFault) as error:  # counted, and on the health page
        return Drawn(declared.name, {}, str(error))
    except Exception as error:  # whatever a plugin does must not stop the page's other widgets
        log.exception("the widget type %s could not arrange its content", declared.name)
        return Drawn(declared.name, {}, f"its plugin failed: {type(error).__name__}: {error}"[:300])
    return Drawn(*found) if found else Drawn(declared.name, {}, NOTHING)


def shown_texts(hub: Hub, widget: Widget, locale: str, now: int) -> tuple[str, dict[str, Any]]:
    """The form and the texts in which a visitor with this language is shown a widget now."""
    found = drawing(hub, locale, now)(widget, localised(widget.text.content, locale))
    return found.layout, found.content
