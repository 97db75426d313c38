"""Static files of the admin pages, and the preview page that the widget editor frames."""

from __future__ import annotations

import importlib
from pathlib import Path

from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from hub.web.admin.ask import Ask, Line, NotFound

FOLDER = Path(__file__).parent.parent / "static"
PREVIEW_FILES = {
    "preview.html": "text/html",
    "preview.js": "text/javascript",
    "preview.css": "text/css",
}
# The frame has no origin of its own: it reaches neither the session nor the page around it.
PREVIEW_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https: http:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts"
)


class Files(StaticFiles):
    """Files that browsers ask anew each time and take from their cache when unchanged."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


async def preview(ask: Ask) -> Response:
    name = ask.path("name")
    if name not in PREVIEW_FILES:
        raise NotFound
    package = importlib.import_module("hub_widgets")
    file = Path(str(package.__file__)).parent / "static" / name
    if not file.exists():
        raise NotFound
    headers = {"Content-Security-Policy": PREVIEW_CSP, "X-Frame-Options": "SAMEORIGIN"}
    return FileResponse(file, media_type=PREVIEW_FILES[name], headers=headers)


LINES = (Line("GET", "/preview/{name}", preview, "open"),)
