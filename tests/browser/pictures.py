"""Takes the pictures of the README: python -m tests.browser.pictures"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import Page, async_playwright

from hub.clock import SystemClock
from hub.demo.run import Demo, running_demo
from tests.browser.conftest import FLAGS, find_chromium

FOLDER = Path(__file__).resolve().parents[2] / "config" / "pictures"
SIZE = {"width": 1200, "height": 800}
SHOPPING_SECONDS = 25


async def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with (
            running_demo(Path(folder), SystemClock(), port=0, rate=1200, seed=7) as demo,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(
                executable_path=find_chromium(playwright), args=FLAGS
            )
            await asyncio.sleep(SHOPPING_SECONDS)
            shop = await (await browser.new_context(viewport=SIZE)).new_page()
            await take_shop(demo, shop)
            admin = await (await browser.new_context(viewport=SIZE)).new_page()
            await take_admin(demo, admin)
            await browser.close()


async def take_shop(demo: Demo, page: Page) -> None:
    await page.goto(demo.shop_url)
    await page.get_by_role("button", name="Yes, remember me").click()
    for shelf in ("coffee", "brewing", "cups"):
        await page.goto(f"{demo.shop_url}/product-category/{shelf}/")
        await page.locator("main a[href*='/product/']").first.click()
        await page.wait_for_load_state("networkidle")
    banner = page.get_by_text("Still thinking it over?")
    for _ in range(10):  # on a busy machine an answer may come too late for its slot
        await page.goto(demo.shop_url)
        await page.wait_for_load_state("networkidle")
        if await banner.is_visible():
            break
    await banner.wait_for(timeout=1000)
    await page.screenshot(path=FOLDER / "shop.png")


async def take_admin(demo: Demo, page: Page) -> None:
    await page.goto(demo.login)
    rows = await demo.hub.database.fetch(
        "SELECT id FROM person WHERE trusted AND orders > 0 ORDER BY events DESC LIMIT 1"
    )
    newest = await demo.hub.database.fetch(
        "SELECT id FROM decision WHERE record LIKE ? ORDER BY at DESC LIMIT 1",
        ('%"won":["welcome-back"%',),
    )
    places = {
        "person": f"people/{rows[0][0]}",
        "editor": "widgets/welcome-back",
        "why": f"decisions/{newest[0][0]}",
    }
    for name, path in places.items():
        await page.goto(f"{demo.hub_url}/admin/{path}")
        await page.wait_for_load_state("networkidle")
        await page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    asyncio.run(main())
