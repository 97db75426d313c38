"""/api/v1: the flows of the admin screens as JSON."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hub.core import Hub
from hub.web.api.door import failure, guarded
from hub.web.api.lines import LINES
from hub.web.api.schema import openapi


def routes(hub: Hub) -> list[BaseRoute]:
    """All API routes, to be mounted at /api/v1."""

    async def nothing(_: Request) -> Response:
        return failure(404, "path", "there is nothing at this address; see /api/v1/openapi.json")

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [
        *(guarded(hub, line) for line in LINES),
        Route("/openapi.json", openapi, methods=["GET"]),
        Route("/{path:path}", nothing, methods=methods),
    ]
