"""The tracking plan of a source: what its events should hold, and where they differ."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.plans import list_faults, plan_from_arrived, plan_text, set_plan
from hub.ingest.plan import InvalidPlan
from hub.web.admin.ask import Ask, Line, NotFound

KINDS = ("browser", "server")


async def show(ask: Ask) -> Response:
    source_id = _source_id(ask)
    made = ask.query("made") == "arrived"
    text = await (plan_from_arrived if made else plan_text)(ask.hub, source_id)
    return await _page(ask, text, {}, made=made)


async def change(ask: Ask) -> Response:
    source_id = _source_id(ask)
    text = "" if ask.said("do") == "remove" else ask.said("text").strip()
    if ask.said("do") != "remove" and not text:
        return await _page(ask, "", {"text": "write a plan, or let one be made"})
    try:
        await set_plan(ask.hub, source_id, text, by=ask.staff.email)
    except InvalidPlan as error:
        return await _page(ask, text, {"text": str(error)})
    return ask.go(f"/sources/{source_id}/plan", "saved")


async def _page(ask: Ask, text: str, errors: dict[str, str], *, made: bool = False) -> Response:
    source = ask.hub.sources[_source_id(ask)]
    return ask.page(
        "plan/page.html", 422 if errors else 200, section="sources", source=source, text=text,
        faults=await list_faults(ask.hub, source.id), errors=errors, made=made,
    )  # fmt: skip


def _source_id(ask: Ask) -> int:
    source = ask.hub.sources.get(ask.path("id"))
    if source is None or source.kind not in KINDS:
        raise NotFound
    return source.id


LINES = (
    Line("GET", "/sources/{id:int}/plan", show),
    Line("POST", "/sources/{id:int}/plan", change, "owner"),
)
