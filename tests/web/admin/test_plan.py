"""The page of a source's tracking plan."""

from __future__ import annotations

from hub.flows.staff import add_staff
from tests.web.admin.conftest import Desk

PLAN = "mode: reject\nevents: {Product Viewed: {required: [product_id]}}"


async def test_an_owner_writes_one_and_takes_it_away(desk: Desk) -> None:
    page = f"/sources/{desk.ids['source']}/plan"
    assert "Make one from what arrived" in (await desk.get(page)).text
    bad = await desk.post(page, {"do": "save", "text": "mode: perhaps"})
    assert bad.status_code == 422 and "mode: perhaps" in bad.text
    assert (await desk.post(page, {"do": "save", "text": " "})).status_code == 422
    made = (await desk.get(f"{page}?made=arrived")).text
    assert "not saved yet" in made and "Product Viewed" in made
    assert (await desk.post(page, {"do": "save", "text": PLAN})).status_code == 303
    text = (await desk.get(page)).text
    assert "Nothing differs" in text and "mode: reject" in text
    source = desk.hub.sources[desk.ids["source"]]
    assert source.plan is not None and source.plan.mode == "reject"
    assert (await desk.post(page, {"do": "remove"})).status_code == 303
    assert desk.hub.sources[desk.ids["source"]].plan is None
    assert (await desk.get("/sources/999/plan")).status_code == 404


async def test_an_editor_reads_it_only(desk: Desk) -> None:
    page = f"/sources/{desk.ids['source']}/plan"
    password = "a long enough sentence"
    await add_staff(desk.hub, email="ed@shop.example", name="Ed", role="editor", password=password)
    await desk.post("/logout", {})
    await desk.sign_in("ed@shop.example", password)
    text = (await desk.get(page)).text
    assert "Save the plan" not in text
    assert (await desk.post(page, {"do": "save", "text": PLAN})).status_code == 403
    assert desk.hub.sources[desk.ids["source"]].plan is None
