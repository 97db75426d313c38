"""The whole loop, as a shop owner would try it in ten minutes, in a real browser.

A visitor comes, agrees, looks around and sees the page change; she signs up, confirms by mail and
is known; the marketer edits a rule and her next page shows it; her order arrives from the shop; she
withdraws her consent and nothing personal is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from hub.clock import SystemClock
from hub.demo.run import Demo, running_demo

ADA = "ada@example.com"


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    """The demo shop with nobody in it."""
    async with running_demo(tmp_path, SystemClock(), port=0, rate=0, seed=7) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(browser: Browser) -> AsyncIterator[Page]:
    """Ada's browser, fresh."""
    async with await browser.new_context(locale="en-GB") as context:
        yield await context.new_page()


@pytest_asyncio.fixture(loop_scope="session")
async def marketer(browser: Browser, demo: Demo) -> AsyncIterator[Page]:
    """The marketer's browser, logged in."""
    async with await browser.new_context(locale="en-GB") as context:
        page = await context.new_page()
        await page.goto(demo.login)
        yield page


async def test_the_loop(demo: Demo, visitor: Page, marketer: Page) -> None:
    await a_new_visitor_is_not_remembered(demo, visitor)
    await she_agrees_and_looks_around(visitor)
    await the_page_changes(demo, visitor)
    await she_signs_up(demo, visitor)
    await she_confirms_by_mail(demo, visitor)
    await she_is_known(marketer, demo)
    await the_marketer_edits_a_rule(marketer, demo)
    await the_shop_page_changes(demo, visitor)
    await she_orders(demo, visitor)
    await the_person_page_shows_the_order(marketer, demo)
    await she_withdraws(demo, visitor)


async def a_new_visitor_is_not_remembered(demo: Demo, visitor: Page) -> None:
    await shows(visitor, demo.shop_url, visitor.get_by_text("The autumn teas are in"))
    await expect(visitor.get_by_role("button", name="Yes, remember me")).to_be_visible()
    assert await stored(visitor) == []
    assert await known_people(demo) == await people_of_the_shop(demo)


async def she_agrees_and_looks_around(visitor: Page) -> None:
    await visitor.get_by_role("button", name="Yes, remember me").click()
    await until(visitor, "localStorage.rgl_t !== undefined")
    for name in ("Coffee", "Tea", "Lighting"):
        shelves = visitor.get_by_role("navigation")
        await shelves.get_by_role("link", name=name, exact=True).first.click()
        await visitor.locator("main a[href*='/product/']").first.click()
        await visitor.wait_for_load_state()
        await sent(visitor)


async def the_page_changes(demo: Demo, visitor: Page) -> None:
    await shows(visitor, visitor.url, visitor.get_by_text("Others also looked at"))
    await projected(demo)
    await shows(visitor, demo.shop_url, visitor.get_by_text("Still thinking it over?"))
    await expect(visitor.get_by_role("heading", name="You looked at")).to_be_visible()


async def she_signs_up(demo: Demo, visitor: Page) -> None:
    dialog = visitor.get_by_role("dialog", name="A letter now and then")
    await expect(dialog).to_be_visible(timeout=20_000)
    await dialog.get_by_role("textbox").fill(ADA)
    await dialog.get_by_role("checkbox").check()
    await dialog.get_by_role("button", name="Sign me up").click()
    await expect(dialog.get_by_role("status")).to_contain_text("Almost there")


async def she_confirms_by_mail(demo: Demo, visitor: Page) -> None:
    await demo.inbox.waited_for(1, timeout=20)
    await visitor.goto(demo.inbox_url)
    await visitor.get_by_role("link", name="Please confirm").first.click()
    mail = visitor.frame_locator("iframe")
    link = await mail.get_by_role("link", name="Yes, send me news").get_attribute("href")
    assert link is not None
    assert await email_consent(demo) == "requested"
    await visitor.goto(link)
    assert await email_consent(demo) == "requested", "opening the link alone must confirm nothing"
    await visitor.get_by_role("button").first.click()
    await visitor.get_by_role("link", name="Back to").first.click()
    await visitor.wait_for_url(f"{demo.shop_url}/**")
    await until(visitor, "!location.search.includes('rgl_k')")
    assert await email_consent(demo) == "granted"


async def she_is_known(marketer: Page, demo: Demo) -> None:
    await projected(demo)
    await marketer.goto(f"{demo.hub_url}/admin/people?q={ADA}")
    await marketer.get_by_role("link", name=ADA).first.click()
    main = marketer.get_by_role("main")
    await expect(main.get_by_text("Product Viewed").first).to_be_visible()
    await expect(main.get_by_text("verified", exact=False).first).to_be_visible()
    rows = await demo.hub.database.fetch(
        "SELECT COUNT(DISTINCT p.core_id) FROM node_person p JOIN node n ON n.id = p.node_id "
        "WHERE n.type IN ('device', 'email') AND p.person_id = (SELECT p.person_id FROM "
        "node_person p JOIN node n ON n.id = p.node_id WHERE n.value = ?)",
        (ADA,),
    )
    assert rows[0][0] == 1, "the confirmed link makes the device hers, verified"


async def the_marketer_edits_a_rule(marketer: Page, demo: Demo) -> None:
    await marketer.goto(f"{demo.hub_url}/admin/widgets/welcome-back")
    await marketer.get_by_label("Title").first.fill("Your finds are waiting")
    await marketer.get_by_role("button", name="Publish").first.click()
    await expect(marketer.get_by_text("version 2", exact=False).first).to_be_visible()


async def the_shop_page_changes(demo: Demo, visitor: Page) -> None:
    await shows(visitor, demo.shop_url, visitor.get_by_text("Your finds are waiting"))


async def she_orders(demo: Demo, visitor: Page) -> None:
    await visitor.goto(f"{demo.shop_url}/product-category/coffee/")
    await visitor.locator("main a[href*='/product/']").first.click()
    await visitor.get_by_role("button", name="Add to cart").click()
    await visitor.goto(f"{demo.shop_url}/checkout/")
    for field, value in {
        "E-mail": ADA, "First name": "Ada", "Last name": "Byron", "Street": "Street 1",
        "Postcode": "3511 AA", "Town": "Utrecht",
    }.items():  # fmt: skip
        await visitor.get_by_label(field).first.fill(value)
    await visitor.get_by_role("button", name="Place order").click()
    await visitor.wait_for_url("**/order-received/**")
    await sent(visitor)


async def the_person_page_shows_the_order(marketer: Page, demo: Demo) -> None:
    await marketer.goto(f"{demo.hub_url}/admin/people?q={ADA}")
    await (
        marketer.get_by_role("link", name="Ada Byron")
        .or_(marketer.get_by_role("link", name=ADA))
        .first.click()
    )
    await expect(marketer.get_by_text("Order Completed").first).to_be_visible()


async def she_withdraws(demo: Demo, visitor: Page) -> None:
    await visitor.goto(f"{demo.shop_url}/privacy/")
    await visitor.get_by_role("button", name="Change cookie choice").click()
    await visitor.get_by_role("button", name="No, thanks").click()
    await until(visitor, "localStorage.length === 0")
    assert await stored(visitor) == []
    await shows(visitor, demo.shop_url, visitor.get_by_text("The autumn teas are in"))
    await expect(visitor.get_by_role("heading", name="You looked at")).to_have_count(0)


async def shows(page: Page, url: str, what: Locator) -> None:
    """Open a page until it shows something: an answer later than 300 ms leaves the shop's own
    content in its slot, and a busy machine may be that late."""
    for _ in range(10):
        await page.goto(url)
        await page.wait_for_load_state("networkidle")
        if await what.is_visible():
            return
    await expect(what).to_be_visible()


async def until(page: Page, expression: str) -> None:
    """Wait for the page to reach a state. The shop's policy forbids Playwright's own way of it."""
    async with asyncio.timeout(20):
        while not await page.evaluate(expression):
            await page.wait_for_timeout(20)


async def stored(page: Page) -> list[str]:
    """What the snippet keeps on this device. The shop's own session cookie is the shop's."""
    keys: list[str] = await page.evaluate(
        "[...Object.keys(localStorage), ...Object.keys(sessionStorage)]"
    )
    context: BrowserContext = page.context
    cookies = [c["name"] for c in await context.cookies() if not c["name"].startswith("shop_")]
    return [*keys, *cookies]


async def sent(page: Page) -> None:
    """Make the snippet send what waits, as it does when a page is left, and wait for the answer."""
    async with page.expect_response("**/v1/batch"):
        await page.evaluate("dispatchEvent(new Event('pagehide'))")


async def projected(demo: Demo) -> None:
    last = (await demo.hub.database.fetch("SELECT MAX(seq) FROM log"))[0][0]
    await demo.hub.views.reached(last)


async def known_people(demo: Demo) -> int:
    return int((await demo.hub.database.fetch("SELECT COUNT(*) FROM person"))[0][0])


async def people_of_the_shop(demo: Demo) -> int:
    """Those who came with the shop's own customers and orders."""
    rows = await demo.hub.database.fetch(
        "SELECT COUNT(DISTINCT p.person_id) FROM node_person p JOIN node n ON n.id = p.node_id "
        "WHERE n.type IN ('customer', 'email')"
    )
    return int(rows[0][0])


async def email_consent(demo: Demo) -> str:
    await projected(demo)
    rows = await demo.hub.database.fetch(
        "SELECT c.state FROM consent c JOIN node n ON n.id = c.node_id "
        "WHERE n.value = ? ORDER BY c.seq DESC LIMIT 1",
        (ADA,),
    )
    return str(rows[0][0])
