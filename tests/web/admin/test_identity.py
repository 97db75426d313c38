"""The page of who is who: its rules, what was refused, and that a hostile value stays text."""

from __future__ import annotations

from hub.catalogue.sightings import sighting_entry
from hub.clock import to_ms
from hub.sdk.records import Customer
from tests.web.admin.conftest import Desk


async def test_the_page_says_the_rules_and_what_they_refused(desk: Desk) -> None:
    assert "Nothing was refused" in (await desk.get("/identity")).text
    now = desk.hub.clock.now()
    source = next(s for s in desk.hub.sources.values() if s.kind == "connector")
    records = [Customer("myshop", f"<b>{n}", now, email="noreply@shop.example") for n in range(60)]
    entries = [
        sighting_entry(record, None, source_id=source.id, received_at=to_ms(now))
        for record in records
    ]
    stored = await desk.hub.writer.append(entries)
    await desk.hub.views.reached(stored[-1].seq)
    page = (await desk.get("/identity")).text
    assert "an address that stands for nobody" in page
    assert "&lt;b&gt;59" in page
    assert "Older ones" in page
    assert "<b>5" not in page
    older = page.split("/admin/identity?before=")[1].split('"')[0]
    assert "b&gt;59" not in (await desk.get("/identity", params={"before": older})).text
    assert (await desk.get("/identity", params={"before": "x"})).status_code == 200
