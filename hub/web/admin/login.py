"""Signing in and out."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from hub.flows.entry_links import pass_for_password
from hub.flows.staff import Throttled, close_session, enter, login, open_session, setup_open
from hub.web.admin.ask import HOME, Ask, Line
from hub.web.admin.guard import (
    cookie_path,
    end_session,
    is_https,
    session_cookie,
    start_session,
)
from hub.web.admin.words import LANGUAGES, _
from hub.web.client_ip import network_of

YEAR = 365 * 86_400


async def show(ask: Ask) -> Response:
    if await setup_open(ask.hub):
        return ask.go("/setup")
    return ask.page("login/form.html", email="", next=safe_next(ask.query("next")), error="")


async def sign_in(ask: Ask) -> Response:
    client = ask.request.client
    email, onward = ask.said("email"), safe_next(ask.said("next"))
    try:
        staff = await login(
            ask.hub, email=email, password=ask.said("password"),
            address=network_of(client.host if client else ""),
        )  # fmt: skip
    except Throttled:
        error = _("Too many attempts. Wait a quarter of an hour, then try again.")
        return ask.page("login/form.html", 429, email=email, next=onward, error=error)
    if staff is None:
        error = _("The e-mail address and the password do not belong together.")
        return ask.page("login/form.html", 401, email=email, next=onward, error=error)
    token = await open_session(ask.hub, staff)
    return start_session(ask.hub, ask.request, RedirectResponse(onward, 303), token)


async def enter_by_link(ask: Ask) -> Response:
    entered = await enter(ask.hub, ask.request.query_params.get("token", "")[:1000])
    if entered is None:
        error = _("This link was used before or is too old.")
        return ask.page("login/form.html", 401, email="", next=f"{HOME}/", error=error)
    staff, lost = entered
    token = await open_session(ask.hub, staff)
    proof = pass_for_password(ask.hub, staff.id, token) if lost else ""
    onward = f"{HOME}/account?proof={proof}" if lost else f"{HOME}/"
    return start_session(ask.hub, ask.request, RedirectResponse(onward, 303), token)


async def sign_out(ask: Ask) -> Response:
    name = session_cookie(ask.hub, ask.request)
    await close_session(ask.hub, ask.request.cookies.get(name, ""))
    return end_session(ask.hub, ask.request, RedirectResponse(f"{HOME}/login", 303))


async def choose_language(ask: Ask) -> Response:
    response = RedirectResponse(safe_next(ask.said("next")), 303)
    if ask.said("language") in LANGUAGES:
        response.set_cookie(
            "language", ask.said("language"), max_age=YEAR, path=cookie_path(ask.hub),
            samesite="lax",
            secure=is_https(ask.hub, ask.request), httponly=True,
        )  # fmt: skip
    return response


def safe_next(path: str) -> str:
    """The path to go on to: one of the admin pages, never another site."""
    plain = path.startswith(f"{HOME}/") and "//" not in path and "\\" not in path
    return path if plain and path.isprintable() else f"{HOME}/"


LINES = (
    Line("GET", "/login", show, "open"),
    Line("POST", "/login", sign_in, "open"),
    Line("GET", "/enter", enter_by_link, "open"),
    Line("POST", "/logout", sign_out, "viewer"),
    Line("POST", "/language", choose_language, "open"),
)
