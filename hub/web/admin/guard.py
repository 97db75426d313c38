"""The door of the admin pages: session, role, forged requests, and the headers of every answer."""

from __future__ import annotations

import hmac
import logging
import secrets
from urllib.parse import parse_qsl, quote, urlsplit

from jinja2 import Environment
from starlette.datastructures import FormData, UploadFile
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hub.core import Hub
from hub.flows.staff import ABSOLUTE_MS, StaffRow, session_staff, setup_open
from hub.web.admin import words
from hub.web.admin.ask import HOME, Ask, Forbidden, Line, NotFound
from hub.web.below import own_path
from hub.web.request_id import current

log = logging.getLogger("hub.admin")

MAX_FORM_BYTES = 512 * 1024
MAX_FORM_FIELDS = 3000
FORM_TYPE = "application/x-www-form-urlencoded"
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: https: http:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cache-Control": "no-store",
}


class TooLarge(Exception):
    """The form is larger than any page of ours can send."""


def guarded(hub: Hub, environment: Environment, line: Line) -> Route:
    """The Starlette route of one line, behind all checks."""

    async def endpoint(request: Request) -> Response:
        words.speak(
            words.preferred(
                request.cookies.get("language", ""), request.headers.get("accept-language", "")
            )
        )
        session = request.cookies.get(session_cookie(hub, request), "")
        staff = await session_staff(hub, session)
        anonymous = request.cookies.get(form_cookie(hub), "")
        csrf = csrf_token(hub, session if staff else anonymous)
        ask = Ask(hub, environment, request, staff, FormData(), csrf)
        fresh = ""
        if staff is None and line.method == "GET" and not anonymous:
            fresh = secrets.token_urlsafe(16)
            ask.csrf = csrf_token(hub, fresh)
        response = await _answer(hub, line, ask, staff)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        # Below a path the host is the shop's, and so is this decision.
        if is_https(hub, request) and not hub.settings.root:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if fresh:
            _set_cookie(hub, request, response, form_cookie(hub), fresh, 3600)
        return response

    return Route(line.path, endpoint, methods=[line.method], name=f"{line.method} {line.path}")


async def _answer(hub: Hub, line: Line, ask: Ask, staff: StaffRow | None) -> Response:
    try:
        if line.policy != "open" and staff is None:
            return await _sign_in(hub, ask)
        if line.method == "POST":
            ask.form = await _form(ask.request)
            check_origin(hub, ask.request)
            _check_token(ask)
        if line.policy != "open" and staff is not None and not staff.may(line.policy):
            raise Forbidden(words._("Your role does not allow this."))
        return await line.handler(ask)
    except NotFound:
        text = words._("It may have been removed, or the address is mistyped.")
        return _failed(ask, 404, words._("Nothing here"), text)
    except Forbidden as error:
        return _failed(ask, 403, words._("Not allowed"), str(error))
    except TooLarge:
        return _failed(ask, 413, words._("Too much at once"), words._("The form is too large."))
    except ClientDisconnect:  # it left before the form was whole
        raise
    except Exception:  # the page says so, the log says why
        log.exception("%s %s failed", line.method, line.path)
        text = words._("The reason is in the log of the hub, under the number %s.")
        text = text.replace("%s", current.get())
        return _failed(ask, 500, words._("That was our fault"), text)


def _failed(ask: Ask, status: int, title: str, text: str) -> Response:
    return ask.page("error.html", status, section="", title=title, text=text)


async def _sign_in(hub: Hub, ask: Ask) -> Response:
    if ask.htmx:
        return Response(status_code=401, headers={"HX-Redirect": f"{HOME}/login"})
    if await setup_open(hub):
        return RedirectResponse(f"{HOME}/setup", 303)
    if ask.request.method != "GET":
        return RedirectResponse(f"{HOME}/login", 303)
    path = own_path(ask.request)
    query = f"?{ask.request.url.query}" if ask.request.url.query else ""
    return RedirectResponse(f"{HOME}/login?next={quote(path + query)}", 303)


async def _form(request: Request) -> FormData:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise Forbidden("forms are sent as " + FORM_TYPE)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM_BYTES:
            raise TooLarge
    try:
        pairs = parse_qsl(
            bytes(body).decode("utf-8", "replace"), keep_blank_values=True,
            max_num_fields=MAX_FORM_FIELDS,
        )  # fmt: skip
    except ValueError as error:
        raise TooLarge from error
    fields: list[tuple[str, str | UploadFile]] = list(pairs)
    return FormData(fields)


def check_origin(hub: Hub, request: Request) -> None:
    """A change must come from a page of this hub. Raises Forbidden."""
    site = request.headers.get("sec-fetch-site", "")
    origin = request.headers.get("origin", "")
    if site and site != "same-origin":
        raise Forbidden("the request came from another site")
    if origin and urlsplit(origin).netloc not in own_hosts(hub, request):
        raise Forbidden("the request came from another site")
    if not site and not origin:
        raise Forbidden("the browser did not say where the request came from")


def own_hosts(hub: Hub, request: Request) -> set[str]:
    """Under which names this hub is reached."""
    return {urlsplit(hub.settings.origin).netloc, request.headers.get("host", "")} - {""}


def _check_token(ask: Ask) -> None:
    given = ask.said("csrf") or ask.request.headers.get("x-csrf", "")
    if not ask.csrf or not hmac.compare_digest(given.encode(), ask.csrf.encode()):
        raise Forbidden(words._("This page was open for too long. Load it again and repeat."))


def csrf_token(hub: Hub, session: str) -> str:
    """The token that every form of this session carries; "" without a session."""
    return hub.signer.mac("csrf", session) if session else ""


def is_https(hub: Hub, request: Request) -> bool:
    """Whether browsers reach the hub by https."""
    return hub.settings.origin.startswith("https:") or request.url.scheme == "https"


def session_cookie(hub: Hub, request: Request) -> str:
    """The cookie's name. Without https the port is in it: cookies do not tell ports apart.

    Below a path the path is in it, and the cookie goes there only, not to the rest of the site.
    """
    if not is_https(hub, request):
        return f"regulars_{hub.settings.port}{_below(hub)}"
    return f"__Secure-regulars{_below(hub)}" if hub.settings.root else "__Host-regulars"


def form_cookie(hub: Hub) -> str:
    """The name of the cookie that ties a form to a browser that is not signed in."""
    return f"regulars_form{_below(hub)}"


def cookie_path(hub: Hub) -> str:
    """Where the browser sends the hub's cookies."""
    return hub.settings.root or "/"


def _below(hub: Hub) -> str:
    return hub.settings.root.replace("/", "_")


def start_session(hub: Hub, request: Request, response: Response, token: str) -> Response:
    """Give the browser its session."""
    name = session_cookie(hub, request)
    _set_cookie(hub, request, response, name, token, ABSOLUTE_MS // 1000)
    return response


def end_session(hub: Hub, request: Request, response: Response) -> Response:
    """Take the session from the browser."""
    _set_cookie(hub, request, response, session_cookie(hub, request), "", 0)
    return response


def _set_cookie(  # noqa: PLR0917
    hub: Hub, request: Request, response: Response, name: str, value: str, age: int
) -> None:
    response.set_cookie(
        name, value, max_age=age, path=cookie_path(hub), secure=is_https(hub, request),
        httponly=True, samesite="lax",
    )  # fmt: skip


def is_local(request: Request) -> bool:
    """Whether the caller sits at this computer, with no proxy and no foreign name in between."""
    client = request.client.host if request.client else ""
    forwarded = {"forwarded", "x-forwarded-for", "x-real-ip"} & set(request.headers.keys())
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    loopback = ("127.0.0.1", "::1", "localhost")
    return client in loopback and not forwarded and host in loopback
