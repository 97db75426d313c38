"""Team: who may sign in, and as what."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.staff import ROLES, StaffError, add_staff, list_staff, set_disabled
from hub.web.admin.ask import Ask, Line, NotFound


async def show(ask: Ask) -> Response:
    return await _list(ask, {}, {})


async def add(ask: Ask) -> Response:
    values = {name: ask.said(name) for name in ("email", "name", "role")}
    try:
        await add_staff(ask.hub, password=ask.said("password"), **values)
    except StaffError as error:
        return await _list(ask, values, {error.field: str(error)})
    return ask.go("/team", "added")


async def shut_out(ask: Ask) -> Response:
    staff_id = ask.path("id")
    if staff_id not in {member.id for member in await list_staff(ask.hub)}:
        raise NotFound
    try:
        await set_disabled(ask.hub, staff_id, ask.said("disabled") == "yes")
    except StaffError as error:
        return await _list(ask, {}, {"disabled": str(error)})
    return ask.go("/team", "saved")


async def _list(ask: Ask, values: dict[str, str], errors: dict[str, str]) -> Response:
    members = await list_staff(ask.hub)
    status = 422 if errors else 200
    return ask.page(
        "team/page.html", status, members=members, roles=ROLES, values=values, errors=errors
    )


LINES = (
    Line("GET", "/team", show, "owner"),
    Line("POST", "/team", add, "owner"),
    Line("POST", "/team/{id:int}", shut_out, "owner"),
)
