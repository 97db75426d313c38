"""Every admin page in a real browser: no complaint of the policy, no script fault, no barrier."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.admin.conftest import Admin

AXE = (Path(__file__).parents[1] / "axe.min.js").read_text()
RUN_AXE = (
    "axe.run().then(found => found.violations.map(v => v.id + ': ' + v.nodes.map("
    "n => n.target.join(' ') + ' ' + n.failureSummary).slice(0, 3).join(' | ')))"
)
SIZES = {"desk": {"width": 1360, "height": 900}, "phone": {"width": 390, "height": 844}}


async def check(page: Page, admin: Admin, path: str) -> None:
    answer = await page.goto(f"/admin{path}")
    assert answer is not None and answer.status in (200, 404), path
    await page.wait_for_load_state("networkidle")
    assert await page.evaluate("window.reports") == [], path
    assert admin.complaints == [], path
    await page.evaluate(AXE)
    assert await page.evaluate(RUN_AXE) == [], path
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{path} is {wide} px wider than the screen"


async def test_the_first_pages_have_no_fault(admin: Admin, browser: Browser) -> None:
    async with admin.signed_in(browser, viewport=SIZES["phone"]) as page:
        for path in ("/", f"/people/{admin.ids['person']}", "/widgets/welcome-back"):
            await check(page, admin, path)


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
async def test_no_page_has_a_fault(admin: Admin, browser: Browser, scheme: str, size: str) -> None:
    options = {"color_scheme": scheme, "viewport": SIZES[size], "locale": "nl-NL"}
    async with admin.signed_in(browser, **options) as page:
        for path in await admin.paths():
            await check(page, admin, path)


async def test_the_preview_follows_what_is_typed_and_the_draft_is_kept(
    admin: Admin, browser: Browser
) -> None:
    async with admin.signed_in(browser, viewport=SIZES["desk"]) as page:
        await page.goto("/admin/widgets/welcome-back")
        frame = page.frame_locator("#preview")
        await expect(frame.get_by_text("Good to see you again")).to_be_visible()
        await page.get_by_label("Title").first.fill("Hello once more")
        await expect(frame.get_by_text("Hello once more")).to_be_visible()
        await expect(page.locator("#draft-state")).to_have_text("Draft saved")
        await page.get_by_label("Title").first.fill("")
        await expect(page.locator("[data-fault='content.en.title']")).to_have_text(
            "write the title"
        )
        await page.reload()
        await expect(page.get_by_label("Title").first).to_have_value("")
        assert await page.evaluate("window.reports") == []
        assert admin.complaints == []


async def test_a_rule_is_built_with_the_keyboard(admin: Admin, browser: Browser) -> None:
    async with admin.signed_in(browser, viewport=SIZES["desk"]) as page:
        await page.goto("/admin/widgets/picks")
        await page.get_by_role("button", name="+ condition").press("Enter")
        kind = page.get_by_label("Condition", exact=True)
        await kind.select_option("device")
        await page.locator("[name='w.0.is']").select_option("phone")
        await expect(page.locator("#rule-words")).to_have_text("the device is a phone")
        await page.get_by_role("button", name="+ group").press("Enter")
        await expect(page.locator(".rule-row")).to_have_count(2)
        await expect(page.locator("#draft-state")).to_have_text("Draft saved")
        await page.get_by_role("button", name="Remove this group").press("Enter")
        await expect(page.locator(".rule-row")).to_have_count(1)
        await expect(page.locator("#draft-state")).to_have_text("Draft saved")
        await page.get_by_role("button", name="Publish").press("Enter")
        await expect(page.get_by_text("version 2 is live")).to_be_visible()
        assert admin.hub.published.widgets["picks"].text.when == {
            "all": [{"device": {"is": "phone"}}]
        }


async def test_searching_people_needs_no_reload(admin: Admin, browser: Browser) -> None:
    async with admin.signed_in(browser, viewport=SIZES["desk"]) as page:
        await page.goto("/admin/people")
        await expect(page.get_by_role("link", name="kim@example.org")).to_be_visible()
        await page.get_by_label("E-mail, name, phone or id").press_sequentially("anna")
        await expect(page.get_by_role("link", name="kim@example.org")).to_have_count(0)
        await expect(page.get_by_role("link", name="Anna Ceramic teapot")).to_be_visible()
        assert admin.complaints == []


async def test_the_colours_can_be_chosen_and_stay(admin: Admin, browser: Browser) -> None:
    async with admin.signed_in(browser, viewport=SIZES["desk"], color_scheme="light") as page:
        await page.get_by_role("button", name="Light or dark").click()
        await page.goto("/admin/people")
        await expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


async def test_new_events_appear_by_themselves(admin: Admin, browser: Browser) -> None:
    async with admin.signed_in(browser, viewport=SIZES["desk"]) as page:
        await page.goto("/admin/live")
        source = admin.hub.sources[admin.ids["source"]]
        await page.evaluate(
            "key => fetch('/v1/track', {method: 'POST', body: JSON.stringify("
            "{writeKey: key, event: 'Teapot Polished', anonymousId: 'a1'})})",
            source.write_key,
        )
        await expect(page.get_by_text("Teapot Polished")).to_be_visible()
        assert admin.complaints == []
