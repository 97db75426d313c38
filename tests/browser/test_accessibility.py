"""No page that a visitor sees has a fault that axe can find, with our widgets on it or without."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from hub.clock import SystemClock
from hub.demo.run import Demo, running_demo
from hub.flows.unsubscribe import make_unsubscribe_link

AXE = (Path(__file__).parent / "axe.min.js").read_text()
WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
ADA = "ada@example.com"
# The frame of a mail runs no scripts, so axe can not look into it; a test looks at the mail itself.
RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'], iframes: false })
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
    `${id}: ${target.flat().join(' ')} on ${location.pathname}: ${failureSummary}`))
}"""
# A page that has never been looked at by axe passes every test: this one has faults.
FAULTY = (
    "<html><body><img src='/x.png'><button></button><p style='color:#bbb'>pale</p></body></html>"
)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """The demo shop with nobody in it."""
    folder = tmp_path_factory.mktemp("demo")
    async with running_demo(folder, SystemClock(), port=0, rate=0, seed=7) as running:
        yield running


def looks(*fast: str) -> pytest.MarkDecorator:
    """Every look is tried in the long tier, some of them always."""
    return pytest.mark.parametrize(
        ("scheme", "size"),
        [
            pytest.param(scheme, size, id=name, marks=[] if name in fast else [pytest.mark.full])
            for name, scheme, size in (
                ("light wide", "light", WIDE),
                ("light phone", "light", PHONE),
                ("dark wide", "dark", WIDE),
                ("dark phone", "dark", PHONE),
            )
        ],
    )


@asynccontextmanager
async def visitor(browser: Browser, scheme: Any, size: Any) -> AsyncIterator[Page]:
    async with await browser.new_context(
        locale="en-GB", color_scheme=scheme, viewport=size, reduced_motion="reduce"
    ) as context:
        yield await context.new_page()


async def faults(page: Page) -> list[str]:
    """What axe finds on the page as it is now, in open shadow roots too: "rule: where on page"."""
    await page.evaluate(AXE)
    found: list[str] = await page.evaluate(RUN)
    return found


async def test_axe_finds_faults_where_there_are_some(browser: Browser) -> None:
    async with visitor(browser, "light", WIDE) as page:
        await page.set_content(FAULTY)
        found = {fault.partition(":")[0] for fault in await faults(page)}
    assert {"image-alt", "button-name", "color-contrast", "html-has-lang"} <= found


@looks("light wide", "dark phone")
async def test_the_widgets(demo: Demo, browser: Browser, scheme: Any, size: Any) -> None:
    async with visitor(browser, scheme, size) as page:
        await page.clock.install()
        await page.goto(demo.shop_url)
        await expect(page.get_by_text("May we remember you?")).to_be_visible()
        found = await faults(page)
        await page.get_by_text("Choose", exact=True).click()
        await expect(page.get_by_role("button", name="Save")).to_be_visible()
        found += await faults(page)
        await page.get_by_role("button", name="Yes, remember me").click()
        async with asyncio.timeout(20):  # the shop's policy forbids Playwright's own way to wait
            while not await page.evaluate("localStorage.rgl_t !== undefined"):
                await page.wait_for_timeout(20)
        await look_at_products(demo, page)
        await expect(page.get_by_text("Others also looked at")).to_be_visible()
        found += await faults(page)
        await page.goto(demo.shop_url)
        await expect(page.get_by_text("Still thinking it over?")).to_be_visible()
        await expect(page.get_by_role("heading", name="You looked at")).to_be_visible()
        found += await faults(page)
        dialog = await opened_dialog(page)
        found += await faults(page)
        await dialog.get_by_role("button", name="Sign me up").click()
        await expect(dialog.get_by_role("alert")).not_to_be_empty()
        found += await faults(page)
        await dialog.get_by_role("textbox").fill(ADA)
        await dialog.get_by_role("checkbox").check()
        await dialog.get_by_role("button", name="Sign me up").click()
        await expect(dialog.get_by_role("status")).to_contain_text("Almost there")
        found += await faults(page)
    assert found == []


async def look_at_products(demo: Demo, page: Page) -> None:
    links = await page.locator("main a[href*='/product/']").evaluate_all("a => a.map(x => x.href)")
    for link in list(dict.fromkeys(links))[1:4]:
        await page.goto(link)
        async with page.expect_response("**/v1/batch"):
            await page.evaluate("dispatchEvent(new Event('pagehide'))")
    last = (await demo.hub.database.fetch("SELECT MAX(seq) FROM log"))[0][0]
    await demo.hub.views.reached(last)


async def opened_dialog(page: Page) -> Any:
    await page.clock.fast_forward(15_000)
    dialog = page.get_by_role("dialog", name="A letter now and then")
    await expect(dialog).to_be_visible()
    return dialog


@looks("light wide")
async def test_the_shop(demo: Demo, browser: Browser, scheme: Any, size: Any) -> None:
    async with visitor(browser, scheme, size) as page:
        await page.goto(demo.shop_url)
        await page.get_by_role("button", name="No, thanks").click()
        found = []
        for path in ("/product-category/coffee/", "/search/?q=tea", "/search/?q=xyzzy", "/nowhere/",
                     "/cart/", "/privacy/", "/my-account/"):  # fmt: skip
            await page.goto(demo.shop_url + path)
            found += await faults(page)
        await page.goto(f"{demo.shop_url}/product-category/coffee/")
        await page.locator("main a[href*='/product/']").first.click()
        found += await faults(page)
        await page.get_by_role("button", name="Add to cart").click()
        await expect(page.get_by_text("is in your cart")).to_be_visible()
        found += await faults(page)
        await page.goto(f"{demo.shop_url}/cart/")
        found += await faults(page)
        await page.goto(f"{demo.shop_url}/checkout/")
        found += await faults(page)
        found += await bought(page)
        await page.goto(f"{demo.shop_url}/my-account/")
        await page.get_by_label("E-mail address").fill(ADA)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_text("You are signed in as")).to_be_visible()
        found += await faults(page)
    assert found == []


async def bought(page: Page) -> list[str]:
    """Sends the form with faults in it, then as it should be."""
    await page.locator("#order").evaluate("form => form.noValidate = true")
    await page.get_by_role("button", name="Place order").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    found = await faults(page)
    for field, value in {
        "E-mail": ADA, "First name": "Ada", "Last name": "Byron", "Street": "Street 1",
        "Postcode": "3511 AA", "Town": "Utrecht",
    }.items():  # fmt: skip
        await page.get_by_label(field).first.fill(value)
    await page.get_by_role("button", name="Place order").click()
    await page.wait_for_url("**/order-received/**")
    return found + await faults(page)


@looks("dark phone")
async def test_the_mail_and_its_pages(demo: Demo, browser: Browser, scheme: Any, size: Any) -> None:
    address = f"reader-{scheme}-{size['width']}@example.com"
    async with visitor(browser, scheme, size) as page:
        await page.goto(f"{demo.inbox_url}/mail/0")
        found = await faults(page)
        await sign_up(demo, page, address)
        await page.goto(demo.inbox_url)
        found += await faults(page)
        await page.get_by_role("link", name=address).click()
        for part in ("As plain text", "Headers"):
            await page.get_by_text(part).click()
        found += await faults(page)
        letter = page.frame_locator("iframe")
        link = await letter.get_by_role("link", name="Yes, send me news").get_attribute("href")
        assert link is not None
        await page.goto(link)
        found += await faults(page)
        await page.get_by_role("button").click()
        await expect(page.get_by_role("link", name="Back to")).to_be_visible()
        found += await faults(page)
        await page.goto(link)
        await expect(page.get_by_role("heading", name="no longer valid")).to_be_visible()
        found += await faults(page)
        found += await unsubscribed(demo, page, address)
        await page.goto(demo.inbox_url)
        await page.get_by_role("button", name="Empty it").click()
        await expect(page.get_by_text("No mail yet.")).to_be_visible()
        found += await faults(page)
    assert found == []


async def sign_up(demo: Demo, page: Page, address: str) -> None:
    body = {"writeKey": demo.source.write_key, "token": None, "widget": "newsletter", "version": 1,
            "email": address, "text_version": "", "page": {"url": demo.shop_url}}  # fmt: skip
    answer = await page.request.post(f"{demo.hub_url}/v1/subscribe", data=body)
    assert answer.ok, await answer.text()
    await demo.inbox.mail_to(address, timeout=20)


async def unsubscribed(demo: Demo, page: Page, address: str) -> list[str]:
    link = make_unsubscribe_link(
        demo.hub, email=address, purpose="marketing", source_id=demo.source.id, locale="en"
    )
    await page.goto(link)
    found = await faults(page)
    await page.get_by_role("button").click()
    await expect(page.get_by_role("heading")).to_be_visible()
    return found + await faults(page)


async def test_the_letter_itself(demo: Demo, browser: Browser) -> None:
    async with visitor(browser, "light", PHONE) as page:
        await sign_up(demo, page, "letter@example.com")
        mail = await demo.inbox.mail_to("letter@example.com")
        await page.set_content(mail.html)
        found = [f for f in await faults(page) if f.partition(":")[0] not in MAIL_IS_NO_PAGE]
    assert found == []


# A mail has no landmarks: mail programs put it into a page of their own.
MAIL_IS_NO_PAGE = {"region", "landmark-one-main", "page-has-heading-one"}
