"""The page Install: steps, downloads for this shop only, and whether the snippet was seen."""

from __future__ import annotations

import io
import zipfile

import pytest

from hub.flows.installed import installed, note_page
from hub.web.admin.install import PLATFORMS
from tests.web.admin.conftest import Desk


def path_of(desk: Desk) -> str:
    return f"/sources/{desk.ids['source']}/install"


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_each_system_has_its_steps_and_its_consent(desk: Desk, platform: str) -> None:
    source = desk.hub.sources[desk.ids["source"]]
    page = await desk.get(path_of(desk), params={"platform": platform})
    assert page.status_code == 200
    assert page.text.count("<li>") + page.text.count("<li><strong>") >= 4
    assert 'aria-current="page">' in page.text and "Before a yes nothing is kept" in page.text
    if platform in ("html", "shopify"):
        assert source.write_key in page.text and desk.hub.settings.origin in page.text
    dutch = await desk.get(path_of(desk), params={"platform": platform}, cookies={"language": "nl"})
    assert "Toestemming" in dutch.text and "Stappen" in dutch.text


async def test_the_line_for_a_theme_is_whole(desk: Desk) -> None:
    page = await desk.get(path_of(desk), params={"platform": "shopify"})
    assert ">{% render &#39;regulars&#39; %}</pre>" in page.text


async def test_an_unknown_system_shows_the_plain_lines(desk: Desk) -> None:
    page = await desk.get(path_of(desk), params={"platform": "../../secret"})
    assert page.status_code == 200 and "s.js" in page.text


async def test_the_downloads_carry_this_shops_key(desk: Desk) -> None:
    source = desk.hub.sources[desk.ids["source"]]
    made = await desk.get(path_of(desk) + "/get/woocommerce")
    assert made.headers["content-type"] == "application/zip"
    assert made.headers["content-disposition"] == 'attachment; filename="regulars.zip"'
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert source.write_key in archive.read("regulars/regulars.php").decode()
    assert source.write_key in (await desk.get(path_of(desk) + "/get/gtm")).text
    for name in ("unknown", "__init__", "..%2fdownloads.py"):
        assert (await desk.get(f"{path_of(desk)}/get/{name}")).status_code == 404


async def test_a_servers_secret_key_is_put_into_nothing(desk: Desk) -> None:
    server = next(s for s in desk.hub.sources.values() if s.kind == "server")
    for more in ("", "/seen", "/get/gtm", "/get/woocommerce"):
        answer = await desk.get(f"/sources/{server.id}/install{more}")
        assert answer.status_code == 404 and server.write_key not in answer.text


async def test_nobody_downloads_without_signing_in(out: Desk) -> None:
    for more in ("", "/seen", "/get/gtm"):
        answer = await out.get(f"/sources/1/install{more}")
        assert answer.status_code == 303


async def test_the_page_says_whether_the_snippet_was_seen_and_where(desk: Desk) -> None:
    hub = desk.hub
    source = hub.sources[desk.ids["source"]]
    hub.pages.clear()
    assert "Waiting for the first page view" in (await desk.get(path_of(desk) + "/seen")).text
    body = {"writeKey": source.write_key, "page": {"url": f"{source.shop_url}/mugs?email=a@b.c"}}
    answer = await desk.client.post("/v1/decide", json=body)
    assert answer.status_code == 200
    view = await installed(hub, source)
    assert source.shop_url.endswith(view.host) and not view.elsewhere and view.page_at
    text = (await desk.get(path_of(desk) + "/seen")).text
    assert f"seen on {view.host}" in text and "a@b.c" not in text
    assert "came through the hub" in text  # the visitors of this hub answered its banner
    note_page(hub, source, "https://elsewhere.example/")
    assert "not the address of this shop" in (await desk.get(path_of(desk) + "/seen")).text


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://ann:secret@shop.example/x", "shop.example"),
        ("https://<script>alert(1)</script>/", "<script>alert(1)<"),
        ("about:blank", ""),
        ("", ""),
        ("https://" + "a" * 9_000, "a" * 120),
    ],
)
async def test_whatever_a_page_says_it_is_stays_short_text(desk: Desk, url: str, host: str) -> None:
    source = desk.hub.sources[desk.ids["source"]]
    note_page(desk.hub, source, url)
    assert desk.hub.pages[source.id][1] == host
    assert "<script>alert" not in (await desk.get(path_of(desk) + "/seen")).text
