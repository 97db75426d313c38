"""The device cookie: only for the shop's own pages, only after a yes, gone after a no."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from hub.sdk.records import Identifier
from hub.web.device_cookie import Keeper
from tests.shop import BOTH, SHOP_URL, Shop
from tests.web.door import Door, open_door

NO = dict.fromkeys(BOTH, False)
SAME = {"Sec-Fetch-Site": "same-origin"}
BESIDE = {"Sec-Fetch-Site": "same-site", "Origin": SHOP_URL}
NAME = "rgl_d"


@pytest.fixture
async def door(lite: Shop) -> AsyncIterator[Door]:
    async with open_door(lite) as opened:
        yield opened


@pytest.fixture
async def below(lite: Shop) -> AsyncIterator[Door]:
    lite.hub.settings.public_url = "https://hub.shop.example"
    async with open_door(lite) as opened:
        yield opened


async def ask(door: Door, purposes: dict[str, bool] = BOTH, **headers: str) -> httpx.Response:
    body = {"writeKey": door.key, "consent": {"purposes": purposes, "source": "banner"}}
    answer = await door.post("/v1/device", body, **headers)
    assert answer.status_code == 200, answer.text
    return answer


async def say(door: Door, token: str, purposes: dict[str, bool], **headers: str) -> httpx.Response:
    body = {"writeKey": door.key, "token": token, "purposes": purposes, "source": "banner"}
    return await door.post("/v1/consent", body, **headers)


async def test_a_browser_that_lost_its_storage_gets_its_token_back(door: Door) -> None:
    first = await ask(door, **SAME)
    token = first.json()["token"]
    assert first.headers["set-cookie"] == (
        f"{NAME}={token}; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax"
    )
    again = await ask(door, **SAME)  # the client sends its cookie, as a browser does
    assert again.json()["token"] == token
    assert "Max-Age=34560000" in again.headers["set-cookie"]


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
async def test_no_other_origin_gets_or_reads_one(door: Door, site: str) -> None:
    other = {"Sec-Fetch-Site": site} if site else {}
    fresh = await ask(door, **other)
    assert "set-cookie" not in fresh.headers
    token = (await ask(door, **SAME)).json()["token"]
    stolen = await ask(door, Cookie=f"{NAME}={token}", Origin="https://evil.example", **other)
    assert stolen.json()["token"] not in {token, ""}
    assert "set-cookie" not in stolen.headers
    assert "access-control-allow-credentials" not in stolen.headers
    assert stolen.headers["access-control-allow-origin"] == "*"


async def test_a_shop_page_beside_its_hub_may_send_the_cookie(below: Door) -> None:
    first = await ask(below, **BESIDE)
    token = first.json()["token"]
    assert first.headers["set-cookie"] == (
        f"__Host-{NAME}={token}; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax; Secure"
    )
    assert first.headers["access-control-allow-origin"] == SHOP_URL
    assert first.headers["access-control-allow-credentials"] == "true"
    assert first.headers["vary"] == "origin"
    www = {**BESIDE, "Origin": "https://www.shop.example"}
    again = await ask(below, Cookie=f"__Host-{NAME}={token}", **www)
    assert again.json()["token"] == token
    # A name that a neighbour could have set does not count.
    assert (await ask(below, Cookie=f"{NAME}={token}", **BESIDE)).json()["token"] != token


@pytest.mark.parametrize(
    ("site", "origin"),
    [
        ("same-site", "https://blog.shop.example"),
        ("same-site", "http://shop.example"),
        ("same-site", "https://shop.example:8443"),
        ("same-site", "null"),
        ("same-site", ""),
        ("cross-site", SHOP_URL),
        ("cross-site", "https://shop.example.evil.example"),
    ],
)
async def test_neighbours_of_the_shop_take_no_part(below: Door, site: str, origin: str) -> None:
    token = (await ask(below, **BESIDE)).json()["token"]
    said = {"Sec-Fetch-Site": site, "Origin": origin, "Cookie": f"__Host-{NAME}={token}"}
    answer = await ask(below, **said)
    assert answer.json()["token"] not in {token, ""}
    assert "set-cookie" not in answer.headers
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


async def test_no_other_route_ever_allows_or_sets_a_cookie(below: Door) -> None:
    token = (await ask(below, **BESIDE)).json()["token"]
    page = {"url": f"{SHOP_URL}/sale"}
    event = {"type": "page", "anonymousId": "a", "properties": {}, "messageId": "m1"}
    for path, body in (
        ("/v1/decide", {"page": page, "token": token}),
        ("/v1/batch", {"batch": [event], "token": token}),
    ):
        answer = await below.post(path, {"writeKey": below.key, **body}, **BESIDE)
        assert answer.status_code == 200, answer.text
        assert "set-cookie" not in answer.headers
        assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_link_that_changes_no_token_leaves_the_cookie(below: Door) -> None:
    token = (await ask(below, **BESIDE)).json()["token"]
    body = {"writeKey": below.key, "k": "x", "token": token}
    answer = await below.post("/v1/link", body, **BESIDE)
    assert answer.status_code == 200, answer.text
    assert "set-cookie" not in answer.headers
    assert answer.headers["access-control-allow-origin"] == BESIDE["Origin"]


def test_another_customer_who_signs_in_brings_the_cookie_of_her_new_device() -> None:
    keeper = Keeper("__Host-rgl_d", "old", carried=True, page=b"")
    ((name, line),) = keeper.lines("old", b'{"linked":true,"token":"new"}')
    assert name == b"set-cookie" and line.startswith(b"__Host-rgl_d=new; Path=/; Max-Age=34560000")
    assert line.endswith(b"HttpOnly; SameSite=Lax; Secure")


async def test_only_a_page_of_the_shop_is_told_to_send_it(below: Door) -> None:
    async def told(url: str) -> bool:
        body = {"writeKey": below.key, "page": {"url": url}}
        answer = await below.post("/v1/decide", body)
        return bool(answer.json()["site"]["consent"].get("cookie"))

    assert await told(f"{SHOP_URL}/a?b=https://x.example") is True
    assert await told("https://www.shop.example") is True
    for url in ("https://blog.shop.example/", "https://evil.example/https://shop.example/", ""):
        assert await told(url) is False
    below.shop.hub.settings.public_url = "https://hub.example"
    assert await told(SHOP_URL) is False


async def test_a_refused_request_of_a_shop_page_can_be_read_there(below: Door) -> None:
    body = {"writeKey": below.key, "consent": {"purposes": {"x": True}}}
    answer = await below.post("/v1/device", body, **BESIDE)
    assert answer.status_code == 400
    assert answer.headers["access-control-allow-origin"] == SHOP_URL
    assert "set-cookie" not in answer.headers


async def test_a_no_leaves_and_restores_nothing(door: Door) -> None:
    none = await ask(door, NO, **SAME)
    assert none.json()["token"] == "" and "set-cookie" not in none.headers
    token = (await ask(door, **SAME)).json()["token"]
    gone = await say(door, token, NO, **SAME)
    assert gone.json()["keep"] is False and "Max-Age=0" in gone.headers["set-cookie"]
    assert (await ask(door, **SAME)).json()["token"] != token


async def test_a_cookie_left_behind_after_a_no_gives_nothing_back(door: Door) -> None:
    token = (await ask(door, **SAME)).json()["token"]
    await say(door, token, NO)  # where the answer's cookie line did not reach the browser
    fresh = await ask(door, **SAME)
    assert fresh.json()["token"] not in {token, ""}


async def test_a_narrower_yes_keeps_the_cookie(door: Door) -> None:
    token = (await ask(door, **SAME)).json()["token"]
    answer = await say(door, token, {"analytics": True, "personalisation": False}, **SAME)
    assert f"{NAME}={token};" in answer.headers["set-cookie"]


async def test_a_no_with_only_the_cookie_left_is_a_withdrawal(door: Door) -> None:
    await ask(door, **SAME)
    answer = await ask(door, NO, **SAME)
    assert answer.json()["token"] == "" and "Max-Age=0" in answer.headers["set-cookie"]
    rows = await door.shop.hub.database.fetch("SELECT name FROM log ORDER BY seq")
    assert [name for (name,) in rows] == ["granted"] * 2 + ["withdrawn"] * 2


async def test_a_forged_doubled_or_erased_device_is_not_restored(door: Door) -> None:
    hub = door.shop.hub
    token = (await ask(door, **SAME)).json()["token"]
    other = (await ask(door, Cookie="")).json()["token"]
    door.http.cookies.clear()
    twice = f"{NAME}={token}; {NAME}={other}"
    for text in (token[:-1], "x", f"{token}.x", "a" * 5000, "", twice.partition("=")[2]):
        answer = await ask(door, Cookie=f"{NAME}={text}", **SAME)
        assert answer.json()["token"] not in {text, token, other, ""}
        door.http.cookies.clear()
    hub.suppressed.add([hub.privacy.mark("", "device", hub.signer.device(token)).hex()])
    assert Identifier("", "device", hub.signer.device(token)) in hub.suppressed
    fresh = await ask(door, Cookie=f"a=b; {NAME}={token}", **SAME)
    assert fresh.json()["token"] not in {token, ""}


async def test_a_token_in_the_body_is_no_cookie(door: Door) -> None:
    token = (await ask(door, **SAME)).json()["token"]
    door.http.cookies.clear()
    body = {"writeKey": door.key, "token": token, "consent": {"purposes": BOTH}}
    for headers in ({}, SAME):
        assert (await door.post("/v1/device", body, **headers)).json()["token"] != token
        door.http.cookies.clear()


async def test_https_below_a_path(lite: Shop) -> None:
    lite.hub.settings.public_url = "https://shop.example/r"
    async with open_door(lite) as door:
        line = (await ask(door, **SAME)).headers["set-cookie"]
    assert line.startswith(f"__Host-{NAME}=") and line.endswith("SameSite=Lax; Secure")
    assert "domain" not in line.lower()
