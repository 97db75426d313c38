"""The secrets with which a shop signs tokens for its signed-in customers, on a source's page."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.shop_sign_in import drop_old_secret, new_secret
from hub.web.admin.ask import Ask, Line, NotFound


async def change(ask: Ask) -> Response:
    source = ask.hub.sources.get(ask.path("id"))
    if source is None or source.kind != "browser":
        raise NotFound
    if ask.said("do") == "new":
        await new_secret(ask.hub, source.id)
    elif ask.said("do") == "drop":
        await drop_old_secret(ask.hub, source.id)
    return ask.go(f"/sources/{source.id}", "saved")


LINES = (Line("POST", "/sources/{id:int}/secrets", change, "owner"),)
