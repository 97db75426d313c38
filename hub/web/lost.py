"""Answers where nothing is, and where the hub itself failed: a page, or JSON for programs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hub.core import Hub
from hub.web.public import HEADERS, page, reader_locale
from hub.web.request_id import current

REASONS = {404: "there is nothing at this address", 405: "this address does not take this method"}


def refused(hub: Hub) -> Callable[[Request, Exception], Awaitable[Response]]:
    """The handler of addresses and methods that the hub does not know."""

    async def handler(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        allow = getattr(error, "headers", None) or {}
        if status == 404 and _is_reader(request):
            return page(hub, reader_locale(hub, request), "nowhere", 404)
        return _plain(status, REASONS.get(status, "the request can not be answered"), allow)

    return handler


def apology(hub: Hub) -> Callable[[Request, Exception], Awaitable[Response]]:
    """The handler of a fault of ours: it gives the number under which the log has it."""

    async def handler(request: Request, _: Exception) -> Response:
        number = current.get()
        if _is_reader(request):
            return page(hub, reader_locale(hub, request), "fault", 500, number=number)
        reason = "the hub had a fault; its log has the reason under this request id"
        return _plain(500, reason, {}, number)

    return handler


async def gone(_: Request, __: Exception) -> Response:
    """The handler of a client that left before its request was whole: nobody reads this."""
    return Response(status_code=400)


def _is_reader(request: Request) -> bool:
    """Whether a person looks, rather than a program."""
    return "text/html" in request.headers.get("accept", "")


def _plain(status: int, reason: str, headers: dict[str, str], request_id: str = "") -> Response:
    fault = {"field": "path", "message": reason}
    if request_id:
        fault = {"field": "hub", "message": reason, "request_id": request_id}
    body = orjson.dumps({"error": fault})
    return Response(body, status, {**HEADERS, **headers}, media_type="application/json")
