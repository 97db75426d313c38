"""Pages that still speak to another system: Spotler's queue and Segment's loader, in Chromium with
the real hub. What such a page says arrives under our names, after a yes and not before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest_asyncio
from playwright.async_api import Browser, Page
from starlette.responses import HTMLResponse

from hub.web.app import create_app
from hub.web.server import bind, serving
from tests.shop import Shop, open_shop

YES = "regulars('consent', {analytics: true, personalisation: true})"
SPOTLER = """<!doctype html>
<script>window._sqzl = window._sqzl || [];
_sqzl.push({event: 'ViewContent', currency: 'EUR', email: 'ann@example.com', userid: 7,
  products: {id: 'LS-M', name: 'Linen shirt', price: 39.95}});</script>
<script src="HUB/sqzl.js"></script>
<script src="HUB/s.js" data-key="KEY" data-consent="off"></script>"""
# Written after the public description of the loader: a queue with the methods it takes.
SEGMENT = """<!doctype html>
<script>
  const analytics = window.analytics = window.analytics || [];
  analytics.methods = ['identify', 'track', 'page', 'group', 'alias', 'ready', 'reset'];
  for (const name of analytics.methods)
    analytics[name] = (...said) => { analytics.push([name, ...said]); return analytics; };
  const script = document.createElement('script');
  script.async = true;
  script.dataset.globalSegmentAnalyticsKey = 'analytics';
  script.src = 'HUB/analytics.js/v1/KEY/analytics.min.js';
  document.head.append(script);
  analytics.page('Shop', 'Shirts', {colour: 'white'});
  analytics.identify('7', {email: 'ann@example.com'});
  analytics.track('view_item', {items: [{item_id: 'LS-M', price: 39.95}]});
  analytics.group('acme');
  analytics.ready(() => { window.isReady = true; });
</script>"""


@pytest_asyncio.fixture(loop_scope="session")
async def real(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path, consent="off") as shop:
        yield shop


@asynccontextmanager
async def shown(browser: Browser, shop: Shop, html: str) -> AsyncIterator[Page]:
    """The page on the hub's own origin."""
    app, text = create_app(shop.hub), html.replace("KEY", shop.sources["browser"].write_key)

    async def both(scope: Any, receive: Any, send: Any) -> None:
        page = HTMLResponse(text.replace("HUB", ""))
        await (page if scope.get("path") == "/shop" else app)(scope, receive, send)

    async with serving(both, bind("127.0.0.1", 0)) as port:
        page = await browser.new_page()
        try:
            await page.goto(f"http://127.0.0.1:{port}/shop")
            await page.wait_for_function("window.regulars && regulars.on")
            yield page
        finally:
            await page.close()


async def stored(page: Page, shop: Shop, n: int) -> list[tuple[str, dict[str, Any]]]:
    """The first n events of the visitor, once the hub has them."""
    sql = "SELECT name, body FROM log WHERE kind = 'event' ORDER BY seq"
    async with asyncio.timeout(20):
        while len(rows := await shop.hub.database.fetch(sql)) < n:
            await page.wait_for_timeout(20)
    return [(name, orjson.loads(body)) for name, body in rows]


async def test_what_is_pushed_to_spotler_arrives_here(browser: Browser, real: Shop) -> None:
    async with shown(browser, real, SPOTLER) as page:
        await page.evaluate("_sqzl.push({anonymize: 'yes'})")
        await page.evaluate("_sqzl.push({event: 'AddToCart', email: 'bob@example.com',"
                            " products: [{id: 'LS-M', quantity: 2}]})")  # fmt: skip
        assert await real.hub.database.fetch("SELECT 1 FROM log WHERE kind = 'event'") == []
        await page.evaluate(YES)
        found = await stored(page, real, 4)
    said = {name: body for name, body in found}
    assert set(said) == {"Identified", "Product Viewed", "Product Added", "Page Viewed"}
    assert said["Identified"]["traits"]["email"] == "ann@example.com"
    viewed, added = said["Product Viewed"]["properties"], said["Product Added"]["properties"]
    assert (viewed["product_id"], viewed["price"], viewed["currency"]) == ("LS-M", 39.95, "EUR")
    assert (added["product_id"], added["quantity"]) == ("LS-M", 2)
    assert "ann@example.com" not in str(viewed)
    assert "bob@example.com" not in str(found)  # the page had asked for no names


async def test_segments_loader_gets_our_file(browser: Browser, real: Shop) -> None:
    async with shown(browser, real, SEGMENT) as page:
        await page.wait_for_function("window.isReady")
        await page.evaluate("analytics.track('Product Added', {product_id: 'LS-M'}) && 1")
        await page.evaluate(YES)
        found = await stored(page, real, 4)
    assert sorted(name for name, _ in found) == [
        "Identified", "Page Viewed", "Product Added", "Product Viewed"
    ]  # fmt: skip
    said = {name: body for name, body in found}
    assert said["Identified"]["traits"]["email"] == "ann@example.com"
    assert said["Page Viewed"]["properties"]["category"] == "Shop"
    assert said["Page Viewed"]["properties"]["colour"] == "white"
    assert said["Product Viewed"]["properties"]["product_id"] == "LS-M"
