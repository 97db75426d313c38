"""/ready: whether a load balancer may send traffic; /health only says that the hub lives."""

from __future__ import annotations

import asyncio

import orjson
from starlette.requests import Request
from starlette.responses import Response

from hub.core import Hub
from hub.flows.ready import Readiness

STOPPING = "the hub is stopping"
ASKED_LATELY_SECONDS = 30.0
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Ready:
    """The endpoint, and the way out: whoever watches it hears of the end before it comes."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._readiness = Readiness(hub)
        self._asked_at: float | None = None
        self._told = asyncio.Event()

    async def endpoint(self, _: Request) -> Response:
        """200, or 503 with the reasons. Anybody may ask: the words say nothing of people."""
        self._asked_at = asyncio.get_running_loop().time()
        reasons = await self._readiness.reasons()
        body = orjson.dumps({"ready": not reasons, "reasons": reasons})
        if STOPPING in reasons:
            self._told.set()
        status = 503 if reasons else 200
        return Response(body, status, HEADERS, media_type="application/json")

    async def leave(self, seconds: float = 5.0) -> None:
        """Say 503 from now on; return once a watcher has heard it, at once if nobody watches."""
        self._hub.closed_for["stop"] = STOPPING
        now = asyncio.get_running_loop().time()
        if self._asked_at is None or now - self._asked_at > ASKED_LATELY_SECONDS:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._told.wait()
        except TimeoutError:
            return
