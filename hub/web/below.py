"""The hub below a path of a site, such as https://shop.example/r."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from hub.web.client_ip import App
from hub.web.wire import Receive, Scope, Send

_ADDRESSES = {b"location", b"hx-redirect", b"hx-location", b"hx-push-url", b"hx-replace-url"}


class Below:
    """Serves `app` below `root` ("/r"); inside, addresses are written as if there were no root.

    A proxy may leave the path on or cut it off: both arrive at the same page.
    """

    def __init__(self, root: str, app: App) -> None:
        self._root = root
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        full = path if _under(path, self._root) else self._root + path

        async def answer(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = [self._outward(*line) for line in message.get("headers", ())]
                message = {**message, "headers": headers}
            await send(message)

        await self._app({**scope, "path": full, "root_path": self._root}, receive, answer)

    def _outward(self, name: bytes, value: bytes) -> tuple[bytes, bytes]:
        text = value.decode("latin-1")
        if name.lower() not in _ADDRESSES or not text.startswith("/") or text.startswith("//"):
            return name, value
        return name, value if _under(text, self._root) else self._root.encode() + value


def _under(path: str, root: str) -> bool:
    return path.startswith(root) and path[len(root) : len(root) + 1] in ("", "/", "?", "#")


def own_path(request: Request) -> str:
    """The path of a request as the hub's own pages write it: without the root."""
    root = str(request.scope.get("app_root_path", ""))
    return request.url.path.removeprefix(root)
