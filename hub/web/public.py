"""The few pages that anybody may open, by a link from a mail: their words, look and headers."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from hub.core import Hub
from hub.flows.languages import pick_locale
from hub.web.public_texts import TEXTS

FOLDER = Path(__file__).parent / "public_templates"
MAX_TOKEN = 4000
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
_environment = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip


def reader_locale(hub: Hub, request: Request, known: str = "") -> str:
    """The language of the link, else of the browser, else of the workspace."""
    wishes = [w.partition(";")[0] for w in request.headers.get("accept-language", "").split(",")]
    return pick_locale(TEXTS, known, *wishes[:8], hub.workspace.locale)


def page(hub: Hub, locale: str, name: str, status: int = 200, **values: str) -> Response:
    """One page: `name` is the template and the key of its words."""
    shop = hub.workspace.name
    written = TEXTS[locale][name]
    words = {
        key: text.format(
            shop=shop, address=values.get("address", ""), number=values.get("number", "")
        )
        for key, text in written.items()
    }
    # A short name is not torn apart at the end of a line.
    unbroken = shop.replace(" ", "\u00a0") if len(shop) <= 20 else shop
    words["heading"] = written["title"].format(shop=unbroken)
    template = {"confirm": "ask.html", "leave": "ask.html"}.get(name, "say.html")
    html = _environment.get_template(template).render(
        locale=locale, shop=shop, words=words, root=hub.settings.root,
        **{"agreed": "", "back": "", **values},
    )  # fmt: skip
    return HTMLResponse(html, status, headers=HEADERS)


def masked(email: str) -> str:
    """Enough of an address for its owner, too little for anybody else: `a•••@example.com`."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}•••@{domain}"


async def stylesheet(_: Request) -> Response:
    """The look of these pages."""
    return FileResponse(
        FOLDER / "confirm.css",
        media_type="text/css",
        headers={"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"},
    )
