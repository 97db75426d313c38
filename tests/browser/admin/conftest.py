"""A filled hub on a free port, and a browser that is signed in to it and notes every complaint."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from hub.clock import SystemClock
from hub.core import Hub
from hub.flows.entry_links import login_link
from hub.flows.run import open_hub
from hub.settings import Settings
from hub.web.admin.install import PLATFORMS
from hub.web.app import create_app
from hub.web.server import bind, serving
from tests.web.admin.seed import EMAIL, seed

# Kept by the browser over page loads: anything in it is a fault of ours.
WATCH = """
window.reports = [];
document.addEventListener('securitypolicyviolation', event => {
  window.reports.push(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample);
});
"""


class Admin:
    """The pages of one hub, in one browser context."""

    def __init__(self, hub: Hub, origin: str, ids: dict[str, Any]) -> None:
        self.hub = hub
        self.origin = origin
        self.ids = ids
        self.complaints: list[str] = []

    @asynccontextmanager
    async def signed_in(self, browser: Browser, **options: Any) -> AsyncIterator[Page]:
        """A fresh page of the owner; dialogs, script faults and policy reports are noted."""
        async with await browser.new_context(base_url=self.origin, **options) as context:
            page = await self._watched(context)
            link = await login_link(self.hub, EMAIL)
            await page.goto(link)
            yield page

    async def _watched(self, context: BrowserContext) -> Page:
        await context.add_init_script(WATCH)
        page = await context.new_page()

        async def refuse(dialog: Any) -> None:
            self.complaints.append(f"dialog: {dialog.message}")
            await dialog.dismiss()

        page.on("dialog", refuse)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(f"console: {message.text}")
                if "Content Security Policy" in message.text
                else None
            ),
        )
        return page

    async def paths(self) -> list[str]:
        """Every page there is, with the ids of this hub."""
        fetch = self.hub.database.fetch
        order = (await fetch("SELECT id FROM shop_order ORDER BY id LIMIT 1"))[0][0]
        product = (await fetch("SELECT id FROM product ORDER BY id LIMIT 1"))[0][0]
        await self.hub.dictionary.caught_up()
        await self.hub.letters.flush()
        letter = (await fetch("SELECT MAX(id) FROM dead_letter"))[0][0]
        event = (await fetch("SELECT id FROM seen_kind ORDER BY n DESC LIMIT 1"))[0][0]
        return [
            "/", "/people", f"/people/{self.ids['person']}", "/live", "/widgets",
            "/widgets/welcome-back", "/widgets/free-delivery", "/widgets/picks",
            "/widgets/free-delivery?tab=text", "/widgets/free-delivery?check=1",
            "/widgets/free-delivery/versions", "/decisions", f"/decisions/{self.ids['decision']}",
            "/orders", f"/orders/{order}", "/products", f"/products/{product}", "/sources",
            "/events", f"/events/{event}", "/dead-letters", f"/dead-letters/{letter}",
            f"/sources/{self.ids['source']}",
            f"/sources/{self.ids['source']}/tee",
            f"/sources/{self.ids['source']}/plan",
            f"/sources/{self.ids['source']}/plan?made=arrived",
            *(f"/sources/{self.ids['source']}/install?platform={p}" for p in PLATFORMS),
            "/connections", "/connections/new/woocommerce", "/team", "/tokens", "/settings",
            "/account", "/health", "/identity", "/privacy", "/privacy/map",
            "/privacy/audit?check=1", "/nothing-here",
            f"/people/{self.ids['person']}/erase", f"/people/{self.ids['person']}/export",
            f"/people/{self.ids['person']}/then",
            f"/people/{self.ids['person']}/fact?key=first_name",
        ]  # fmt: skip


@asynccontextmanager
async def open_admin(folder: Path, texts: list[str] | None = None) -> AsyncIterator[Admin]:
    """A served hub, filled; `texts` take the place of names and titles."""
    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    async with open_hub(Settings(data_dir=folder, port=port), SystemClock()) as hub:
        ids = await seed(hub, texts)
        async with serving(create_app(hub), listener):
            yield Admin(hub, f"http://127.0.0.1:{port}", ids)


@pytest_asyncio.fixture(loop_scope="session")
async def admin(tmp_path: Path) -> AsyncIterator[Admin]:
    """A filled hub."""
    async with open_admin(tmp_path) as opened:
        yield opened
