"""Passing a source's events on to the collector that was there before, and where both differ."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.tee import start_tee, stop_tee
from hub.flows.tee_read import tee_report
from hub.web.admin.ask import Ask, Line, NotFound

KINDS = ("browser", "server")


async def show(ask: Ask) -> Response:
    return await _page(ask, {}, {})


async def change(ask: Ask) -> Response:
    source_id = _source_id(ask)
    if ask.said("do") == "stop":
        await stop_tee(ask.hub, source_id, by=ask.staff.email)
        return ask.go(f"/sources/{source_id}/tee", "saved")
    values = {name: ask.said(name).strip() for name in ("url", "key")}
    try:
        await start_tee(ask.hub, source_id, by=ask.staff.email, **values)
    except ValueError as error:
        field, _, message = str(error).partition(": ")
        return await _page(ask, values, {field: message})
    return ask.go(f"/sources/{source_id}/tee", "saved")


async def _page(ask: Ask, values: dict[str, str], errors: dict[str, str]) -> Response:
    source = ask.hub.sources[_source_id(ask)]
    report = await tee_report(ask.hub, source.id)
    if report is not None:
        values = {"url": report.url, **values}
    return ask.page(
        "tee/page.html", 422 if errors else 200, section="sources", source=source, report=report,
        values=values, errors=errors,
    )  # fmt: skip


def _source_id(ask: Ask) -> int:
    source = ask.hub.sources.get(ask.path("id"))
    if source is None or source.kind not in KINDS:
        raise NotFound
    return source.id


LINES = (
    Line("GET", "/sources/{id:int}/tee", show),
    Line("POST", "/sources/{id:int}/tee", change, "owner"),
)
