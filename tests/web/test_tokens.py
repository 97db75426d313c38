"""A program of the shop asks who somebody is, with a token that can do that and no more."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx2
import pytest

from hub.clock import FixedClock
from hub.flows.api_tokens import TokenError, list_tokens, make_token, read_token, revoke_token
from hub.sdk.records import Customer
from hub.web.api.lines import LINES
from hub.web.app import create_app
from tests.shop import SHOP, START, Shop, order

ORIGIN = "https://hub.example"
BY = "eve@shop.example"


def client(shop: Shop, token: str = "", **headers: str) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(create_app(shop.hub))
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)


async def test_a_profile_by_any_identifier(shop: Shop) -> None:
    await shop.report(
        Customer(SHOP, "c1", START, email="ann@example.com", first_name="Ann"),
        order("1000", customer_id="c1", email="ann@example.com"),
    )
    token = await make_token(shop.hub, "till", ["people.read", "people.write"], 30, by=BY)
    async with client(shop, token) as http:
        found = [
            (await http.post("/api/v1/people/find", json=body)).json()
            for body in (
                {"type": "email", "value": " Ann@Example.com "},
                {"type": "customer", "value": "c1"},
                {"type": "customer", "value": "c1", "shop": SHOP},
            )
        ]
        assert found[0] == found[1] == found[2]
        one = found[0]
        assert (one["name"], one["verified"], one["orders"]) == ("Ann", True, 1)
        assert one["traits"]["first_name"] == "Ann"
        path = f"/api/v1/people/{one['person_id']}"
        done = await http.post(f"{path}/correct", json={"key": "first_name", "value": "Anna"})
        assert done.json() == {"ok": True}
        past = (await http.get(f"{path}/fact?key=first_name")).json()
        assert past["values"][0]["by"].startswith(f"token {token[:10]}")
        assert (await http.get(path)).json()["person"]["name"] == "Anna"
        nobody = await http.post("/api/v1/people/find", json={"type": "email", "value": "x@y.zz"})
        assert nobody.status_code == 404
        for wrong, field in (
            ({"type": "order", "value": "1"}, "type"), ({"type": "email", "value": " "}, "value"),
            ({"value": "1"}, "body"), ({"type": "email", "value": 5}, "body"),
        ):  # fmt: skip
            refused = await http.post("/api/v1/people/find", json=wrong)
            assert (refused.status_code, refused.json()["error"]["field"]) == (422, field)


async def test_a_token_does_what_it_may_and_no_more(lite: Shop) -> None:
    await lite.report(Customer(SHOP, "c1", START, email="ann@example.com"))
    token = await make_token(lite.hub, "till", ["people.read"], 0, by=BY)
    async with client(lite, token) as http:
        for line in LINES:
            path = "/api/v1" + re.sub(r"{\w+(:int)?}", "1", line.path)
            answer = await http.request(line.method, path, json={})
            allowed = line.scope == "people.read"
            assert (answer.status_code != 403) == allowed, (line.path, answer.text)
    ask = {"type": "email", "value": "ann@example.com"}
    async with client(lite, token, Origin="https://shop.example") as page:
        assert (await page.post("/api/v1/people/find", json=ask)).status_code == 403
    for wrong in (token + "x", token[:-1], "rgl_", "x" * 5000, "rgl_\u00e9"):
        async with client(lite) as http:
            header = {"Authorization": f"Bearer {wrong}".encode()}
            answer = await http.post("/api/v1/people/find", json=ask, headers=header)
            assert answer.status_code == 401
    async with client(lite, token) as http:
        text = await http.post("/api/v1/people/find", content=b"{}")
        assert text.status_code == 403
        long = {"type": "email", "value": "x" * 300_000}
        assert (await http.post("/api/v1/people/find", json=long)).status_code == 422
        admin = await http.get("/admin/people", headers={"Accept": "text/html"})
        assert admin.status_code in (302, 303)


async def test_a_token_ends(shop: Shop) -> None:
    assert isinstance(shop.clock, FixedClock)
    token = await make_token(shop.hub, "till", ["people.read"], 30, by=BY)
    row = await read_token(shop.hub, token)
    assert row is not None
    assert (await list_tokens(shop.hub))[0].used_at == shop.now
    kept = await shop.hub.database.fetch("SELECT * FROM api_token")
    assert token not in str(kept)
    shop.clock.advance(timedelta(days=30))
    assert await read_token(shop.hub, token) is None
    other = await make_token(shop.hub, "till", ["people.read"], 0, by=BY)
    assert await read_token(shop.hub, other) is not None
    await revoke_token(shop.hub, (await list_tokens(shop.hub))[0].id, by=BY)
    assert await read_token(shop.hub, other) is None
    with pytest.raises(LookupError):
        await revoke_token(shop.hub, 999, by=BY)
    for name, scopes, days, field in (
        ("", ["people.read"], 30, "name"), ("x", [], 30, "scopes"), ("x", ["all"], 30, "scopes"),
        ("x", ["people.read"], 31, "days"), ("x" * 81, ["people.read"], 30, "name"),
    ):  # fmt: skip
        with pytest.raises(TokenError) as refused:
            await make_token(shop.hub, name, scopes, days, by=BY)
        assert refused.value.field == field
