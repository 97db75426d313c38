"""A widget made by `hub new-plugin`: previewed, published by hand, and seen on a shop's page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from hub.clock import SystemClock
from hub.core import Hub
from hub.flows.entry_links import login_link
from hub.flows.run import open_hub
from hub.flows.sources import create_source
from hub.flows.staff import create_owner
from hub.scaffold.preview import new_token, preview_app
from hub.scaffold.watch import Watched
from hub.scaffold.write import write_plugin
from hub.sdk.loopback import serving as serving_here
from hub.settings import Settings
from hub.web.app import create_app
from hub.web.server import bind, serving

ANN = "ann@shop.example"
# A shop that lets nothing run but the snippet, by a nonce.
STRICT = (
    "default-src 'none'; script-src 'nonce-n1'; connect-src {hub}; img-src 'self' data:; "
    "require-trusted-types-for 'script'; base-uri 'none'; form-action 'none'"
)


@asynccontextmanager
async def hub_in(folder: Path, plugins: Path) -> AsyncIterator[tuple[Hub, str]]:
    """A served hub that was only told where the plugin's folder stands."""
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    settings = Settings(data_dir=folder, port=port, plugins_path=[plugins], timezone="UTC")
    async with open_hub(settings, SystemClock()) as hub:
        await create_owner(hub, email=ANN, name="Ann", password="a long enough sentence")
        async with serving(create_app(hub), listener):
            yield hub, f"http://127.0.0.1:{port}"


def shop_app(hub_url: str, key: str) -> Starlette:
    """One page of a shop, under its strict policy."""
    html = (
        '<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">'
        '<div data-regulars-slot="home-top">'
        f'</div><script nonce="n1" src="{hub_url}/s.js" data-key="{key}" async></script></html>'
    )

    async def page(_: Request) -> Response:
        policy = STRICT.format(hub=hub_url)
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    return Starlette(routes=[Route("/", page)])


@pytest.mark.full
async def test_a_widget_of_a_folder_reaches_the_shop(browser: Browser, tmp_path: Path) -> None:
    folder = write_plugin("widget", "on_pages", tmp_path / "plugins")
    # Open all day, so that the hour of this test plays no part.
    module = folder / "widget.py"
    text = module.read_text().replace("    if now >= end or (", "    if (")
    text = text.replace("(end - now).total_seconds()", "(end - now).total_seconds() % 86400")
    module.write_text(text)
    async with hub_in(tmp_path / "data", tmp_path / "plugins") as (hub, origin):
        source = await create_source(
            hub, name="Shop", kind="browser", shop="shop", shop_url="https://shop.example"
        )
        async with await browser.new_context() as context:
            page = await context.new_page()
            await page.goto(await login_link(hub, ANN))
            await page.goto(f"{origin}/admin/widgets")
            await page.get_by_role("button", name="On pages").click()
            await page.get_by_label("Title").first.fill("Be quick: {time} left")
            preview = page.frame_locator("iframe").get_by_text("Be quick:")
            await expect(preview).to_contain_text(" min left")
            await page.get_by_role("button", name="Publish").first.click()
            await expect(page.get_by_text("version 1", exact=False).first).to_be_visible()
        async with serving_here(shop_app(origin, source.write_key)) as shop:
            async with await browser.new_context() as context:
                page = await context.new_page()
                faults: list[str] = []
                page.on("console", lambda message: faults.append(message.text))
                page.on("pageerror", lambda error: faults.append(str(error)))
                await page.goto(shop)
                await expect(page.get_by_text("Be quick:")).to_contain_text(" min left")
                assert not faults


@pytest.mark.full
async def test_the_preview_follows_what_is_saved(browser: Browser, tmp_path: Path) -> None:
    folder = write_plugin("widget", "followed", tmp_path)
    module = folder / "widget.py"
    good = module.read_text().replace('default="22"', 'default="23"')
    watched, token = Watched(folder), new_token()
    following = asyncio.create_task(watched.follow())
    async with serving_here(preview_app(watched, token)) as url:
        async with await browser.new_context() as context:
            page = await context.new_page()
            complaints: list[str] = []
            page.on("console", lambda message: complaints.append(message.text))
            await page.goto(f"{url}/{token}/")
            await expect(page.get_by_role("heading", name="On a page")).to_be_visible()
            await expect(page.locator("iframe")).to_have_count(16)
            for number, words in ((0, "Order within"), (3, "h "), (15, "min")):
                frame = page.frame_locator("iframe").nth(number)
                await page.locator("iframe").nth(number).scroll_into_view_if_needed()
                await expect(frame.get_by_text("at your door tomorrow")).to_contain_text(words)
            module.write_text("def broken(:\n")
            await expect(page.get_by_role("alert")).to_contain_text("widget.py, line 1")
            module.write_text(good.replace("at your door", "in your hands"))
            frame = page.frame_locator("iframe").first
            await expect(frame.get_by_text("in your hands tomorrow")).to_be_visible()
            assert complaints == []
            following.cancel()
