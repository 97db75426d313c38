"""People: search, and everything that is known of one person."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.decisions_read import list_decisions
from hub.flows.people import find_people, living_person, person_page
from hub.flows.timeline import timeline
from hub.flows.unmerge import list_merges
from hub.web.admin.ask import Ask, Line, NotFound
from hub.web.admin.identity_drawing import draw
from hub.web.admin.privacy import saw


async def search(ask: Ask) -> Response:
    query = ask.query("q")
    found = await find_people(ask.hub, query, ask.query("after"))
    template = "people/rows.html" if ask.htmx else "people/list.html"
    return ask.page(template, found=found, query=query)


async def show(ask: Ask) -> Response:
    person_id = ask.path("id")
    page = await person_page(ask.hub, person_id)
    if page is None:
        living = await living_person(ask.hub, person_id)
        if living is None or living == person_id:
            raise NotFound
        return ask.go(f"/people/{living}", "merged")
    await saw(ask, person_id)
    return ask.page(
        "people/person.html",
        view=page,
        moments=await timeline(ask.hub, person_id),
        decisions=await list_decisions(ask.hub, person_id=person_id, limit=10),
        joined=await list_merges(ask.hub, person_id),
        drawing=draw(page.identifiers, page.links),
        sources=ask.hub.sources,
    )


async def more_moments(ask: Ask) -> Response:
    person_id = ask.path("id")
    moments = await timeline(ask.hub, person_id, ask.query("before"))
    return ask.page(
        "people/moments.html", moments=moments, person_id=person_id, sources=ask.hub.sources
    )


LINES = (
    Line("GET", "/people", search),
    Line("GET", "/people/{id:int}", show),
    Line("GET", "/people/{id:int}/timeline", more_moments),
)
