"""Makes a stand-in vendor fail on purpose, in the ways that real ones do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import orjson

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(slots=True)
class Faults:
    """Wraps the vendor's application; the next requests fail as listed in `next`, and all of
    them as `always` says: "429" (come back after 7 seconds), "429-bare" (it does not say when),
    "500", "502", "503", "html", "notice", "truncated", "hang", "echo"."""

    app: App
    next: list[str] = field(default_factory=list)
    always: str = ""
    log: list[str] = field(default_factory=list)  # "GET /path?query" of every request
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = scope.get("query_string", b"").decode()
        self.log.append(f"{scope.get('method')} {scope.get('path')}?{query}")
        fault = self.next.pop(0) if self.next else self.always
        if not fault:
            await self.app(scope, receive, send)
        elif fault == "hang":
            await self._released.wait()
        else:
            await _fail(fault, scope, send)

    def release(self) -> None:
        """Let hanging requests end."""
        self._released.set()


async def _fail(fault: str, scope: Scope, send: Send) -> None:
    page = b"<!doctype html><html><head><title>Just a moment...</title></head></html>"
    echoed = {"code": "refused", "message": _echo(scope)}
    status, headers, body = {
        "429": (429, {"retry-after": "7", "content-type": "text/html"}, page),
        "429-bare": (429, {"content-type": "text/html"}, page),
        "500": (500, {"content-type": "text/html"}, page),
        "502": (502, {"content-type": "text/html"}, page),
        "503": (503, {"content-type": "text/html"}, page),
        "html": (200, {"content-type": "text/html"}, page),
        "notice": (200, {}, b"<br />\n<b>Deprecated</b>:  Optional parameter in x.php<br />\n[]"),
        "truncated": (200, {"content-length": "5000"}, b'[{"id": 1, "sta'),
        "echo": (401, {"content-type": "application/json"}, orjson.dumps(echoed)),
    }[fault]
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body, "more_body": fault == "truncated"})
    if fault == "truncated":
        raise ConnectionAbortedError("cut off on purpose")


def _echo(scope: Scope) -> str:
    headers = " ".join(value.decode("latin-1") for _, value in scope["headers"])
    return f"{scope['query_string'].decode()} {headers}"
