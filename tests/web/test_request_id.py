"""The number of a request, and what is answered where nothing is or where the hub failed."""

from __future__ import annotations

import re

import httpx2
import msgspec
import pytest

from hub.web.app import create_app
from tests.logbook import logging_to
from tests.shop import Shop

PROXY, STRANGER = "10.0.0.1", "198.51.100.7"
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


def caller(shop: Shop, address: str = STRANGER, root: str = "") -> httpx2.AsyncClient:
    shop.hub.settings = msgspec.structs.replace(
        shop.hub.settings, trusted_proxies=[PROXY], public_url=f"https://hub.example{root}"
    )
    transport = httpx2.ASGITransport(app=create_app(shop.hub), client=(address, 5000))  # type: ignore[arg-type]
    return httpx2.AsyncClient(transport=transport, base_url="https://hub.example")


async def test_each_refusal_has_a_number_of_its_own(lite: Shop) -> None:
    async with caller(lite) as http:
        numbers = [(await http.get("/nowhere")).headers["x-request-id"] for _ in range(3)]
        assert len(set(numbers)) == 3
        assert all(re.fullmatch(r"[0-9a-f]{16}", number) for number in numbers)
        assert "x-request-id" in (await http.get("/api/v1/people")).headers
        assert "x-request-id" not in (await http.get("/health")).headers


@pytest.mark.parametrize(
    ("address", "said", "kept"),
    [
        (PROXY, "abc.DEF_1-2", True),
        (PROXY, "a" * 64, True),
        (STRANGER, "abc", False),
        (PROXY, "a" * 65, False),
        (PROXY, "", False),
        (PROXY, "zoe@example.com", False),
        (PROXY, "a b", False),
        (PROXY, "a\\r\\nb", False),
        (PROXY, "ä", False),
    ],
)
async def test_a_number_is_taken_from_a_trusted_proxy_only(
    lite: Shop, address: str, said: str, kept: bool
) -> None:
    async with caller(lite, address) as http:
        answer = await http.get("/nowhere", headers={"X-Request-Id": said.encode()})  # type: ignore[dict-item]
        given = answer.headers.get_list("x-request-id")
        assert len(given) == 1
        assert (given[0] == said) is kept


@pytest.mark.parametrize("root", ["", "/r"])
async def test_nothing_here_is_a_page_for_people_and_json_for_programs(
    lite: Shop, root: str
) -> None:
    async with caller(lite, root=root) as http:
        page = await http.get(f"{root}/nowhere", headers=BROWSER)
        assert page.status_code == 404
        assert "<h1>Nothing here</h1>" in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        style = re.search(r'href="([^"]+\.css)"', page.text)
        assert style and (await http.get(style[1])).status_code == 200
        dutch = await http.get(f"{root}/nowhere", headers={**BROWSER, "Accept-Language": "nl-BE"})
        assert "Hier is niets" in dutch.text
        answer = await http.get(f"{root}/nowhere/<script>")
        assert answer.headers["content-type"] == "application/json"
        assert answer.json() == {
            "error": {"field": "path", "message": "there is nothing at this address"}
        }


async def test_a_wrong_method_says_which_are_right(lite: Shop) -> None:
    async with caller(lite) as http:
        answer = await http.post("/health")
        assert answer.status_code == 405
        assert "GET" in answer.headers["allow"]
        assert answer.json()["error"]["field"] == "path"


async def test_a_fault_is_a_page_with_the_number_of_the_log(
    lite: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("zoe canary")

    monkeypatch.setattr("hub.web.admin.guard.session_staff", fail)
    with logging_to("json") as written:
        async with caller(lite, PROXY) as http:
            headers = {**BROWSER, "X-Request-Id": "from-the-proxy"}
            page = await http.get("/admin/", headers=headers)
            program = await http.get("/admin/", headers={"X-Request-Id": "second"})
    assert (page.status_code, program.status_code) == (500, 500)
    assert "That was our fault" in page.text and "from-the-proxy" in page.text
    assert program.json()["error"]["request_id"] == "second"
    assert "canary" not in page.text + program.text
    assert [line.get("request_id") for line in written.lines()] == ["from-the-proxy", "second"]
