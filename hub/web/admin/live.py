"""Live: events as they come in, and the refused ones with their reason."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.live import newest_events, newest_rejects
from hub.web.admin.ask import Ask, Line


async def show(ask: Ask) -> Response:
    name = ask.query("name")
    source, person = _whole(ask.query("source")), _whole(ask.query("person"))
    events = await newest_events(ask.hub, name=name, source_id=source, person_id=person)
    template = "live/rows.html" if ask.htmx else "live/page.html"
    return ask.page(
        template,
        events=events,
        rejects=newest_rejects(ask.hub, source_id=source),
        sources=list(ask.hub.sources.values()),
        chosen={"name": name, "source": source, "person": person or ""},
    )


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 16 else 0


LINES = (Line("GET", "/live", show),)
