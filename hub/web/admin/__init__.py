"""The admin pages: one module and one template folder per screen."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import BaseRoute, Mount

from hub.core import Hub
from hub.web.admin import (
    account,
    connections,
    decisions,
    events,
    facts,
    files,
    health,
    identity,
    install,
    letters,
    live,
    login,
    merges,
    orders,
    overview,
    people,
    plan,
    privacy,
    products,
    settings,
    setup,
    shop_tokens,
    sources,
    team,
    tee,
    tokens,
    widget_edit,
    widgets,
)
from hub.web.admin.ask import Ask, Line, NotFound
from hub.web.admin.guard import guarded
from hub.web.admin.render import make_environment

SCREENS = (
    account, connections, decisions, events, facts, files, health, identity, install, letters, live,
    login, merges, orders, overview, people, plan, privacy, products, settings, setup, shop_tokens,
    sources, team, tee, tokens, widget_edit, widgets,
)  # fmt: skip


async def _nothing(ask: Ask) -> Response:
    raise NotFound


LINES: tuple[Line, ...] = (
    *(line for screen in SCREENS for line in screen.LINES),
    Line("GET", "/{path:path}", _nothing),
)


def routes(hub: Hub) -> list[BaseRoute]:
    """All admin routes, to be mounted at /admin."""
    environment = make_environment(hub)
    return [
        Mount("/static", files.Files(directory=files.FOLDER)),
        *(guarded(hub, environment, line) for line in LINES),
    ]
