"""Merges on a person's page: undo one, split an identifier off, allow it again."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.unmerge import CanNotPart, release, unmerge
from hub.web.admin.ask import Ask, Line, NotFound


async def part(ask: Ask) -> Response:
    try:
        await unmerge(
            ask.hub, _number(ask, "identifier"), _number(ask, "other"), by=ask.staff.email
        )
    except CanNotPart as error:
        raise NotFound from error
    return ask.go(f"/people/{ask.path('id')}", "parted")


async def allow(ask: Ask) -> Response:
    try:
        person_id = await release(
            ask.hub, _number(ask, "identifier"), _number(ask, "other"), by=ask.staff.email
        )
    except CanNotPart as error:
        raise NotFound from error
    return ask.go(f"/people/{person_id}", "released")


def _number(ask: Ask, name: str) -> int:
    said = ask.said(name)
    return int(said) if said.isdecimal() and len(said) < 16 else 0


LINES = (
    Line("POST", "/people/{id:int}/unmerge", part, "editor"),
    Line("POST", "/people/{id:int}/release", allow, "editor"),
)
