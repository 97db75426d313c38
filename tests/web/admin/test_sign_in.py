"""Setting up, signing in, and being kept out."""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256

import pytest

from hub.clock import FixedClock, SystemClock, to_ms
from hub.flows import staff as staff_flow
from hub.flows.entry_links import login_link, setup_link
from hub.flows.staff import set_disabled
from tests.web.admin.conftest import Desk, open_client
from tests.web.admin.seed import EMAIL, PASSWORD

FORM = {"email": EMAIL, "name": "Anna", "password": PASSWORD}


async def test_the_first_page_leads_to_set_up_and_set_up_closes_itself(bare: Desk) -> None:
    assert (await bare.get("/")).headers["location"] == "/admin/setup"
    done = await bare.post("/setup", FORM, at="/setup")
    assert done.status_code == 303
    assert (await bare.get("/")).status_code == 200
    assert (await bare.get("/setup")).status_code == 404
    second = await bare.post("/setup", {**FORM, "email": "eve@shop.example"})
    assert second.status_code == 404
    assert await bare.hub.database.fetch("SELECT email, role FROM staff") == [(EMAIL, "owner")]


async def test_set_up_names_the_field_at_fault(bare: Desk) -> None:
    for form, field in (
        ({"password": "short"}, "password"), ({"password": "aaaaaaaaaaaaaa"}, "password"),
        ({"password": "x" * 201}, "password"), ({"email": "anna"}, "email"),
        ({"email": "anna@shop"}, "email"), ({"email": "a b@shop.example"}, "email"),
    ):  # fmt: skip
        answer = await bare.post("/setup", {**FORM, **form}, at="/setup")
        assert answer.status_code == 422, form
        fault = re.search(rf'data-fault="{field}"[^>]*>([^<]*)<', answer.text)
        assert fault and fault[1], form
        assert 'aria-invalid="true"' in answer.text
    assert not await bare.hub.database.fetch("SELECT 1 FROM staff")


async def test_from_elsewhere_set_up_needs_the_printed_link(bare: Desk) -> None:
    for address, headers in (
        ("203.0.113.9", {}), ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}),
        ("127.0.0.1", {"Host": "rebound.example"}),
    ):  # fmt: skip
        async with open_client(bare.hub, address) as client:
            assert (await client.get("/admin/setup", headers=headers)).status_code == 403, headers
            forged = await client.get("/admin/setup?token=x.y", headers=headers)
            assert forged.status_code == 403, headers
            path = setup_link(bare.hub).removeprefix(bare.hub.settings.origin)
            assert (await client.get(path, headers=headers)).status_code == 200, headers


async def test_an_unknown_account_and_a_wrong_password_get_the_same_answer(out: Desk) -> None:
    wrong = await out.sign_in(password="something else entirely")
    unknown = await out.sign_in(email="nobody@shop.example")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace(EMAIL, "") == unknown.text.replace("nobody@shop.example", "")


async def test_guessing_is_throttled_even_with_the_right_password_at_last(
    out: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(staff_flow.ATTEMPTS, "account", 3)
    for _ in range(3):
        assert (await out.sign_in(password="a wrong one, again")).status_code == 401
    assert (await out.sign_in()).status_code == 429


async def test_many_accounts_from_one_address_are_throttled(
    out: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(staff_flow.ATTEMPTS, "address", 4)
    for i in range(4):
        await staff_flow.login(
            out.hub, email=f"x{i}@x.example", password="guess", address="127.0.0.0/24"
        )
    assert (await out.sign_in()).status_code == 429


async def test_the_cookie_opens_the_session_and_the_database_does_not(desk: Desk) -> None:
    names = {c.name: c for c in desk.client.cookies.jar}
    cookie = names["regulars_8700"]
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"
    rows = await desk.hub.database.fetch("SELECT token_hash FROM staff_session")
    assert cookie.value not in str(rows)
    async with open_client(desk.hub) as thief:
        thief.cookies.set("regulars_8700", rows[0][0])
        assert (await thief.get("/admin/")).status_code == 303


async def test_over_https_the_cookie_is_bound_to_the_host(bare: Desk) -> None:
    bare.hub.settings.public_url = "https://hub.example"
    bare.client.base_url = "https://hub.example"  # type: ignore[assignment]
    page = await bare.client.get(setup_link(bare.hub))
    tokens = re.findall(r'name="(csrf|token)" value="([^"]+)"', page.text)
    headers = {"Origin": "https://hub.example"}
    answer = await bare.client.post("/admin/setup", data={**FORM, **dict(tokens)}, headers=headers)
    cookies = answer.headers.get_list("set-cookie")
    assert any(
        c.startswith("__Host-regulars=") and "Secure" in c and "Path=/;" in c for c in cookies
    )
    assert "Strict-Transport-Security" in answer.headers


async def test_a_session_ends_when_idle_and_at_the_latest_after_two_weeks(out: Desk) -> None:
    clock = FixedClock(SystemClock().now())
    out.hub.clock = clock
    await out.sign_in()
    for _ in range(40):
        clock.advance(timedelta(hours=11))
        answer = await out.get("/people")
        if answer.status_code != 200:
            break
    assert answer.headers["location"].startswith("/admin/login")
    assert clock.now() - SystemClock().now() > timedelta(days=13)
    await out.sign_in()
    clock.advance(timedelta(hours=13))
    assert (await out.get("/people")).status_code == 303


async def test_shutting_somebody_out_ends_her_sessions_at_once(viewer: Desk) -> None:
    rows = await viewer.hub.database.fetch("SELECT id FROM staff WHERE role = 'viewer'")
    assert (await viewer.get("/people")).status_code == 200
    await set_disabled(viewer.hub, rows[0][0], True)
    assert (await viewer.get("/people")).status_code == 303
    assert (await viewer.sign_in("vic@shop.example")).status_code == 401


async def test_the_last_owner_can_not_be_shut_out(desk: Desk) -> None:
    with pytest.raises(staff_flow.StaffError):
        await set_disabled(desk.hub, 1, True)


async def test_a_login_link_works_once(out: Desk) -> None:
    path = (await login_link(out.hub, EMAIL)).removeprefix(out.hub.settings.origin)
    assert (await out.client.get(path)).headers["location"] == "/admin/"
    assert (await out.get("/people")).status_code == 200
    out.client.cookies.clear()
    assert (await out.client.get(path)).status_code == 401


async def test_a_link_that_is_old_or_of_another_kind_opens_nothing(out: Desk) -> None:
    late = to_ms(out.hub.clock.now()) - 1
    for purpose, exp in (
        ("login", late),
        ("setup", late + 10_000_000),
        ("link", late + 10_000_000),
    ):
        token = out.hub.signer.seal(purpose, {"staff": 1, "exp": exp, "jti": "x"})
        assert (await out.get(f"/enter?token={token}")).status_code == 401, purpose
    assert (await out.get("/enter")).status_code == 401


async def test_signing_in_never_leads_to_another_site(out: Desk) -> None:
    for target in (
        "https://evil.example", "//evil.example", "/admin/\\evil", "/admin//evil", "/other",
        "/admin/x\r\nSet-Cookie: a=b",
    ):  # fmt: skip
        form = {"email": EMAIL, "password": PASSWORD, "next": target}
        answer = await out.post("/login", form, at="/login")
        assert answer.headers["location"] == "/admin/", target


async def test_signing_out_ends_the_session(desk: Desk) -> None:
    kept = dict(desk.client.cookies)
    await desk.post("/logout", {})
    async with open_client(desk.hub) as other:
        other.cookies.update(kept)
        assert (await other.get("/admin/people")).status_code == 303


async def test_attempts_are_counted_without_keeping_the_address(out: Desk) -> None:
    async with open_client(out.hub, address="203.0.113.9") as client:
        await Desk(out.hub, client).sign_in(password="a wrong one, again")
    rows = await out.hub.database.fetch("SELECT key FROM login_attempt")
    guesses = ("203.0.113.9", "203.0.113.0/24", "address 203.0.113.9", EMAIL, f"account {EMAIL}")
    known = {sha256(guess.encode()).hexdigest() for guess in guesses} | set(guesses)
    assert rows and not known & {row[0] for row in rows}
