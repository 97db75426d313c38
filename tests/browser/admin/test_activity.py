"""The chart of the overview: by keyboard, as a table, light and dark, and without any script."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.admin.conftest import Admin
from tests.browser.admin.test_pages import AXE, RUN_AXE, SIZES

ALIVE = "#activity[data-alive]"
# The colours in the drawing, without the see-through ones.
COLOURS = """() => {
  const { width, height } = document.querySelector('#activity canvas')
  const data = document.querySelector('#activity canvas').getContext('2d')
    .getImageData(0, 0, width, height).data
  const found = {}
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255)
    found[`${data[i]},${data[i + 1]},${data[i + 2]}`] = true
  return Object.keys(found)
}"""


async def rows(page: Page) -> list[list[str]]:
    """The table as numbers, the newest day first."""
    found: list[list[str]] = await page.evaluate(
        "[...document.querySelectorAll('#activity tbody tr')].map(row =>"
        " [...row.children].map(cell => cell.textContent.trim()))"
    )
    return found


async def faults(page: Page, admin: Admin) -> list[Any]:
    await page.evaluate(AXE)
    found = [*await page.evaluate(RUN_AXE), *await page.evaluate("window.reports")]
    return [*found, *admin.complaints]


async def test_the_chart_says_by_keyboard_what_the_table_says(
    admin: Admin, browser: Browser
) -> None:
    async with admin.signed_in(browser, viewport=SIZES["phone"]) as page:
        await page.goto("/admin/")
        chart = page.get_by_role("slider", name="Page views, events and orders per day")
        await expect(chart).to_be_visible()
        await chart.focus()
        await page.keyboard.press("End")
        last = await chart.get_attribute("aria-valuetext")
        await page.keyboard.press("ArrowLeft")
        before = await chart.get_attribute("aria-valuetext")
        assert last != before
        await page.keyboard.press("Home")
        assert await chart.get_attribute("aria-valuenow") == "0"
        await page.keyboard.press("ArrowLeft")  # there is nothing further left
        assert await chart.get_attribute("aria-valuenow") == "0"
        assert await faults(page, admin) == []
        toggle = page.get_by_role("button", name="As a table")
        await toggle.focus()
        await page.keyboard.press("Enter")
        await expect(toggle).to_have_attribute("aria-pressed", "true")
        table = await rows(page)
        assert len(table) == 30
        answer = await (await page.request.get("/api/v1/activity?days=30")).json()
        newest = answer["days"][-1]
        assert newest["events"] > 0
        assert table[0][1:] == [str(newest[name]) for name in ("views", "events", "orders")]
        assert last and last.endswith("Page views {}, Events {}, Orders {}".format(*table[0][1:]))
        assert await faults(page, admin) == []
        await page.get_by_role("button", name="90 days").click()
        await expect(page.locator("#activity tbody tr")).to_have_count(90)


async def test_without_scripts_the_table_is_there(admin: Admin, browser: Browser) -> None:
    async with admin.signed_in(browser, java_script_enabled=False) as page:
        await page.goto("/admin/")
        region = page.get_by_role("region", name="Page views, events and orders per day")
        await expect(region.locator("tbody tr")).to_have_count(30)
        await expect(page.locator("#activity canvas")).to_have_count(0)


@pytest.mark.full
async def test_numbers_that_can_not_be_read_leave_what_is_there(
    admin: Admin, browser: Browser
) -> None:
    async with admin.signed_in(browser) as page:
        failing = True

        async def answer(route: Route) -> None:
            await (route.fulfill(status=500, body="{}") if failing else route.continue_())

        await page.route("**/api/v1/activity*", answer)
        async with page.expect_response("**/api/v1/activity*"):
            await page.goto("/admin/")
        await expect(page.locator("#activity tbody tr")).to_have_count(30)
        failing = False
        await page.reload()
        await expect(page.locator(ALIVE)).to_be_visible()
        failing = True
        await page.get_by_role("button", name="7 days", exact=True).click()
        await expect(page.get_by_role("alert")).to_contain_text("could not be read")
        pressed = page.get_by_role("button", name="30 days")
        await expect(pressed).to_have_attribute("aria-pressed", "true")
        failing = False
        await page.get_by_role("button", name="7 days", exact=True).click()
        await expect(page.get_by_role("alert")).to_have_count(0)
        assert admin.complaints == []


@pytest.mark.full
async def test_the_drawing_follows_the_theme_and_the_width(admin: Admin, browser: Browser) -> None:
    async with admin.signed_in(browser, viewport=SIZES["desk"], reduced_motion="reduce") as page:
        await page.goto("/admin/")
        await expect(page.locator(ALIVE)).to_be_visible()
        light = await page.evaluate(COLOURS)
        assert "15,102,90" in light, "views are drawn in the accent of the light theme"
        await page.get_by_role("button", name="Light or dark").click()
        await page.wait_for_function(f"({COLOURS})().includes('111,203,184')")
        assert await faults(page, admin) == []
        await page.set_viewport_size(SIZES["phone"])
        await page.wait_for_function(
            "document.querySelector('#activity .uplot').clientWidth <= innerWidth"
        )
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        moving = await page.evaluate("document.getAnimations().length")
        assert moving == 0
