"""Facts on the admin pages and in the API: their past, corrections, a person as of a moment."""

from __future__ import annotations

from hub.flows.people import person_page
from tests.web.admin.conftest import ORIGIN, Desk


async def value(desk: Desk, key: str) -> object:
    page = await person_page(desk.hub, desk.ids["person"])
    assert page is not None
    return {t.key: t.value for t in page.traits}.get(key)


async def test_staff_correct_and_release_a_fact(desk: Desk) -> None:
    person = desk.ids["person"]
    page = f"/people/{person}/fact"
    answer = await desk.post(page, {"key": "shoe <size>", "value": "41.5", "kind": "number"})
    assert answer.headers["location"].endswith(f"/people/{person}?done=saved"), answer.text
    assert await value(desk, "shoe <size>") == 41.5
    shown = (await desk.get(f"/people/{person}")).text
    assert "/fact?key=shoe%20%3Csize%3E" in shown
    past = (await desk.get(f"{page}?key=shoe+%3Csize%3E")).text
    assert "shoe &lt;size&gt;" in past
    assert "Release" in past
    await desk.post(page, {"key": "shoe <size>", "do": "release"})
    assert await value(desk, "shoe <size>") is None
    for wrong in (
        {"key": "age", "value": "old", "kind": "number"}, {"key": "age", "value": " "},
        {"key": "email", "value": "x@example.com"}, {"key": "age", "do": "release"},
    ):  # fmt: skip
        refused = await desk.post(page, wrong)
        assert refused.status_code == 422, wrong
        assert await value(desk, "age") is None
    assert (await desk.post("/people/999999/fact", {"key": "a", "value": "b"})).status_code == 404


async def test_a_person_as_of_a_moment(desk: Desk) -> None:
    page = f"/people/{desk.ids['person']}/then"
    now = (await desk.get(page)).text
    assert "What was known then" in now
    assert "Unknown then" in (await desk.get(f"{page}?at=2001-01-01T00:00")).text
    wrong = await desk.get(f"{page}?at=yesterday")
    assert wrong.status_code == 422
    assert "a moment such as" in wrong.text


async def test_the_api_does_the_same(desk: Desk) -> None:
    person = desk.ids["person"]
    path = f"/api/v1/people/{person}"
    csrf = (await desk.client.get("/api/v1/session")).json()["csrf"]
    headers = {"X-CSRF": csrf, "Origin": ORIGIN}
    body = {"key": "size", "value": 42}
    done = await desk.client.post(f"{path}/correct", json=body, headers=headers)
    assert done.json() == {"ok": True}
    past = (await desk.client.get(f"{path}/fact?key=size")).json()
    assert [(v["value"], v["how"], v["counts"]) for v in past["values"]] == [
        (42, "corrected", True)
    ]
    then = (await desk.client.get(f"{path}/then?at=2999-01-01")).json()
    assert {t["key"]: t["value"] for t in then["traits"]}["size"] == 42
    done = await desk.client.post(f"{path}/release", json={"key": "size"}, headers=headers)
    assert done.json() == {"ok": True}
    for at, status in (("2001-01-01", 404), ("", 422), ("9999-99-99", 422)):
        assert (await desk.client.get(f"{path}/then?at={at}")).status_code == status
    for wrong in ({"key": "size"}, {"key": "size", "value": [1]}, {"key": "email", "value": "x"}):
        bad = await desk.client.post(f"{path}/correct", json=wrong, headers=headers)
        assert bad.status_code == 422, wrong
    forged = await desk.client.post(f"{path}/correct", json=body)
    assert forged.status_code == 403
