"""First run: the owner's account. The page closes itself once there is one."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from hub.clock import to_ms
from hub.flows.staff import SetupClosed, StaffError, create_owner, open_session, setup_open
from hub.web.admin.ask import HOME, Ask, Forbidden, Line, NotFound
from hub.web.admin.guard import is_local, start_session
from hub.web.admin.words import _


async def show(ask: Ask) -> Response:
    await _check_open(ask)
    return ask.page("setup/form.html", token=ask.query("token"), values={}, errors={})


async def create(ask: Ask) -> Response:
    await _check_open(ask)
    values = {name: ask.said(name) for name in ("email", "name")}
    try:
        staff = await create_owner(ask.hub, password=ask.said("password"), **values)
    except SetupClosed:
        raise NotFound from None
    except StaffError as error:
        errors = {error.field: str(error)}
        token = ask.said("token")
        return ask.page("setup/form.html", 422, token=token, values=values, errors=errors)
    token = await open_session(ask.hub, staff)
    return start_session(ask.hub, ask.request, RedirectResponse(f"{HOME}/", 303), token)


async def _check_open(ask: Ask) -> None:
    if not await setup_open(ask.hub):
        raise NotFound
    token = ask.said("token") or ask.request.query_params.get("token", "")
    claims = ask.hub.signer.open("setup", token[:1000])
    if claims is not None and int(claims.get("exp", 2**62)) >= to_ms(ask.hub.clock.now()):
        return
    if not is_local(ask.request):
        raise Forbidden(_("Open the set-up link that the hub printed when it started."))


LINES = (Line("GET", "/setup", show, "open"), Line("POST", "/setup", create, "open"))
