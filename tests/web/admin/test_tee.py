"""The page on which events are passed on to the old collector."""

from __future__ import annotations

from hub.flows.staff import add_staff
from hub.store.models import Tee
from tests.web.admin.conftest import Desk

OLD = {"url": "https://old.example", "key": "old-key-1234"}


async def test_an_owner_passes_events_on_and_stops(desk: Desk) -> None:
    page = f"/sources/{desk.ids['source']}/tee"
    assert "Pass events on" in (await desk.get(page)).text
    bad = await desk.post(page, {**OLD, "url": "old.example", "do": "start"})
    assert bad.status_code == 422 and "https://api.vendor.example" in bad.text
    assert (await desk.post(page, {**OLD, "do": "start"})).status_code == 303
    text = (await desk.get(page)).text
    assert OLD["url"] in text and "Nothing was passed on yet" in text
    assert OLD["key"] not in text
    assert (await desk.post(page, {"do": "stop"})).status_code == 303
    assert [tee.enabled for tee in await Tee.all()] == [False]
    assert (await desk.get("/sources/999/tee")).status_code == 404


async def test_nobody_else_may(desk: Desk) -> None:
    page = f"/sources/{desk.ids['source']}/tee"
    password = "a long enough sentence"
    await add_staff(desk.hub, email="ed@shop.example", name="Ed", role="editor", password=password)
    await desk.post("/logout", {})
    await desk.sign_in("ed@shop.example", password)
    assert (await desk.get(page)).status_code == 200
    assert (await desk.post(page, {**OLD, "do": "start"})).status_code == 403
    assert not await Tee.all()
