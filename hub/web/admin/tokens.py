"""API tokens: making one (shown once), the list, revoking."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.api_tokens import (
    DAYS,
    SCOPES,
    TokenError,
    list_tokens,
    make_token,
    revoke_token,
)
from hub.web.admin.ask import Ask, Line, NotFound


async def show(ask: Ask) -> Response:
    return await _list(ask)


async def make(ask: Ask) -> Response:
    days = ask.said("days", "90")
    scopes = [scope for scope in SCOPES if ask.said(scope) == "yes"]
    try:
        number = int(days) if days.isdecimal() and len(days) < 6 else -1
        token = await make_token(ask.hub, ask.said("name"), scopes, number, by=ask.staff.email)
    except TokenError as error:
        return await _list(ask, errors={error.field: str(error)})
    return await _list(ask, token=token)


async def revoke(ask: Ask) -> Response:
    try:
        await revoke_token(ask.hub, ask.path("id"), by=ask.staff.email)
    except LookupError as error:
        raise NotFound from error
    return ask.go("/tokens", "saved")


async def _list(ask: Ask, token: str = "", errors: dict[str, str] | None = None) -> Response:
    return ask.page(
        "tokens/page.html",
        422 if errors else 200,
        tokens=await list_tokens(ask.hub),
        token=token,
        errors=errors or {},
        name=ask.said("name") if errors else "",
        days=[str(number) for number in DAYS],
        chosen=ask.said("days", "90"),
        now=ask.hub.clock.now().timestamp() * 1000,
    )


LINES = (
    Line("GET", "/tokens", show, "owner"),
    Line("POST", "/tokens", make, "owner"),
    Line("POST", "/tokens/{id:int}/revoke", revoke, "owner"),
)
