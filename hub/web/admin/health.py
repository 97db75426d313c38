"""Health: whether everything works, and what to mend."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.health import health
from hub.web.admin.ask import Ask, Line


async def show(ask: Ask) -> Response:
    return ask.page("health/page.html", view=await health(ask.hub))


LINES = (Line("GET", "/health", show),)
