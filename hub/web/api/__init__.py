"""/api/v1: the admin screens' flows as JSON."""

from __future__ import annotations

from starlette.routing import BaseRoute

from hub.core import Hub


def routes(hub: Hub) -> list[BaseRoute]:
    return []
