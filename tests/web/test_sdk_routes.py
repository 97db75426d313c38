"""The rarer routes of published tracking libraries."""

from __future__ import annotations

from collections.abc import AsyncIterator

import orjson
import pytest

from hub import __version__
from tests.shop import Shop
from tests.web.door import EVENT, Door, open_door


@pytest.fixture
async def door(lite: Shop) -> AsyncIterator[Door]:
    async with open_door(lite) as opened:
        yield opened


async def bodies(door: Door) -> list[dict[str, object]]:
    rows = await door.shop.hub.database.fetch("SELECT body FROM log ORDER BY seq")
    return [orjson.loads(row[0]) for row in rows]


async def test_settings_name_this_hub_as_the_place_to_send_to(door: Door) -> None:
    for path in ("/v1/projects/{}/settings", "/projects/{}/settings"):
        settings = (await door.http.get(path.format(door.key))).json()
        there = settings["integrations"]["Segment.io"]
        address = door.shop.hub.settings.origin
        assert f"{there['protocol']}://{there['apiHost']}" == f"{address}/v1"
        assert there["apiKey"] == door.key
        assert list(settings["integrations"]) == ["Segment.io"]
        assert (await door.http.get(path.format("nobody"))).status_code == 404


async def test_settings_do_not_believe_the_host_header(door: Door) -> None:
    path = f"/v1/projects/{door.key}/settings"
    answer = await door.http.get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 200
    assert "evil.example" not in answer.text


async def test_source_config_by_header_and_by_query(door: Door) -> None:
    by_header = await door.http.get("/sourceConfig/?p=cdn&v=3", headers=door.basic)
    by_query = await door.http.get(f"/sourceConfig/?writeKey={door.key}")
    source = by_header.json()["source"]
    assert by_query.json()["source"] == source
    assert (source["enabled"], source["destinations"]) == (True, [])
    assert source["config"]["statsCollection"]["errors"] == {"enabled": False}
    assert (await door.http.get("/sourceConfig/?writeKey=nobody")).status_code == 401


async def test_any_page_may_ask_with_a_key_in_the_header(door: Door) -> None:
    for path in ("/sourceConfig/", "/m", f"/v1/projects/{door.key}/settings", "/v1/merge"):
        answer = await door.http.options(path)
        assert answer.status_code == 204
        assert "authorization" in answer.headers["access-control-allow-headers"]
        assert answer.headers["access-control-allow-origin"] == "*"


async def test_what_a_library_reports_of_itself_is_not_kept(door: Door) -> None:
    for path in ("/m", "/v1/m", "/rsaMetrics"):
        assert (await door.post(path, b"{not json")).status_code == 200
    assert await door.logged() == 0
    assert (await door.http.get("/version")).json() == {"version": __version__}


async def test_a_pixel_is_an_event(door: Door) -> None:
    query = {
        "writeKey": door.key,
        "anonymousId": "a1",
        "event": "Email Opened",
        "messageId": "m1",
        "properties.campaign": "spring",
        "__proto__.x": "1",
    }
    for _ in range(2):  # a mail program that loads the picture again
        answer = await door.http.get("/pixel/v1/track", params=query)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
        assert answer.content.startswith(b"GIF89a") and answer.content.endswith(b";")
    query = {"writeKey": door.key, "anonymousId": "a1", "name": "Home"}
    await door.http.get("/pixel/v1/page", params=query)
    track, page = await bodies(door)
    assert (track["event"], track["properties"]) == ("Email Opened", {"campaign": "spring"})
    assert (page["type"], page["name"]) == ("page", "Home")


async def test_a_pixel_without_a_person_or_a_key_still_is_a_picture(door: Door) -> None:
    nobody = await door.http.get("/pixel/v1/track", params={"writeKey": door.key, "event": "E"})
    unknown = await door.http.get("/pixel/v1/track", params={"writeKey": "x", "event": "E"})
    head = await door.http.head(
        "/pixel/v1/track", params={"writeKey": door.key, "anonymousId": "a", "event": "E"}
    )
    assert [nobody.status_code, unknown.status_code, head.status_code] == [200, 200, 200]
    assert await door.logged() == 0
    assert door.shop.hub.unknown_keys == 1
    assert len(door.shop.hub.rejects.newest) == 1


async def test_a_beacon_names_its_key_in_the_address(door: Door) -> None:
    body = {"batch": [{"type": "track", **EVENT}], "sentAt": "2026-11-23T12:00:00Z"}
    answer = await door.post(f"/beacon/v1/batch?writeKey={door.key}", body)
    assert answer.json()["accepted"] == 1


async def test_merge_links_what_it_names_and_refuses_the_rest(door: Door) -> None:
    key = door.shop.sources["server"].write_key
    pairs = [{"type": "user_id", "value": "u1"}, {"type": "email", "value": "ann@x.example"}]
    answer = await door.post("/v1/merge", {"writeKey": key, "mergeProperties": pairs})
    assert answer.json()["accepted"] == 1
    links = await door.shop.hub.database.fetch("SELECT body FROM log WHERE name = 'Identified'")
    assert orjson.loads(links[0][0])["traits"] == {"email": "ann@x.example"}
    for wrong, says in (
        ([{"type": "shoe_size", "value": "42"}], "shoe_size"),
        ([{"type": "email", "value": "a@x.example"}, {"type": "email", "value": "b@x.example"}],
         "twice"),
        ("all", "mergeProperties"),
    ):  # fmt: skip
        answer = await door.post("/v1/merge", {"writeKey": key, "mergeProperties": wrong})
        assert answer.status_code == 400
        assert says in answer.json()["rejected"][0]["reason"]
    assert await door.logged() == 1
