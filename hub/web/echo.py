"""/health/echo: the answer to the hub's own doctor, who asks through the public address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hub.core import Hub
from hub.flows.doctor_echo import Echo, may_hear
from hub.web.client_ip import PROXIED

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def echo(hub: Hub) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint. Without a fresh token of this hub there is nothing here."""

    async def endpoint(request: Request) -> Response:
        if not await may_hear(hub, request.query_params.get("token", "")):
            raise HTTPException(404)
        seen = Echo(
            scheme=request.url.scheme,
            host=request.headers.get("host", ""),
            client=request.client.host if request.client else "",
            trusted=bool(request.scope.get(PROXIED)),
            forwarded="x-forwarded-for" in request.headers,
            seen={str(source): at for source, at in hub.seen.items()},
        )
        return Response(msgspec.json.encode(seen), 200, HEADERS, media_type="application/json")

    return endpoint
