"""The page behind the unsubscribe link (RFC 8058): looking changes nothing, a POST is enough."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.core import Hub
from hub.flows.confirm import Forged
from hub.flows.unsubscribe import read_unsubscribe_link, unsubscribe
from hub.store.database import StoreUnavailable
from hub.store.lanes import Overloaded
from hub.web.public import MAX_TOKEN, masked, page, reader_locale


def routes(hub: Hub) -> list[Route]:
    """GET asks; POST, by the button or by a mail program, unsubscribes. No cookie is needed."""
    return [
        Route("/unsubscribe/{token}", _answering(hub, _ask), methods=["GET"]),
        Route("/unsubscribe/{token}", _answering(hub, _leave), methods=["POST"]),
    ]


async def _ask(hub: Hub, request: Request, token: str) -> Response:
    farewell = read_unsubscribe_link(hub, token)
    locale = reader_locale(hub, request, farewell.locale)
    return page(hub, locale, "leave", address=masked(farewell.email))


async def _leave(hub: Hub, request: Request, token: str) -> Response:
    farewell = await unsubscribe(hub, token)
    locale = reader_locale(hub, request, farewell.locale)
    return page(hub, locale, "left", address=masked(farewell.email))


Answer = Callable[[Hub, Request, str], Awaitable[Response]]


def _answering(hub: Hub, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        token = request.path_params["token"]
        locale = reader_locale(hub, request)
        try:
            if len(token) > MAX_TOKEN:
                raise Forged("too long")
            return await answer(hub, request, token)
        except Forged:
            return page(hub, locale, "forged", 400)
        except (StoreUnavailable, Overloaded):
            return page(hub, locale, "later", 503)

    return endpoint
