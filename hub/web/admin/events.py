"""Events: what arrives, under which names, with which fields."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.dictionary_read import kind_page, list_kinds
from hub.flows.field_rules import NoSuchField, set_field_rule
from hub.web.admin.ask import Ask, Line, NotFound


async def search(ask: Ask) -> Response:
    chosen = {name: ask.query(name) for name in ("query", "source")}
    found = await list_kinds(ask.hub, **chosen)
    template = "events/rows.html" if ask.htmx else "events/list.html"
    return ask.page(template, found=found, chosen=chosen, sources=ask.hub.sources.values())


async def show(ask: Ask) -> Response:
    page = await kind_page(ask.hub, ask.path("id"))
    if page is None:
        raise NotFound
    return ask.page("events/event.html", view=page)


async def rule(ask: Ask) -> Response:
    event = ask.path("id")
    try:
        await set_field_rule(
            ask.hub, event, ask.said("path"), ask.said("action"), by=ask.staff.email
        )
    except NoSuchField as error:
        raise NotFound from error
    return ask.go(f"/events/{event}", "saved")


LINES = (
    Line("GET", "/events", search),
    Line("GET", "/events/{id:int}", show),
    Line("POST", "/events/{id:int}/rule", rule, "editor"),
)
