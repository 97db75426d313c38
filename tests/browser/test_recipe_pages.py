"""Pages that the WordPress plug-in makes, in a real browser, with a real hub behind them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.clock import SystemClock
from hub.core import Hub
from hub.flows.installed import installed
from hub.flows.run import open_hub
from hub.flows.sources import create_source
from hub.recipes.downloads import Site
from hub.settings import Settings
from hub.web.app import create_app
from hub.web.server import bind, serving
from tests.recipes.conftest import unpack  # noqa: F401  (a fixture)
from tests.recipes.php import HERE, php
from tests.recipes.test_wordpress import HOSTILE, MUG, THANKS

TOOLS = (Path(__file__).parent / "snippet" / "consent_tools.js").read_text()
ASK = ["install", {"type": "optin"}]
# jQuery as far as the shop's buttons use it, and the hooks of the blocks.
BUTTONS = """
window.jQuery = () => ({ on(name, run) { document.addEventListener('jq:' + name,
  (e) => run(e, {}, '', { data: (key) => e.detail[key] })) } });
window.wp = { hooks: { all: {}, addAction(name, _, run) { this.all[name] = run } } };
"""
Made = Callable[..., Awaitable[None]]


class Shop:
    """A shop on a port of its own: the page of the test, and the plug-in's script."""

    def __init__(self) -> None:
        self.html = self.script = ""
        self.origin = ""

    async def answer(self, request: Request) -> Response:
        if request.url.path.endswith("/assets/shop.js"):
            return Response(self.script, media_type="text/javascript")
        return Response(self.html, media_type="text/html")


@pytest_asyncio.fixture(loop_scope="session")
async def shop() -> AsyncIterator[Shop]:
    opened = Shop()
    listener = bind("127.0.0.1", 0)
    opened.origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with serving(Starlette(routes=[Route("/{rest:path}", opened.answer)]), listener):
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def hub(tmp_path: Path, shop: Shop) -> AsyncIterator[Hub]:
    listener = bind("127.0.0.1", 0)
    settings = Settings(data_dir=tmp_path / "data", port=listener.getsockname()[1])
    async with open_hub(settings, SystemClock()) as opened:
        await create_source(opened, name="Web", kind="browser", shop="mugs", shop_url=shop.origin)
        async with serving(create_app(opened), listener):
            yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    async with await browser.new_context() as context:
        opened = await context.new_page()
        thrown: list[str] = []
        opened.on("pageerror", lambda error: thrown.append(str(error)))
        yield opened
        assert thrown == []


@pytest.fixture
def visit(hub: Hub, shop: Shop, page: Page, unpack: Any) -> Made:  # noqa: F811
    """Opens a page of the shop as the plug-in makes it."""
    (source,) = hub.sources.values()
    folder = unpack("woocommerce", Site(hub.settings.origin, source.write_key)) / "regulars"

    async def visited(path: str, **scene: Any) -> None:
        scene["head"] = f"<script>{TOOLS}{BUTTONS}tools.wp(...{json.dumps(ASK)})</script>"
        shop.html = php(
            str(HERE / "wordpress.php"), str(folder / "regulars.php"),
            json.dumps({**scene, "consent_api": True}),
        )  # fmt: skip
        shop.script = (folder / "assets" / "shop.js").read_text()
        await page.goto(shop.origin + path)

    return visited


async def kept(hub: Hub, name: str) -> list[dict[str, Any]]:
    """The properties of all events of this name, once there is one."""
    more = asyncio.Event()
    hub.on_stored.append(more.set)  # before the first look: what comes during it counts too
    try:
        async with asyncio.timeout(20):
            while True:
                more.clear()
                rows = await hub.database.fetch(
                    "SELECT body FROM log WHERE kind = 'event' AND name = ? ORDER BY seq", (name,)
                )
                if rows:
                    return [orjson.loads(row[0]).get("properties", {}) for row in rows]
                await more.wait()
    finally:
        hub.on_stored.remove(more.set)


async def test_a_visit_from_the_product_to_the_order(hub: Hub, page: Page, visit: Made) -> None:
    (source,) = hub.sources.values()
    mug = {"7": {**MUG, "name": HOSTILE}}
    await visit("/mug", page="product", id=7, products=mug)
    await page.wait_for_function("tools.heard.wp")
    await page.evaluate("""() => {
      document.dispatchEvent(new CustomEvent('jq:added_to_cart',
        {detail: {product_id: 7, quantity: 2}}));
      wp.hooks.all['experimental__woocommerce_blocks-cart-remove-item']({product: {id: 7,
        name: 'Mug', prices: {price: '1250', currency_minor_unit: 2, currency_code: 'EUR'}},
        quantity: 1});
    }""")
    rows = await hub.database.fetch("SELECT kind FROM log WHERE kind IN ('event', 'consent')")
    assert rows == []  # nobody has agreed yet
    await page.evaluate("tools.wp('say', {statistics: 'allow', marketing: 'allow'})")
    (viewed,) = await kept(hub, "Product Viewed")
    assert viewed["name"] == HOSTILE and viewed["product_id"] == "7"
    assert await page.evaluate("window.hit") is None
    (added,) = await kept(hub, "Product Added")
    assert (added["product_id"], added["quantity"]) == ("7", 2)
    (removed,) = await kept(hub, "Product Removed")
    assert (removed["price"], removed["currency"]) == (12.5, "EUR")
    view = await installed(hub, source)
    assert f"http://{view.host}" == source.shop_url
    assert (view.elsewhere, view.consent) == (False, "wp")
    # The consent tool keeps her answer in a cookie of its own.
    ASK[1] = {"type": "optin", "cookies": {"statistics": "allow", "marketing": "allow"}}
    await visit("/thanks", **{**THANKS, "get": {"key": "wc_order_abcdefgh"}})
    (order,) = await kept(hub, "Order Completed")
    assert (order["order_id"], order["total"]) == ("41", 36.3)
    devices = await hub.database.fetch("SELECT DISTINCT node_id FROM log WHERE kind = 'event'")
    assert len(devices) == 1
