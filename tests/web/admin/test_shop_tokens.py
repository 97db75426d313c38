"""The secrets of shop tokens: who sees them, and how they are changed."""

from __future__ import annotations

import re

from hub.flows.shop_sign_in import live_secrets
from hub.flows.staff import add_staff
from tests.web.admin.conftest import Desk


async def test_an_owner_makes_changes_and_drops_a_secret(desk: Desk) -> None:
    source = desk.ids["source"]
    page = f"/sources/{source}"
    assert "Make a secret" in (await desk.get(page)).text
    assert live_secrets(desk.hub, desk.hub.sources[source]) == []
    for wanted, do in ((1, "new"), (2, "new"), (2, "new"), (1, "drop"), (1, "nothing")):
        answer = await desk.post(f"{page}/secrets", {"do": do})
        assert answer.status_code == 303
        secrets = live_secrets(desk.hub, desk.hub.sources[source])
        assert len(set(secrets)) == wanted
        text = (await desk.get(page)).text
        assert re.findall(r'<pre id="secret-\d">([^<]+)</pre>', text) == secrets
    assert (await desk.post("/sources/999/secrets", {"do": "new"})).status_code == 404


async def test_nobody_else_sees_a_secret(desk: Desk) -> None:
    source = desk.ids["source"]
    await desk.post(f"/sources/{source}/secrets", {"do": "new"})
    (secret,) = live_secrets(desk.hub, desk.hub.sources[source])
    for path in ("/sources", f"/sources/{source}/install", "/health", "/live"):
        assert secret not in (await desk.get(path)).text
    assert secret not in (await desk.client.get("/api/v1/sources")).text
    password = "a long enough sentence"
    await add_staff(desk.hub, email="ed@shop.example", name="Ed", role="editor", password=password)
    await desk.post("/logout", {})
    await desk.sign_in("ed@shop.example", password)
    page = await desk.get(f"/sources/{source}")
    assert page.status_code == 200 and secret not in page.text
    assert (await desk.post(f"/sources/{source}/secrets", {"do": "new"})).status_code == 403


async def test_the_page_says_how_many_are_known_and_what_would_raise_it(desk: Desk) -> None:
    page = (await desk.get(f"/sources/{desk.ids['source']}")).text
    assert re.search(r"\d+ of \d+ events belong to somebody the shop knows: \d+ %", page)
    assert "does not prove who is signed in" in page
    for source in desk.hub.sources:
        assert (await desk.get(f"/sources/{source}")).status_code == 200
