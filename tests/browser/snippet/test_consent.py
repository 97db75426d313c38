"""What is kept and sent before, with and after consent (assurance C1, C3)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page

STORED = "() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
NOTHING = '[{},{},""]'
# What a page about to go away tells the snippet; it then sends whatever it may send.
LEAVE = "() => window.dispatchEvent(new Event('pagehide'))"
BANNER = "[data-regulars-overlay] section.n"
YES = {"analytics": True, "personalisation": True}


def marker(hub: Any) -> None:
    """A widget that shows that the answer arrived, in a slot of its own."""
    hub.decisions = [
        {"slot": None, "widget": "m", "version": 1, "type": "banner", "content": {"title": "M"}}
    ]


async def open_page(page: Page, hub: Any, path: str = "/") -> None:
    await page.goto(hub.shop + path)
    await hub.asked("/v1/decide")
    await page.wait_for_selector("[data-regulars-overlay]", state="attached")


async def test_nothing_is_stored_and_no_id_leaves_before_consent(page: Page, hub: Any) -> None:
    await open_page(page, hub, "/p?x=1")
    await page.evaluate("regulars('identify', 'u1', {email: 'a@example.com'})")
    await page.evaluate("regulars('track', 'Product Added', {product_id: '7'})")
    await page.evaluate(LEAVE)
    await page.goto(hub.shop + "/next")
    await hub.asked("/v1/decide", 2)
    assert {path for path, _ in hub.requests} == {"/v1/decide"}
    assert all(body["token"] is None for _, body in hub.requests)
    assert "u1" not in json.dumps(hub.requests) and "example.com" not in json.dumps(hub.requests)
    assert all("cookie" not in headers for headers in hub.headers)
    assert await page.evaluate(STORED) == NOTHING


@pytest.mark.parametrize("remember", [False, True])
async def test_a_no_stores_nothing_unless_the_shop_asked_for_it(
    page: Page, hub: Any, remember: bool
) -> None:
    hub.consent["remember_decline"] = remember
    await open_page(page, hub)
    await page.locator(BANNER).get_by_role("button", name="Decline").click()
    assert await page.locator(BANNER).count() == 0
    await page.evaluate("regulars('track', 'Later')")
    await page.evaluate(LEAVE)
    await page.goto(hub.shop + "/next")
    await hub.asked("/v1/decide", 2)
    assert {path for path, _ in hub.requests} == {"/v1/decide"}
    stored = '[{"rgl_c":"0"},{},""]' if remember else NOTHING
    assert await page.evaluate(STORED) == stored


async def test_a_yes_gives_one_token_and_sends_what_waited_in_one_batch(
    page: Page, hub: Any
) -> None:
    await open_page(page, hub, "/p?utm_source=mail")
    await page.evaluate("regulars('track', 'Product Added', {product_id: '7'})")
    await page.locator(BANNER).get_by_role("button", name="Accept").click()
    body = await hub.asked("/v1/batch")
    assert hub.to("/v1/device") == [
        {
            "writeKey": hub.key,
            "token": None,
            "consent": {"purposes": YES, "text_version": "2", "source": "banner"},
        }
    ]
    assert body["token"] == "did1.mac.1" and body["sentAt"].endswith("Z")
    assert [(e["type"], e.get("event")) for e in body["batch"]] == [
        ("page", None),
        ("track", "Product Added"),
    ]
    assert len({e["messageId"] for e in body["batch"]}) == 2
    assert body["batch"][0]["context"]["page"]["search"] == "?utm_source=mail"
    await page.goto(hub.shop + "/next")
    again = await hub.asked("/v1/decide", 2)
    assert again["token"] == "did1.mac.1"
    assert await page.locator(BANNER).count() == 0
    assert len(hub.to("/v1/device")) == 1


async def test_choosing_one_purpose_grants_only_that_one(page: Page, hub: Any) -> None:
    await open_page(page, hub)
    await page.locator(BANNER).get_by_text("Choose").click()
    assert await page.locator(BANNER).get_by_role("checkbox", checked=True).count() == 0
    await page.locator(BANNER).get_by_label("Personal offers").check()
    await page.locator(BANNER).get_by_role("button", name="Save my choice").click()
    body = await hub.asked("/v1/device")
    assert body["consent"]["purposes"] == {"analytics": False, "personalisation": True}
    await page.wait_for_function("localStorage.rgl_t")
    await page.evaluate(LEAVE)
    await page.goto(hub.shop + "/next")
    await hub.asked("/v1/decide", 2)
    assert hub.to("/v1/batch") == []


async def test_withdrawal_deletes_in_the_same_tick_and_tells_the_hub(page: Page, hub: Any) -> None:
    await open_page(page, hub)
    await page.locator(BANNER).get_by_role("button", name="Accept").click()
    await page.wait_for_function("localStorage.rgl_t")
    await page.evaluate("regulars('track', 'Unsent')")
    left = await page.evaluate(
        "() => { regulars('consent', {analytics: false, personalisation: false});"
        " return JSON.stringify({...localStorage}) }"
    )
    assert left == "{}"
    body = await hub.asked("/v1/consent")
    assert body["token"] == "did1.mac.1"
    assert body["purposes"] == {"analytics": False, "personalisation": False}
    await page.evaluate(LEAVE)
    await page.goto(hub.shop + "/next")
    assert (await hub.asked("/v1/decide", 2))["token"] is None
    assert "Unsent" not in json.dumps(hub.events())


@pytest.mark.full
async def test_a_change_of_mind_while_the_token_is_under_way_withdraws_that_token(
    page: Page, hub: Any
) -> None:
    hub.gates["/v1/device"] = asyncio.Event()
    await open_page(page, hub)
    await page.locator(BANNER).get_by_role("button", name="Accept").click()
    await hub.asked("/v1/device")
    await page.evaluate("regulars('consent', {analytics: false, personalisation: false})")
    hub.gates["/v1/device"].set()
    body = await hub.asked("/v1/consent")
    assert body["token"] == "did1.mac.1" and not any(body["purposes"].values())
    assert await page.evaluate(STORED) == NOTHING


async def test_the_banner_opens_again_with_the_choice_in_force(page: Page, hub: Any) -> None:
    await open_page(page, hub)
    await page.locator(BANNER).get_by_role("button", name="Accept").click()
    await page.wait_for_function("localStorage.rgl_t")
    await page.evaluate("regulars('consent', 'open')")
    assert await page.locator(BANNER).get_by_role("checkbox", checked=True).count() == 2
    await page.locator(BANNER).get_by_label("Statistics").uncheck()
    await page.locator(BANNER).get_by_role("button", name="Save my choice").click()
    body = await hub.asked("/v1/consent")
    assert body["purposes"] == {"analytics": False, "personalisation": True}
    assert await page.evaluate("localStorage.rgl_c") == "2"


@pytest.mark.full
async def test_yes_and_no_look_alike(page: Page, hub: Any) -> None:
    await open_page(page, hub)
    looks = await page.evaluate(
        """() => [...document.querySelector('[data-regulars-overlay]').shadowRoot
          .querySelectorAll('.y button')].map((b) => { const s = getComputedStyle(b);
          return [s.backgroundColor, s.color, s.fontSize, s.fontWeight, b.offsetWidth,
          b.offsetHeight].join() })"""
    )
    assert len(looks) == 2 and looks[0] == looks[1]


@pytest.mark.full
async def test_another_tab_withdraws_for_all(context: BrowserContext, page: Page, hub: Any) -> None:
    await open_page(page, hub)
    await page.locator(BANNER).get_by_role("button", name="Accept").click()
    await hub.asked("/v1/batch")
    other = await context.new_page()
    await other.goto(hub.shop + "/other")
    await hub.asked("/v1/decide", 2)
    await other.evaluate("regulars('consent', {analytics: false, personalisation: false})")
    await hub.asked("/v1/consent")
    await page.wait_for_function("() => !localStorage.rgl_t")
    sent = len(hub.events())
    await page.evaluate("regulars('track', 'After')")
    await page.evaluate(LEAVE)
    await page.goto(hub.shop + "/next")
    assert (await hub.asked("/v1/decide", 3))["token"] is None
    assert "After" not in json.dumps(hub.events()[sent:])


async def test_the_link_of_a_confirmation_mail_waits_for_the_token(page: Page, hub: Any) -> None:
    await open_page(page, hub, "/?a=1&rgl_k=secret-key")
    assert await page.evaluate("location.search") == "?a=1"
    assert "secret-key" not in json.dumps(hub.requests)
    await page.locator(BANNER).get_by_role("button", name="Accept").click()
    body = await hub.asked("/v1/link")
    assert body["k"] == "secret-key" and body["token"] == "did1.mac.1"
    await hub.asked("/v1/batch")
    assert "secret-key" not in json.dumps(hub.to("/v1/batch"))


async def test_google_late_grant_and_withdrawal(page: Page, hub: Any) -> None:
    hub.consent = {"mode": "gcm", "text_version": "2"}
    marker(hub)
    hub.shows(
        head="<script>window.dataLayer=[];function gtag(){dataLayer.push(arguments)}"
        "gtag('consent','default',{analytics_storage:'granted',personalization_storage:'granted',"
        f"wait_for_update:9000}})</script>{hub.tag()}"
    )
    await open_page(page, hub)
    assert hub.to("/v1/device") == []
    await page.evaluate("gtag('consent', 'update', {analytics_storage: 'granted'})")
    await hub.asked("/v1/device")
    await page.wait_for_function("localStorage.rgl_t")
    left = await page.evaluate(
        "() => { gtag('consent', 'update', {analytics_storage: 'denied',"
        " personalization_storage: 'denied'}); return JSON.stringify({...localStorage}) }"
    )
    assert left == "{}"
    assert not any((await hub.asked("/v1/consent"))["purposes"].values())
