"""The application's own routes, and what is left of a request that nobody expected."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub import __version__
from tests.shop import Shop
from tests.web.door import EVENT, Door, open_door


@pytest.fixture
async def door(lite: Shop) -> AsyncIterator[Door]:
    async with open_door(lite) as opened:
        yield opened


async def test_the_snippet_may_stand_on_any_page(door: Door) -> None:
    answer = await door.http.get("/s.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "max-age" in answer.headers["cache-control"]
    assert "set-cookie" not in answer.headers
    assert "/v1/decide" in answer.text
    again = await door.http.get("/s.js", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code in (200, 304)


async def test_the_front_door_leads_to_the_admin(door: Door) -> None:
    answer = await door.http.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/admin/")


async def test_health_says_when_the_projector_can_not_go_on(door: Door) -> None:
    assert (await door.post("/v1/track", EVENT, **door.basic)).status_code == 200
    await door.shop.settle()
    answer = await door.http.get("/health")
    assert (answer.status_code, answer.json()) == (
        200, {"ok": True, "version": __version__, "projected": 1}
    )  # fmt: skip
    assert set(answer.json()) == {"ok", "version", "projected"}
    door.shop.hub.views.stuck = "after seq 1: a test says so"  # type: ignore[misc]
    answer = await door.http.get("/health")
    assert (answer.status_code, answer.json()["ok"]) == (503, False)
    assert "a test says so" not in answer.text  # anybody may ask


async def test_addresses_that_lead_nowhere(door: Door) -> None:
    for path in ("/v1/nothing", "/v1/track/", "/v1/../admin", "/.env", "/s.js/../../secret.key",
                 "/%2e%2e/secret.key", "/V1/TRACK", "/x", "/hooks", "/%00"):  # fmt: skip
        for answer in (await door.http.get(path), await door.post(path, EVENT, **door.basic)):
            assert answer.status_code in (303, 307, 401, 404, 405), (path, answer.status_code)
            assert "Traceback" not in answer.text
            assert "server" not in answer.headers
    assert await door.logged() == 0


async def test_no_public_answer_sets_a_cookie(door: Door) -> None:
    body = {"writeKey": door.key, "consent": {"purposes": {"analytics": True}}}
    for answer in (
        await door.post("/v1/device", body),
        await door.post("/v1/decide", {"writeKey": door.key}),
        await door.post("/v1/track", EVENT, **door.basic),
        await door.http.options("/v1/track"),
    ):
        assert answer.is_success
        assert "set-cookie" not in answer.headers
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
