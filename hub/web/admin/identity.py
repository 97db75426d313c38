"""Who is who: the rules by which identifiers become one person, and what they refused."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.refusals import list_refusals
from hub.identity.rules import ROLES
from hub.web.admin.ask import Ask, Line


async def show(ask: Ask) -> Response:
    before = ask.query("before")
    found = await list_refusals(ask.hub, int(before) if before.isdecimal() else 0)
    return ask.page(
        "identity/page.html", found=found, rules=ask.hub.settings.merging, roles=sorted(ROLES),
        sources=ask.hub.sources,
    )  # fmt: skip


LINES = (Line("GET", "/identity", show),)
