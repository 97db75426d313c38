"""Published browser libraries, unmodified, on a shop's page, against a hub of another origin."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from hub.clock import SystemClock
from hub.core import Hub
from hub.flows.run import open_hub
from hub.flows.sources import create_source
from hub.settings import Settings
from hub.web.app import create_app
from hub.web.server import bind, serving
from hub.web.wire import Receive, Scope, Send
from tests.sdk.libraries import MODULES, installed

pytestmark = pytest.mark.full
SCRIPTS = {
    "segment": MODULES / "@segment/analytics-next/dist/umd",
    "rudder": MODULES / "@rudderstack/analytics-js/dist/npm/modern/bundled/umd",
}
CALLS = """
sdk.identify("u1", {plan: "gold"});
sdk.track("Product Added", {product_id: "p1", price: 12.5});
sdk.page("Home");
sdk.group("g1", {name: "Mugs Ltd"});
"""
ARRIVED = ["Grouped", "Identified", "Page Viewed", "Product Added"]


@dataclass
class Stage:
    """A shop with a library on its page, and a hub elsewhere that may fail at first."""

    hub: Hub
    key: str
    shop: str
    failing: int = 0
    posts: list[str] = field(default_factory=list)
    html: str = ""

    async def names(self, wanted: int) -> list[str]:
        """The events kept so far, once there are so many."""
        async with asyncio.timeout(20):
            while True:
                rows = await self.hub.database.fetch("SELECT name FROM log WHERE kind = 'event'")
                if len(rows) >= wanted:
                    return sorted(name for (name,) in rows)
                await asyncio.sleep(0.05)

    async def called(self, times: int) -> None:
        """Wait until the library has called so often."""
        async with asyncio.timeout(30):
            while len(self.posts) < times:  # noqa: ASYNC110  (the library knows no event of ours)
                await asyncio.sleep(0.05)

    async def bodies(self) -> dict[str, dict[str, Any]]:
        rows = await self.hub.database.fetch("SELECT name, body FROM log WHERE kind = 'event'")
        return {name: orjson.loads(body) for name, body in rows}


@asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    hub_at, shop_at = bind("127.0.0.1", 0), bind("127.0.0.1", 0)
    # Two names for this machine: the calls go from one origin to another.
    shop_url = f"http://localhost:{shop_at.getsockname()[1]}"
    settings = Settings(data_dir=folder, port=hub_at.getsockname()[1])
    async with open_hub(settings, SystemClock()) as hub:
        source = await create_source(hub, name="Web", kind="browser", shop="m", shop_url=shop_url)
        stage = Stage(hub, source.write_key, shop_url)
        inner = create_app(hub)

        async def shaky(scope: Scope, receive: Receive, send: Send) -> None:
            """Stores, and then says 503 to the first calls, as if the answer were lost."""
            if scope["type"] != "http" or scope["method"] != "POST":
                await inner(scope, receive, send)
                return
            stage.posts.append(scope["path"])
            fails = len(stage.posts) <= stage.failing

            async def answer(message: Any) -> None:
                if fails and message["type"] == "http.response.start":
                    message = {**message, "status": 503}
                await send(message)

            await inner(scope, receive, answer)

        async def page(_: Request) -> Response:
            return Response(stage.html, media_type="text/html")

        async def script(request: Request) -> Response:
            return FileResponse(SCRIPTS[request.path_params["of"]] / request.path_params["name"])

        shop = Starlette(routes=[Route("/lib/{of}/{name}", script), Route("/{rest:path}", page)])
        async with serving(shaky, hub_at), serving(shop, shop_at):
            yield stage


@pytest_asyncio.fixture(loop_scope="session")
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    await installed()
    async with staged(tmp_path / "data") as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    async with await browser.new_context() as context:
        yield await context.new_page()


def html(library: str, script: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>'
        f'<script src="/lib/{library}/index.js"></script></head><body><h1>Shop</h1>'
        f"<script>{script}</script></body></html>"
    )


def segment(stage: Stage, **options: Any) -> str:
    hub = stage.hub.settings.origin
    load = json.dumps({"writeKey": stage.key, "cdnURL": hub})
    more = json.dumps({"integrations": {"Segment.io": options}} if options else {})
    return html(
        "segment", f"const sdk = AnalyticsNext.AnalyticsBrowser.load({load}, {more});{CALLS}"
    )


def rudder(stage: Stage, **options: Any) -> str:
    hub = stage.hub.settings.origin
    more = json.dumps({"configUrl": hub, "logLevel": "ERROR", **options})
    return html(
        "rudder",
        "const sdk = window.rudderanalytics?.RudderAnalytics"
        " ? new window.rudderanalytics.RudderAnalytics() : window.rudderanalytics;"
        f'sdk.load("{stage.key}", "{hub}", {more});{CALLS}',
    )


@pytest.mark.parametrize("failing", [0, 1])
async def test_segments_library_sends_each_event_once(
    stage: Stage, page: Page, failing: int
) -> None:
    stage.failing = failing
    stage.html = segment(stage)
    await page.goto(stage.shop)
    assert await stage.names(4) == ARRIVED
    if failing:  # the event whose answer was lost comes again, and is one all the same
        await stage.called(5)
    assert {path for path in stage.posts if not path.endswith("/m")} <= {
        "/v1/i", "/v1/t", "/v1/p", "/v1/g",
    }  # fmt: skip
    bodies = await stage.bodies()
    assert bodies["Product Added"]["properties"]["price"] == 12.5
    assert bodies["Identified"]["traits"] == {"plan": "gold"}
    assert bodies["Grouped"]["groupId"] == "g1"
    assert await stage.names(4) == ARRIVED


async def test_segments_library_sends_batches_also_when_the_page_is_left(
    stage: Stage, page: Page
) -> None:
    batching = {"size": 3, "timeout": 60_000}
    stage.html = segment(stage, deliveryStrategy={"strategy": "batching", "config": batching})
    await page.goto(stage.shop)
    await stage.names(3)
    await page.goto("about:blank")  # what waits for a full batch goes now
    assert await stage.names(4) == ARRIVED
    assert {path for path in stage.posts if not path.endswith("/m")} == {"/v1/b"}


@pytest.mark.parametrize("failing", [0, 1])
async def test_rudderstacks_library_sends_each_event_once(
    stage: Stage, page: Page, failing: int
) -> None:
    stage.failing = failing
    stage.html = rudder(stage)
    await page.goto(stage.shop)
    assert await stage.names(4) == ARRIVED
    if failing:
        await stage.called(5)
    bodies = await stage.bodies()
    assert bodies["Product Added"]["properties"]["price"] == 12.5
    assert bodies["Identified"]["traits"] == {"plan": "gold"}
    assert await stage.names(4) == ARRIVED


async def test_rudderstacks_library_leaves_by_beacon(stage: Stage, page: Page) -> None:
    stage.html = rudder(stage, useBeacon=True, beaconQueueOptions={"flushQueueInterval": 600_000})
    await page.goto(stage.shop)
    await page.wait_for_function(
        "() => Object.keys(localStorage).some((key) => key.includes('queue'))"
    )
    await page.goto("about:blank")
    assert await stage.names(4) == ARRIVED
    assert set(stage.posts) == {"/beacon/v1/batch"}
