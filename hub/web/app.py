"""The whole application: hot paths first, then Starlette's routes."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from hub import __version__
from hub.core import Hub
from hub.flows.doctor_echo import PATH
from hub.web import confirm, sdk_routes, snippet, unsubscribe, webhooks
from hub.web.admin import routes as admin_routes
from hub.web.api import routes as api_routes
from hub.web.below import Below
from hub.web.client_ip import App, Forwarded
from hub.web.collect import Collect
from hub.web.door import Door
from hub.web.echo import echo
from hub.web.lost import apology, gone, refused
from hub.web.metrics import metrics
from hub.web.ready import Ready
from hub.web.request_id import Named
from hub.web.wire import Receive, Scope, Send

log = logging.getLogger("hub.web")


def create_app(
    hub: Hub, ready: Ready | None = None
) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The ASGI application of an open hub; `ready` answers /ready."""
    ready = ready or Ready(hub)
    door = Door()
    routes: list[BaseRoute] = [
        Route("/", _home),
        *snippet.routes(hub),
        *sdk_routes.routes(hub, door),
        Route("/health", _health(hub)),
        Route(PATH, echo(hub)),
        Route("/ready", ready.endpoint),
        Route("/metrics", metrics(hub)),
        *confirm.routes(hub),
        *unsubscribe.routes(hub),
        *webhooks.routes(hub, door),
        Mount("/admin", routes=admin_routes(hub)),
        Mount("/api/v1", routes=api_routes(hub)),
    ]
    handlers = {
        HTTPException: refused(hub), ClientDisconnect: gone, Exception: apology(hub)
    }  # fmt: skip
    app: App = Named(Starlette(routes=routes, exception_handlers=handlers))
    if hub.settings.root:
        app = Below(hub.settings.root, app)
    app = Collect(hub, app, door)
    if hub.settings.trusted_proxies:
        app = Forwarded(hub.settings.trusted_proxies, app)
    return app


def _home(_: Request) -> Response:
    return RedirectResponse("/admin/")


def _health(hub: Hub) -> Callable[[Request], Awaitable[Response]]:
    async def health(_: Request) -> Response:
        stuck = hub.views.stuck
        body = {"ok": not stuck, "version": __version__, "projected": hub.views.seq}
        return Response(orjson.dumps(body), 503 if stuck else 200, media_type="application/json")

    return health
