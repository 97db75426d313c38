"""The page behind the link of a confirmation mail. Looking never confirms: scanners look too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.core import Hub
from hub.flows.confirm import Expired, Forged, confirm, read_question
from hub.store.database import StoreUnavailable
from hub.store.lanes import Overloaded
from hub.web.public import MAX_TOKEN, masked, page, reader_locale, stylesheet


def routes(hub: Hub) -> list[Route]:
    """GET asks, POST confirms."""
    return [
        Route("/confirm-static/confirm.css", stylesheet),
        Route("/confirm/{token}", _answering(hub, _ask), methods=["GET"]),
        Route("/confirm/{token}", _answering(hub, _confirm), methods=["POST"]),
    ]


async def _ask(hub: Hub, request: Request, token: str) -> Response:
    question = await read_question(hub, token)
    locale = reader_locale(hub, request, question.invitation.locale)
    address = masked(question.email)
    return page(hub, locale, "confirm", address=address, agreed=question.text)


async def _confirm(hub: Hub, request: Request, token: str) -> Response:
    question = await read_question(hub, token)
    locale = reader_locale(hub, request, question.invitation.locale)
    back = await confirm(hub, token)
    return page(hub, locale, "thanks", address=masked(question.email), back=back)


Answer = Callable[[Hub, Request, str], Awaitable[Response]]


def _answering(hub: Hub, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        token = request.path_params["token"]
        locale = reader_locale(hub, request)
        if len(token) > MAX_TOKEN:
            return page(hub, locale, "forged", 400)
        try:
            return await answer(hub, request, token)
        except Forged:
            return page(hub, locale, "forged", 400)
        except Expired as error:
            return page(hub, reader_locale(hub, request, error.locale), "expired", 410)
        except (StoreUnavailable, Overloaded):
            return page(hub, locale, "later", 503)

    return endpoint
