"""Merges on the person's page and through the API: who may undo them, and what is then."""

from __future__ import annotations

from hub.flows.people import living_person
from hub.flows.unmerge import list_merges
from tests.web.admin.conftest import ORIGIN, Desk


async def test_an_editor_parts_and_allows_again_and_a_viewer_may_not(desk: Desk) -> None:
    person = desk.ids["person"]
    merge = (await list_merges(desk.hub, person)).merges[0]
    a, b = merge.a.node_id, merge.b.node_id
    page = f"/people/{person}"
    assert "What joined them" in (await desk.get(page)).text
    answer = await desk.post(f"{page}/unmerge", {"identifier": str(a), "other": str(b)})
    assert answer.headers["location"].endswith("done=parted")
    assert await living_person(desk.hub, a) != await living_person(desk.hub, b)
    assert "Allow again" in (await desk.get(f"/people/{await living_person(desk.hub, a)}")).text
    answer = await desk.post(f"{page}/unmerge", {"identifier": str(a), "other": str(b)})
    assert answer.status_code == 404
    await desk.post(f"{page}/release", {"identifier": str(a), "other": str(b)})
    assert await living_person(desk.hub, a) == await living_person(desk.hub, b) == person


async def test_the_api_says_the_same(desk: Desk) -> None:
    person = desk.ids["person"]
    found = (await desk.client.get(f"/api/v1/people/{person}/merges")).json()
    pair = {"identifier": found["merges"][0]["a"]["node_id"],
            "other": found["merges"][0]["b"]["node_id"]}  # fmt: skip
    csrf = (await desk.client.get("/api/v1/session")).json()["csrf"]
    headers = {"X-CSRF": csrf, "Origin": ORIGIN}
    parted = await desk.client.post("/api/v1/identifiers/unmerge", json=pair, headers=headers)
    assert parted.status_code == 200, parted.text
    (kept,) = (await desk.client.get(f"/api/v1/people/{parted.json()['person']}/merges")).json()[
        "apart"
    ]
    assert {kept["a"]["node_id"], kept["b"]["node_id"]} == set(pair.values())
    again = await desk.client.post("/api/v1/identifiers/unmerge", json=pair, headers=headers)
    assert again.status_code == 422, again.text
    assert "no link joins these two" in again.text
    released = await desk.client.post("/api/v1/identifiers/release", json=pair, headers=headers)
    assert released.json() == {"person": person}
    for wrong in ({"identifier": 2**70, "other": 1}, {"identifier": "x"}, {"identifier": 0}):
        bad = await desk.client.post("/api/v1/identifiers/unmerge", json=wrong, headers=headers)
        assert bad.status_code == 422
