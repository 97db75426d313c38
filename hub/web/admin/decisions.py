"""Decisions: what pages were answered, and why."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.decisions_read import list_decisions
from hub.flows.why import why
from hub.web.admin.ask import Ask, Line, NotFound


async def search(ask: Ask) -> Response:
    person = ask.query("person")
    found = await list_decisions(
        ask.hub,
        person_id=int(person) if person.isdecimal() and len(person) < 16 else 0,
        widget=ask.query("widget"),
        after=ask.query("after"),
    )
    template = "decisions/rows.html" if ask.htmx else "decisions/list.html"
    chosen = {"person": person, "widget": ask.query("widget")}
    return ask.page(template, found=found, chosen=chosen)


async def show(ask: Ask) -> Response:
    found = await why(ask.hub, ask.path("id"))
    if found is None:
        raise NotFound
    return ask.page("decisions/why.html", view=found)


LINES = (Line("GET", "/decisions", search), Line("GET", "/decisions/{id}", show))
