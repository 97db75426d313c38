"""Health: whether everything works, and what to mend."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.health import health
from hub.flows.plugins_admin import switch_plugin
from hub.web.admin.ask import Ask, Line, NotFound


async def show(ask: Ask) -> Response:
    return ask.page("health/page.html", view=await health(ask.hub))


async def switch_on(ask: Ask) -> Response:
    """Give a plugin that was switched off another chance."""
    if not switch_plugin(ask.hub, str(ask.path("plugin")), on=True):
        raise NotFound
    return ask.go("/health", "plugin_on")


LINES = (
    Line("GET", "/health", show),
    Line("POST", "/health/plugins/{plugin}/on", switch_on, "owner"),
)
