"""Every route: who may use it, and that no other site can make a browser use it."""

from __future__ import annotations

import re

from starlette.routing import Mount, Route

from hub.flows.staff import add_staff
from hub.web.admin import LINES, routes
from hub.web.admin.ask import Line
from hub.web.api.door import Line as ApiLine
from hub.web.api.lines import LINES as API_LINES
from tests.web.admin.conftest import ORIGIN, Desk
from tests.web.admin.seed import EMAIL, PASSWORD

MUTATING = [line for line in LINES if line.method == "POST"]
CLOSED = [line for line in LINES if line.policy != "open"]


def filled(line: Line | ApiLine) -> str:
    """A path that the route takes; what it names need not exist."""
    path = re.sub(r"{(id|pk|version):int}", "1", line.path)
    path = path.replace("{key}", "welcome-back").replace("{connector}", "woocommerce")
    return path.replace("{name}", "preview.html").replace("{path:path}", "x").replace("{id}", "x")


def names(lines: list[Line]) -> list[str]:
    return [f"{line.method} {line.path}" for line in lines]


async def test_every_route_is_a_line_of_the_table_with_its_policy(desk: Desk) -> None:
    found = [route for route in routes(desk.hub) if not isinstance(route, Mount)]
    assert sorted(route.name for route in found if isinstance(route, Route)) == sorted(
        names(list(LINES))
    )
    assert {line.path for line in LINES if line.policy == "open"} == {
        "/setup", "/login", "/enter", "/language", "/preview/{name}",
    }  # fmt: skip
    viewers = {line.path for line in MUTATING if line.policy == "viewer"}
    own = {"/logout", "/account/password", "/account/sessions"}
    assert viewers == own, "who only looks changes nothing but her own account"


async def test_no_page_opens_without_a_session(out: Desk) -> None:
    for line in CLOSED:
        answer = await out.client.request(line.method, f"/admin{filled(line)}")
        assert answer.status_code == 303, line.path
        assert answer.headers["location"].startswith("/admin/login"), line.path


async def test_a_forged_request_changes_nothing(desk: Desk) -> None:
    token = await desk.token()
    form = {"csrf": token}
    forged = [
        ({"Origin": ORIGIN}, {}),
        ({"Origin": ORIGIN}, {"csrf": token[:-2] + "xx"}),
        ({"Origin": "https://evil.example"}, form),
        ({"Origin": "null"}, form),
        ({"Sec-Fetch-Site": "cross-site"}, form),
        ({"Sec-Fetch-Site": "same-site", "Origin": ORIGIN}, form),
        ({"Sec-Fetch-Site": "none"}, form),
        ({}, form),
    ]
    kinds = ("text/plain", "multipart/form-data; boundary=x", "application/json", "")
    assert len(MUTATING) > 15
    for line in MUTATING:
        path = f"/admin{filled(line)}"
        for headers, data in forged:
            answer = await desk.client.post(path, data=data, headers=headers)
            assert answer.status_code == 403, (line.path, headers, data)
        for kind in kinds:
            headers = {"Origin": ORIGIN, "Content-Type": kind, "X-CSRF": token}
            answer = await desk.client.post(path, content=f"csrf={token}", headers=headers)
            assert answer.status_code == 403, (line.path, kind)
    assert await desk.hub.database.fetch("SELECT COUNT(*) FROM staff_session") == [(1,)]


async def test_each_role_may_do_exactly_what_its_lines_say(out: Desk) -> None:
    ranks = ["viewer", "editor", "owner"]
    for role in ranks[:2]:
        await add_staff(out.hub, email=f"{role}@s.example", name="", password=PASSWORD, role=role)
    for role, email in zip(ranks, ("viewer@s.example", "editor@s.example", EMAIL), strict=True):
        out.client.cookies.clear()
        await out.sign_in(email)
        token = await out.token()
        for line in CLOSED:
            if line.path == "/logout":
                continue
            data = {"csrf": token} if line.method == "POST" else None
            answer = await out.client.request(
                line.method, f"/admin{filled(line)}", data=data, headers={"Origin": ORIGIN}
            )
            allowed = ranks.index(role) >= ranks.index(line.policy)
            assert (answer.status_code != 403) is allowed, (role, line.method, line.path)
            assert answer.status_code < 500, (role, line.method, line.path)


async def test_every_answer_carries_the_headers(desk: Desk) -> None:
    for path in ("/", "/nothing-here", "/login", "/people"):
        answer = await desk.get(path)
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "style-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer.headers


async def test_the_preview_has_no_rights(out: Desk) -> None:
    answer = await out.get("/preview/preview.html")
    policy = answer.headers["content-security-policy"]
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy
    for name in ("../types.py", "s.js", "..%2ftypes.py"):
        assert (await out.get(f"/preview/{name}")).status_code in (303, 404)


async def test_a_form_larger_than_any_of_ours_is_refused(desk: Desk) -> None:
    answer = await desk.post("/widgets/welcome-back", {"text": "x" * 600_000, "tab": "text"})
    assert answer.status_code == 413


async def test_the_api_has_the_same_door(viewer: Desk) -> None:
    cookies = dict(viewer.client.cookies)
    csrf = (await viewer.client.get("/api/v1/session")).json()["csrf"]
    good = {"Origin": ORIGIN, "X-CSRF": csrf, "Content-Type": "application/json"}
    changes = ({"X-CSRF": ""}, {"Origin": "https://evil.example"}, {"Content-Type": "text/plain"})
    for line in API_LINES:
        path = f"/api/v1{filled(line)}"
        viewer.client.cookies.clear()
        assert (await viewer.client.request(line.method, path)).status_code == 401, line.path
        viewer.client.cookies.update(cookies)
        if line.method == "GET":
            assert (await viewer.client.get(path)).status_code in (200, 404, 422), line.path
            continue
        for change in ({}, *changes):
            answer = await viewer.client.post(path, content=b"{}", headers={**good, **change})
            assert answer.status_code == 403, (line.path, change)
