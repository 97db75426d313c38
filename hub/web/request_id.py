"""Each request has a name, so that an error page and the log speak of the same one."""

from __future__ import annotations

import logging
import re
import secrets
from contextvars import ContextVar
from typing import Any

from hub.web.client_ip import PROXIED, App
from hub.web.wire import Receive, Scope, Send, header

log = logging.getLogger("hub.web")

HEADER = b"x-request-id"
current: ContextVar[str] = ContextVar("request_id", default="")
_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")


def new_id() -> str:
    return secrets.token_hex(8)


class Named:
    """Gives each request its id, which is in the log and in the header of every refusal."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = _given(scope) or new_id()
        current.set(name)

        async def answer(message: Any) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                headers = [*message.get("headers", ()), (HEADER, name.encode())]
                message = {**message, "headers": headers}
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception:  # answered already; it is for the log only
            log.exception("a page failed")


def _given(scope: Scope) -> str:
    """The id that a trusted proxy gave the request, if it is a plain one."""
    said = header(scope, HEADER).decode("latin-1") if scope.get(PROXIED) else ""
    return said if _GIVEN.fullmatch(said) else ""
