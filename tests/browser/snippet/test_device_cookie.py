"""Chromium, the real hub and the shop on one site: cleared storage does not make a new device."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page
from starlette.responses import HTMLResponse

from hub.flows.sources import load_sources
from hub.store.models import Source
from hub.web.app import create_app
from hub.web.server import bind, serving
from tests.browser.snippet.conftest import STUB
from tests.shop import Shop, open_shop

YES = "regulars('consent', {analytics: true, personalisation: true})"
NO = "regulars('consent', {analytics: false, personalisation: false})"
TOKEN = "() => localStorage.getItem('rgl_t')"
HUB = "hub.shop.localhost"


@pytest_asyncio.fixture(loop_scope="session")
async def real(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as shop:
        yield shop


@asynccontextmanager
async def shop_page(
    browser: Browser, shop: Shop, page_host: str
) -> AsyncIterator[tuple[BrowserContext, Page, str]]:
    """A page of shop.localhost with the hub's line, on the host named here."""
    served: list[str] = []
    app = create_app(shop.hub)

    # A page that a test makes up has no address, and browsers keep it from those of this machine.
    async def both(scope: Any, receive: Any, send: Any) -> None:
        answer = HTMLResponse(served[0]) if scope.get("path") == "/shop" else app
        await answer(scope, receive, send)

    async with serving(both, bind("127.0.0.1", 0)) as port:
        hub = f"http://{HUB}:{port}"
        shop.hub.settings.public_url = hub
        shop_url = hub if page_host == HUB else f"http://shop.localhost:{port}"
        await Source.filter(kind="browser").update(shop_url=shop_url)
        await load_sources(shop.hub)
        key = shop.sources["browser"].write_key
        line = f'<script src="{hub}/s.js" data-key="{key}" data-consent="off"></script>'
        served.append(f"<!doctype html><script>{STUB}</script>{line}")
        context = await browser.new_context()
        try:
            page = await context.new_page()
            address = f"http://{page_host}:{port}/shop"
            await page.goto(address)
            yield context, page, address
        finally:
            await context.close()


async def agree(page: Page) -> str:
    await page.evaluate(YES)
    await page.wait_for_function(TOKEN)
    return str(await page.evaluate(TOKEN))


@pytest.mark.parametrize("host", [HUB, "shop.localhost", "www.shop.localhost"])
async def test_the_cookie_outlives_cleared_storage_and_not_a_no(
    browser: Browser, real: Shop, host: str
) -> None:
    async with shop_page(browser, real, host) as (context, page, address):
        assert await context.cookies() == []
        token = await agree(page)
        (cookie,) = await context.cookies()
        assert (cookie["name"], cookie["value"]) == ("rgl_d", token)
        assert cookie["domain"] == HUB  # no dot: no other host ever gets it
        assert cookie["httpOnly"] and cookie["sameSite"] == "Lax"
        assert await page.evaluate("document.cookie") == ""
        await page.evaluate("localStorage.clear()")
        await page.goto(address)
        assert await agree(page) == token
        # A no before the hub has said anything on this page reaches the cookie, too.
        await context.route("**/v1/decide", lambda route: route.abort())
        await page.goto(address)
        async with page.expect_response("**/v1/consent") as answer:
            await page.evaluate(NO)
        await (await answer.value).finished()
        assert await context.cookies() == []
        await context.unroute("**/v1/decide")
        await page.goto(address)
        assert await agree(page) != token


@pytest.mark.parametrize("host", ["blog.shop.localhost", "127.0.0.1"])
async def test_a_page_of_another_origin_gets_a_token_and_no_cookie(
    browser: Browser, real: Shop, host: str
) -> None:
    async with shop_page(browser, real, host) as (context, page, _):
        assert await agree(page)
        assert await context.cookies() == []
