"""The inbox as pages: a list, a mail, and the mail's own HTML in a locked frame."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from hub.demo.inbox import Inbox, Mail

FOLDER = Path(__file__).parent / "inbox_templates"
_COMMON = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_PAGE = {
    **_COMMON,
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}
# A mail is written by anybody: it may look as it likes, and do nothing but link.
SANDBOX = "allow-top-navigation-by-user-activation allow-popups allow-popups-to-escape-sandbox"
_LETTER = {
    **_COMMON,
    "Content-Security-Policy": f"sandbox {SANDBOX}; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'",
}
_URL = re.compile(r"https?://[^\s<>\"']+")


def inbox_app(inbox: Inbox, zone: ZoneInfo | None = None) -> Starlette:
    """The pages of an inbox; times in `zone`, by default UTC."""
    env = Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    clock = zone or ZoneInfo("UTC")
    env.filters["time"] = lambda moment: moment.astimezone(clock).strftime("%H:%M")
    env.filters["moment"] = lambda moment: moment.astimezone(clock).strftime("%d %B %Y, %H:%M")
    env.filters["linked"] = linked
    app = Starlette(
        routes=[
            Route("/", _list, name="list"),
            Route("/clear", _clear, methods=["POST"], name="clear"),
            Route("/inbox.css", _style, name="style"),
            Route("/mail/{number:int}", _mail, name="mail"),
            Route("/mail/{number:int}/letter", _letter, name="letter"),
        ]
    )
    app.state.inbox = inbox
    app.state.env = env
    return app


def linked(text: str) -> Markup:
    """Plain text with its web addresses as links."""
    parts: list[Markup] = []
    end = 0
    for found in _URL.finditer(text):
        url = found.group().rstrip(".,;:!?)")
        parts.append(escape(text[end : found.start()]))
        parts.append(Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(url))
        end = found.start() + len(url)
    parts.append(escape(text[end:]))
    return Markup("").join(parts)


def _page(request: Request, name: str, status: int = 200, **values: object) -> Response:
    html = request.app.state.env.get_template(name).render(
        url=request.url_for, sandbox=SANDBOX, **values
    )
    return HTMLResponse(html, status, headers=_PAGE)


async def _list(request: Request) -> Response:
    inbox: Inbox = request.app.state.inbox
    return _page(request, "list.html", mails=inbox.mails)


async def _mail(request: Request) -> Response:
    mail = _found(request)
    if mail is None:
        return _page(request, "gone.html", 404)
    return _page(request, "mail.html", mail=mail)


async def _letter(request: Request) -> Response:
    mail = _found(request)
    # The target sends links to the whole window; a base without href changes no address.
    html = f'<!doctype html><base target="_top">{mail.html}' if mail else ""
    return HTMLResponse(html, 200 if mail else 404, headers=_LETTER)


async def _clear(request: Request) -> Response:
    request.app.state.inbox.clear()
    return RedirectResponse(request.url_for("list"), 303, headers=_COMMON)


async def _style(_: Request) -> Response:
    return FileResponse(FOLDER / "inbox.css", media_type="text/css", headers=_COMMON)


def _found(request: Request) -> Mail | None:
    inbox: Inbox = request.app.state.inbox
    return inbox.find(request.path_params["number"])
