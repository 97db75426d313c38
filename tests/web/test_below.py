"""The hub below a path of a site: each address that it hands out leads back to it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from hub.clock import SystemClock
from hub.core import Hub
from hub.flows.entry_links import login_link, setup_link
from hub.flows.run import open_hub
from hub.flows.sources_admin import snippet_line
from hub.settings import OWN_PATHS, Settings, SettingsError, load_settings
from hub.web.app import create_app
from hub.web.collect import Collect
from tests.web.admin.conftest import open_client
from tests.web.admin.seed import EMAIL, PASSWORD, seed

ORIGIN = "https://shop.example"
HTML = ' data-root="/r"'
ADDRESS = re.compile(
    r"""\b(?:href|src|action|formaction|data-[a-z-]+|hx-(?:get|post|put|patch|delete))=["'](/[^"']*)"""
)


@pytest.fixture(params=["left on", "cut off"])
async def below(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[Hub, httpx2.AsyncClient, dict[str, Any]]]:
    """A filled hub at shop.example/r, behind a proxy that leaves the path on, or cuts it off."""
    settings = Settings(data_dir=tmp_path, public_url=f"{ORIGIN}/r", trusted_proxies=["127.0.0.1"])
    async with open_hub(settings, SystemClock()) as hub:
        ids = await seed(hub)
        app = create_app(hub)

        async def proxy(scope: Any, receive: Any, send: Any) -> None:
            if request.param == "cut off":
                assert scope["path"].startswith("/r/"), scope["path"]
                scope = {**scope, "path": scope["path"][2:]}
            await app(scope, receive, send)

        transport = httpx2.ASGITransport(app=proxy, client=("127.0.0.1", 5000))
        async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            yield hub, client, ids


async def signed_in(hub: Hub, client: httpx2.AsyncClient) -> None:
    link = await login_link(hub, EMAIL)
    assert link.startswith(f"{ORIGIN}/r/admin/enter?")
    answer = await client.get(link)
    assert answer.headers["location"] == "/r/admin/"


async def test_every_link_of_every_page_stays_below_the_path(below: Any) -> None:
    hub, client, _ = below
    await signed_in(hub, client)
    todo, seen = ["/r/admin/"], set[str]()
    while todo:
        path = todo.pop()
        bare = re.sub(r"/\d+", "/N", path.partition("?")[0].partition("#")[0])
        if bare in seen:
            continue
        seen.add(bare)
        answer = await client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        for found in ADDRESS.findall(answer.text.replace(HTML, "")):
            assert found.startswith("/r/"), (path, found)
        links = re.findall(r'(?:href|src|hx-get|data-preview)="(/r/[^"]*)"', answer.text)
        todo += [link.replace("&amp;", "&") for link in links]
    assert len(seen) > 30, sorted(seen)


async def test_forms_and_redirects_stay_below_the_path(below: Any) -> None:
    _, client, _ = below
    answer = await client.get("/r/admin/people/1?tab=x")
    assert answer.headers["location"] == "/r/admin/login?next=/admin/people/1%3Ftab%3Dx"
    page = await client.get(answer.headers["location"])
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    onward = re.search(r'name="next" value="([^"]+)"', page.text)
    assert token and onward
    form = {"csrf": token[1], "email": EMAIL, "password": PASSWORD, "next": onward[1]}
    answer = await client.post("/r/admin/login", data=form, headers={"Origin": ORIGIN})
    assert answer.headers["location"] == "/r/admin/people/1?tab=x"
    answer = await client.get("/r/admin/people", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    client.cookies.clear()
    answer = await client.get("/r/admin/people", headers={"HX-Request": "true"})
    assert answer.headers["hx-redirect"] == "/r/admin/login"
    for path in ("/r/", "/r/admin"):
        answer = await client.get(path, follow_redirects=True)
        assert str(answer.url) == f"{ORIGIN}/r/admin/login?next=/admin/"


async def test_a_login_page_never_leads_to_another_site(below: Any) -> None:
    hub, client, _ = below
    await signed_in(hub, client)
    page = await client.get("/r/admin/")
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert token
    for onward in ("//evil.example/", "/r//evil.example", "https://evil.example", "/\\evil"):
        form = {"csrf": token[1], "language": "nl", "next": onward}
        answer = await client.post("/r/admin/language", data=form, headers={"Origin": ORIGIN})
        assert answer.headers["location"] == "/r/admin/"


async def test_cookies_are_for_the_path_only(below: Any) -> None:
    hub, client, _ = below
    await signed_in(hub, client)
    fresh = await client.get("/r/admin/login")
    assert "strict-transport-security" not in fresh.headers
    assert {(c.name, c.path, c.secure) for c in client.cookies.jar} >= {
        ("__Secure-regulars_r", "/r", True), ("regulars_form_r", "/r", True),
    }  # fmt: skip


async def test_the_shop_and_its_mails_get_addresses_below_the_path(below: Any) -> None:
    hub, client, ids = below
    source = hub.sources[ids["source"]]
    assert f'src="{ORIGIN}/r/s.js"' in snippet_line(hub, source)
    assert setup_link(hub).startswith(f"{ORIGIN}/r/admin/setup?")
    assert (await client.get("/r/s.js")).status_code == 200
    assert (await client.get("/r/health")).status_code == 200
    page = await client.get("/r/confirm/nonsense")
    assert (page.status_code, '"/r/confirm-static/confirm.css"' in page.text) == (400, True)
    assert (await client.get("/r/confirm-static/confirm.css")).status_code == 200
    body = {"writeKey": source.write_key, "page": {"url": f"{ORIGIN}/"}}
    assert (await client.post("/r/v1/decide", json=body)).status_code == 200
    assert (await client.post("/r/hooks/77", json={})).status_code == 404
    assert "connection" in (await client.post("/r/hooks/77", json={})).text


async def test_without_a_path_nothing_is_below_one(tmp_path: Path) -> None:
    async with (
        open_hub(Settings(data_dir=tmp_path), SystemClock()) as hub, open_client(hub) as client
    ):  # fmt: skip
        assert (await client.get("/r/s.js")).status_code == 404
        assert "data-root" not in (await client.get("/admin/setup")).text


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://shop.example/admin", "/admin is an address of the hub itself"),
        ("https://shop.example/v1/x", "is an address of the hub itself"),
        ("https://shop.example/r?x=1", "leave out"),
        ("https://shop.example/r x", "letters, digits"),
        ("https://shop.example/../r", "letters, digits"),
        ("https://shop.example//r", "letters, digits"),
        ("shop.example", "write it like https://"),
        ("ftp://shop.example", "write it like https://"),
        ("https://anna:pw@shop.example", "write it like https://"),
    ],
)
def test_an_address_that_can_not_work_is_refused(url: str, fault: str, tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text(f'public_url = "{url}"\n')
    with pytest.raises(SettingsError, match="public_url: ") as caught:
        load_settings(tmp_path)
    assert fault in str(caught.value)


async def test_every_address_of_the_hub_is_refused_as_its_path(tmp_path: Path) -> None:
    async with open_hub(Settings(data_dir=tmp_path), SystemClock()) as hub:
        app: Any = create_app(hub)
        own: set[str] = set()
        while not isinstance(app, Starlette):
            own |= set(app._routes) if isinstance(app, Collect) else set()
            app = app._app
        own |= {route.path for route in app.routes}
    # A place for the digest of a file is no name; below the letters of the SDKs there is nothing.
    own = {path.split("/")[1] for path in own}
    own = {first for first in own if len(first) > 1 and "{" not in first}
    assert {"v1", "admin", "beacon"} <= own <= OWN_PATHS, own - OWN_PATHS


def test_proxies_are_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hub.toml").write_text('trusted_proxies = ["my-proxy"]\n')
    with pytest.raises(SettingsError, match="trusted_proxies: 'my-proxy' is no address"):
        load_settings(tmp_path)
    monkeypatch.setenv("HUB_TRUSTED_PROXIES", "10.0.0.0/8, ::1 ,unix")
    assert load_settings(tmp_path).trusted_proxies == ["10.0.0.0/8", "::1", "unix"]
