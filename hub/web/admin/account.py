"""Account: the own password, and where one is signed in."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.account import change_password, close_other_sessions, list_sessions
from hub.flows.entry_links import is_pass_for_password
from hub.flows.staff import StaffError, Throttled
from hub.web.admin.ask import Ask, Line
from hub.web.admin.guard import session_cookie
from hub.web.admin.words import _


async def show(ask: Ask) -> Response:
    return await _page(ask, {})


async def change(ask: Ask) -> Response:
    try:
        await change_password(
            ask.hub, ask.staff.id, old=ask.said("old"), new=ask.said("password"),
            token=_token(ask), proof=ask.said("proof")[:1000],
        )  # fmt: skip
    except StaffError as error:
        return await _page(ask, {error.field: str(error)})
    except Throttled:
        error_text = _("Too many attempts. Wait a quarter of an hour, then try again.")
        return await _page(ask, {"old": error_text}, 429)
    return ask.go("/account", "saved")


async def sign_out_elsewhere(ask: Ask) -> Response:
    await close_other_sessions(ask.hub, ask.staff.id, _token(ask))
    return ask.go("/account", "saved")


def _token(ask: Ask) -> str:
    return ask.request.cookies.get(session_cookie(ask.hub, ask.request), "")


async def _page(ask: Ask, errors: dict[str, str], status: int = 422) -> Response:
    sessions = await list_sessions(ask.hub, ask.staff.id, _token(ask))
    given = ask.said("proof") or ask.request.query_params.get("proof", "")
    proof = given[:1000]
    if not is_pass_for_password(ask.hub, proof, ask.staff.id, _token(ask)):
        proof = ""
    return ask.page(
        "account/page.html", status if errors else 200, sessions=sessions, errors=errors,
        proof=proof,
    )  # fmt: skip


LINES = (
    Line("GET", "/account", show),
    Line("POST", "/account/password", change),
    Line("POST", "/account/sessions", sign_out_elsewhere),
)
