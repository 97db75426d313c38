"""Sources: where events come from, with their keys and what became of what they sent."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.match_rate import match_rate
from hub.flows.remembered import remembered
from hub.flows.shop_sign_in import live_secrets
from hub.flows.sources import create_source
from hub.flows.sources_admin import change_source, list_sources, snippet_line, source_days
from hub.web.admin.ask import Ask, Line, NotFound

MAKEABLE = ("browser", "server")


async def show_all(ask: Ask) -> Response:
    return await _list(ask, {}, {})


async def create(ask: Ask) -> Response:
    values = {name: ask.said(name).strip() for name in ("name", "kind", "shop", "shop_url")}
    if values["kind"] not in MAKEABLE:
        return await _list(ask, values, {"kind": "choose what will send the events"})
    try:
        source = await create_source(ask.hub, **values)
    except ValueError as error:
        field, _, message = str(error).partition(": ")
        return await _list(ask, values, {field: message})
    return ask.go(f"/sources/{source.id}", "created")


async def show(ask: Ask) -> Response:
    lines = [line for line in await list_sources(ask.hub) if line.source.id == ask.path("id")]
    if not lines:
        raise NotFound
    days = await source_days(ask.hub, lines[0].source.id)
    snippet = snippet_line(ask.hub, lines[0].source)
    origin = ask.hub.settings.origin
    secrets = live_secrets(ask.hub, lines[0].source) if ask.staff.may("owner") else []
    return ask.page(
        "sources/source.html", line=lines[0], days=days, snippet=snippet, origin=origin,
        secrets=secrets, match=await match_rate(ask.hub, lines[0].source),
        memory=remembered(ask.hub, lines[0].source),
    )  # fmt: skip


async def change(ask: Ask) -> Response:
    source_id = ask.path("id")
    if source_id not in ask.hub.sources:
        raise NotFound
    identify = "claim" if ask.said("identify") == "claim" else "ignore"
    await change_source(ask.hub, source_id, identify=identify, enabled=ask.said("enabled") == "yes")
    return ask.go(f"/sources/{source_id}", "saved")


async def _list(ask: Ask, values: dict[str, str], errors: dict[str, str]) -> Response:
    lines = await list_sources(ask.hub)
    status = 422 if errors else 200
    return ask.page("sources/list.html", status, lines=lines, values=values, errors=errors)


LINES = (
    Line("GET", "/sources", show_all),
    Line("POST", "/sources", create, "owner"),
    Line("GET", "/sources/{id:int}", show),
    Line("POST", "/sources/{id:int}", change, "owner"),
)
