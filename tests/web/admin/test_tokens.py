"""API tokens on the admin pages."""

from __future__ import annotations

import re

from hub.flows.api_tokens import list_tokens, read_token
from tests.web.admin.conftest import Desk


async def test_an_owner_makes_and_revokes_one_on_the_page(desk: Desk) -> None:
    made = await desk.post("/tokens", {"name": "till", "days": "90", "people.read": "yes"})
    (token,) = re.findall(r"rgl_[\w-]{43}", made.text)
    assert await read_token(desk.hub, token) is not None
    page = (await desk.get("/tokens")).text
    assert token not in page
    assert token[:10] in page
    wrong = await desk.post("/tokens", {"name": "till", "days": "90"})
    assert wrong.status_code == 422
    assert "at least one of" in wrong.text
    row = (await list_tokens(desk.hub))[0]
    await desk.post(f"/tokens/{row.id}/revoke", {})
    assert await read_token(desk.hub, token) is None
