"""The first page: what came in, what went out, and what to do next."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.activity import activity
from hub.flows.disk import PART, to_free
from hub.flows.overview import overview
from hub.flows.workspace import pause_output
from hub.web.admin.ask import Ask, Line

SHOWN_DAYS = 30


async def show(ask: Ask) -> Response:
    found = await overview(ask.hub)
    highest = max([day.intake.received for day in found.days] + [1])
    past = await activity(ask.hub, SHOWN_DAYS)
    full = to_free(ask.hub) if PART in ask.hub.closed_for else 0
    folder = str(ask.hub.settings.data_dir)
    return ask.page(
        "overview/page.html", view=found, highest=highest, past=past, full=full, folder=folder
    )


async def pause(ask: Ask) -> Response:
    paused = ask.said("paused") == "yes"
    await pause_output(ask.hub, paused)
    return ask.go("/", "paused" if paused else "resumed")


LINES = (Line("GET", "/", show), Line("POST", "/pause", pause, "editor"))
