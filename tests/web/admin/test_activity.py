"""/api/v1/activity: only for who is signed in, only for the periods there are, and correct."""

from __future__ import annotations

import re

from tests.web.admin.conftest import Desk


async def test_a_stranger_is_told_to_sign_in(out: Desk) -> None:
    for cookie in ("", "regulars_8700=made-up", "__Host-regulars=made-up"):
        answer = await out.client.get("/api/v1/activity", headers={"Cookie": cookie})
        assert answer.status_code == 401
        assert "days" not in answer.json()


async def test_who_only_looks_may_read_it_and_nobody_may_write_it(viewer: Desk) -> None:
    answer = await viewer.client.get("/api/v1/activity")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.json()["days"]) == 30
    assert (await viewer.client.post("/api/v1/activity")).status_code in (404, 405)


async def test_another_period_is_refused_by_name(desk: Desk) -> None:
    for days in ("0", "-7", "8", "9999999", "7.0", "abc", "%0a7", "٧"):
        answer = await desk.client.get(f"/api/v1/activity?days={days}")
        assert answer.status_code == 422, days
        assert answer.json()["error"] == {"field": "days", "message": "one of 7, 30, 90"}


async def test_the_numbers_are_those_of_the_log_and_of_the_page(desk: Desk) -> None:
    answer = (await desk.client.get("/api/v1/activity?days=7")).json()
    rows = await desk.hub.database.fetch("SELECT COUNT(*) FROM log WHERE kind = 'event'")
    assert sum(line["events"] for line in answer["days"]) == rows[0][0] > 0
    page = (await desk.get("/")).text
    table = page[page.index('id="activity"') :]
    shown = re.findall(
        r'<th scope="row">([\d-]+)</th><td class="end">([\d,]+)</td><td class="end">([\d,]+)</td>'
        r'<td class="end">([\d,]+)</td>',
        table,
    )
    assert len(shown) == 30
    last = answer["days"][-1]
    assert shown[0] == tuple(str(last[name]) for name in ("day", "views", "events", "orders"))
