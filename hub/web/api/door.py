"""The door of the API: the session of the admin pages, the same rules against forged requests."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.core import Hub
from hub.decisions.widget import InvalidWidget
from hub.flows.api_tokens import read_token
from hub.flows.publish import Conflict
from hub.flows.staff import StaffRow, session_staff
from hub.web.admin.ask import Forbidden
from hub.web.admin.guard import check_origin, csrf_token, session_cookie
from hub.web.request_id import current

log = logging.getLogger("hub.api")
MAX_BODY = 256 * 1024
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Missing(Exception):
    """There is no such thing; the message names it."""


class BadQuestion(Exception):
    """A parameter or the body can not be read."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Call(msgspec.Struct, frozen=True):
    """One request, behind the door."""

    hub: Hub
    request: Request
    staff: StaffRow
    csrf: str
    body: bytes = b""

    def query(self, name: str) -> str:
        return self.request.query_params.get(name, "")[:200]

    def path(self, name: str) -> Any:
        return self.request.path_params[name]


class Line(msgspec.Struct, frozen=True):
    """One operation. `answer` and `body` are the types its schema is made of."""

    method: Literal["GET", "POST"]
    path: str
    handler: Callable[[Call], Awaitable[Any]]
    answer: Any
    summary: str
    policy: Literal["viewer", "editor", "owner"] = "viewer"
    query: tuple[str, ...] = ()
    body: Any = None
    scope: str = ""  # the right by which a token may; "": none may


def guarded(hub: Hub, line: Line) -> Route:
    """The Starlette route of one line."""

    async def endpoint(request: Request) -> Response:
        try:
            return await _answer(hub, line, request)
        except Forbidden as error:
            return failure(403, "request", str(error))
        except Missing as error:
            return failure(404, str(error), "there is no such thing")
        except (BadQuestion, InvalidWidget) as error:
            return failure(422, error.field, str(error).removeprefix(f"{error.field}: "))
        except Conflict as error:
            return failure(409, "base_version", str(error))
        except Exception:  # never a stack trace outside
            log.exception("%s %s failed", line.method, line.path)
            text = f"the hub had a fault; its log has the reason under {current.get()}"
            return failure(500, "hub", text)

    return Route(line.path, endpoint, methods=[line.method], name=f"{line.method} {line.path}")


async def _answer(hub: Hub, line: Line, request: Request) -> Response:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return await _by_token(hub, line, request, secret.strip())
    token = request.cookies.get(session_cookie(hub, request), "")
    staff = await session_staff(hub, token)
    if staff is None:
        return failure(401, "session", "sign in at /admin/login first")
    csrf = csrf_token(hub, token)
    body = await _checked_body(hub, request, csrf) if line.method == "POST" else b""
    if not staff.may(line.policy):
        raise Forbidden(f"the role {staff.role} does not allow this")
    return reply(await line.handler(Call(hub, request, staff, csrf, body)))


async def _by_token(hub: Hub, line: Line, request: Request, secret: str) -> Response:
    """A program of the shop asks, with nobody's session."""
    if "origin" in request.headers:
        raise Forbidden("a token is for servers: who reads the page would have it too")
    token = await read_token(hub, secret)
    if token is None:
        return failure(401, "authorization", "no such token; it may have expired or been revoked")
    if not line.scope or not token.may(line.scope):
        need = f"it needs the right {line.scope}" if line.scope else "no token may do this"
        raise Forbidden(f"this token may not: {need}")
    body = await _body(request) if line.method == "POST" else b""
    staff = StaffRow(0, f"token {token.start} {token.name}", token.name, "viewer", False, 0)
    return reply(await line.handler(Call(hub, request, staff, "", body)))


async def _checked_body(hub: Hub, request: Request, csrf: str) -> bytes:
    check_origin(hub, request)
    if not hmac.compare_digest(request.headers.get("x-csrf", "").encode(), csrf.encode()):
        raise Forbidden("send the csrf token of /api/v1/session as X-CSRF")
    return await _body(request)


async def _body(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Forbidden("send application/json")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise BadQuestion("body", f"larger than {MAX_BODY} bytes")
    return bytes(body)


def reply(value: Any, status: int = 200) -> Response:
    """A value as JSON."""
    body = msgspec.json.encode(value)
    return Response(body, status, HEADERS, media_type="application/json")


def failure(status: int, field: str, message: str) -> Response:
    """What went wrong, at which field, in words with a remedy."""
    return reply({"error": {"field": field, "message": message}}, status)
