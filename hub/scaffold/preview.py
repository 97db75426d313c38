"""The page that shows a plugin at work: on this machine only, below an address nobody can guess."""

from __future__ import annotations

import importlib
import secrets
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from hub.scaffold.watch import Watched

PAGE: Final = Path(__file__).parent / "page"
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; frame-src 'self'; img-src 'self' data:; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
SNIPPET: Final = ("s.js", "consent.js")
OWN: Final = ("page.js", "page.css", "frame.css")


def preview_app(watched: Watched, token: str) -> Starlette:
    """The application; everything lies below `/TOKEN/`, all else is 404."""
    seen = _Preview(watched)
    inside = [
        Route("/", seen.page),
        Route("/wait", seen.wait),
        Route("/frame", seen.frame),
        Route("/v1/decide", seen.decide, methods=["POST"]),
        Route("/v1/{rest:path}", seen.nothing, methods=["POST"]),
        *(Route(f"/{name}", _file(_snippet_folder() / name)) for name in SNIPPET),
        *(Route(f"/{name}", _file(PAGE / name)) for name in OWN),
    ]
    # A page elsewhere can not reach it under a name of its own.
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    return Starlette(routes=[Mount(f"/{token}", routes=inside)], middleware=[hosts])


def new_token() -> str:
    """The part of the address that only the author knows."""
    return secrets.token_urlsafe(24)


class _Preview:
    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._templates = Environment(
            loader=FileSystemLoader(PAGE), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip

    async def page(self, _: Request) -> Response:
        watched = self._watched
        return self._html("page.html", report=watched.report, version=watched.version)

    async def wait(self, request: Request) -> Response:
        """Answers when there is something newer than the page shows."""
        said = request.query_params.get("version", "")
        version = int(said) if said.isdecimal() and len(said) < 9 else -1
        newest = await self._watched.newer(version)
        return JSONResponse({"version": newest}, 503 if self._watched.ended else 200)

    async def frame(self, request: Request) -> Response:
        """A page of a shop with the real snippet on it."""
        ask = request.query_params
        locale = ask.get("locale", "en")[:12]
        return self._html(
            "frame.html", locale=locale, dark=ask.get("dark") == "1",
            rtl=locale.partition("-")[0] in ("ar", "fa", "he", "ur"),
        )  # fmt: skip

    async def decide(self, request: Request) -> Response:
        """What the snippet asks for: the decision of the frame that it stands on."""
        number = _frame_number(await request.body())
        decisions = self._watched.report.decisions
        chosen = [decisions[number]] if 0 <= number < len(decisions) else []
        return JSONResponse(
            {"id": "preview", "site": {"consent": {"mode": "off"}}, "decisions": chosen}
        )

    async def nothing(self, _: Request) -> Response:
        """Events and subscriptions of the preview go nowhere."""
        return JSONResponse({"ok": True})

    def _html(self, name: str, **values: Any) -> Response:
        return HTMLResponse(self._templates.get_template(name).render(values), headers=HEADERS)


def _frame_number(body: bytes) -> int:
    try:
        url = orjson.loads(body)["page"]["url"]
        return int(parse_qs(urlsplit(url).query)["decision"][0])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, IndexError):
        return -1


def _snippet_folder() -> Path:
    return Path(str(importlib.import_module("hub_widgets").__file__)).parent / "static"


def _file(path: Path) -> Any:
    async def answer(_: Request) -> Response:
        return FileResponse(path, headers=HEADERS)

    return answer
