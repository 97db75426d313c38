"""The snippet's files, as any shop may load them."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import importlib
import os
import re
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from hub.core import Hub

_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
_FRESH = {**_HEADERS, "Cache-Control": "public, max-age=300, stale-while-revalidate=86400"}
_FOREVER = {**_HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
_DIGEST = re.compile(r"[0-9a-f]{16}")


def routes(hub: Hub) -> list[Route]:
    """`/s.js`, what it loads for shops with a consent tool, its pinned versions, and what pages
    with the line of another system ask for."""

    async def pinned(request: Request) -> Response:
        return _pinned(hub.settings.data_dir / "snippets", request.path_params["digest"])

    return [
        Route("/s.js", _file("s.js")),
        Route("/consent.js", _file("consent.js")),
        Route("/sqzl.js", _file("sqzl.js")),
        Route("/analytics.js/v1/{key}/analytics.min.js", _file("analytics.js")),
        Route("/analytics.js/v1/{key}/analytics.js", _file("analytics.js")),
        Route("/s.{digest}.js", pinned),
    ]


@lru_cache(maxsize=1)
def pin() -> tuple[str, str]:
    """The name and the integrity of the version in this hub, for lines that shall never change.

    It has the readers of consent tools inside, so that the digest covers all that ever runs.
    """
    text = (_folder() / "s.whole.js").read_bytes()
    integrity = base64.b64encode(hashlib.sha384(text).digest()).decode()
    return f"s.{hashlib.sha256(text).hexdigest()[:16]}.js", f"sha384-{integrity}"


def _folder() -> Path:
    return Path(str(importlib.import_module("hub_widgets").__file__)).parent / "static"


def _file(name: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_: Request) -> Response:
        return FileResponse(_folder() / name, media_type="text/javascript", headers=_FRESH)

    return answer


def _pinned(kept: Path, digest: str) -> Response:
    """This version, or an older one that some page asked for before the hub was upgraded."""
    if not _DIGEST.fullmatch(digest):
        return Response("There is no such version.", 404)
    file = kept / f"{digest}.js"
    if pin()[0] == f"s.{digest}.js":
        if not file.exists():
            with contextlib.suppress(OSError):  # a full disk is no reason to answer nothing
                _keep(file, (_folder() / "s.whole.js").read_bytes())
        file = _folder() / "s.whole.js"
    if not file.exists():
        return Response("This hub never had that version; copy the line again.", 404)
    return FileResponse(file, media_type="text/javascript", headers=_FOREVER)


def _keep(file: Path, text: bytes) -> None:
    file.parent.mkdir(exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}")
    draft.write_bytes(text)
    draft.replace(file)
