"""The shop's token of who is signed in: when it leaves the page, how often, and what it changes."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from playwright.async_api import Page

from tests.browser.snippet.conftest import STUB
from tests.browser.snippet.test_consent import BANNER, open_page


def token(customer: str, number: int = 1) -> str:
    """Shaped as the shop's token is; the hub of these tests looks at none."""
    claims = json.dumps({"sub": customer, "jti": number}).encode()
    return f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.sig"


def shows(hub: Any, jwt: str, more: str = "") -> None:
    call = f"regulars('identify', {{token: '{jwt}'}})" if jwt else ""
    hub.shows(head=f"<script>{STUB};{call}</script>{hub.tag(more)}")


async def accept(page: Page) -> None:
    await page.locator(BANNER).get_by_role("button", name="Accept").click()


async def test_it_waits_for_consent_and_is_no_event(page: Page, hub: Any) -> None:
    shows(hub, token("42"))
    await open_page(page, hub)
    assert hub.to("/v1/link") == [] and token("42") not in json.dumps(hub.requests)
    await accept(page)
    body = await hub.asked("/v1/link")
    assert (body["jwt"], body["token"]) == (token("42"), "did1.mac.1")
    await hub.asked("/v1/batch")
    assert token("42") not in json.dumps(hub.events())


async def test_each_customer_is_shown_once_and_a_no_forgets_her(page: Page, hub: Any) -> None:
    shows(hub, token("42"))
    await open_page(page, hub)
    await accept(page)
    await page.wait_for_function("localStorage.rgl_u === '42'")
    shows(hub, token("42", 2))
    await page.goto(hub.shop + "/again")
    await hub.asked("/v1/decide", 2)
    shows(hub, token("43", 3))
    await page.goto(hub.shop + "/other")
    await page.wait_for_function("localStorage.rgl_u === '43'")
    assert [body["jwt"] for body in hub.to("/v1/link")] == [token("42"), token("43", 3)]
    await page.evaluate("regulars('consent', {analytics: false, personalisation: false})")
    await page.wait_for_function("!localStorage.rgl_t")
    assert await page.evaluate("localStorage.rgl_u") is None


async def test_another_customer_goes_on_with_the_device_she_is_given(page: Page, hub: Any) -> None:
    hub.faults["/v1/link"] = [(200, {"linked": True, "token": "fresh.mac.1"}, {})]
    shows(hub, token("43"))
    await open_page(page, hub)
    await accept(page)
    await page.wait_for_function("localStorage.rgl_t === 'fresh.mac.1'")
    await page.reload()
    assert (await hub.asked("/v1/decide", 2))["token"] == "fresh.mac.1"


@pytest.mark.parametrize("debug", [True, False])
async def test_a_refusal_is_said_in_the_console_only_when_asked_for(
    page: Page, hub: Any, debug: bool
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    refusal = {"linked": False, "reason": "exp: the token is too old"}
    hub.faults["/v1/link"] = [(200, refusal, {})]
    shows(hub, "not-a-token", 'data-debug="1"' if debug else "")
    await open_page(page, hub)
    async with page.expect_response("**/v1/link") as answered:
        await accept(page)
    await (await answered.value).finished()
    assert await page.evaluate("localStorage.rgl_u") is None
    await page.evaluate(f"regulars('identify', {{token: '{token('45')}'}})")
    await page.wait_for_function("localStorage.rgl_u === '45'")
    told = ["regulars exp: the token is too old"] if debug else []
    assert [line for line in said if "exp" in line] == told


async def test_the_token_may_stand_in_the_line(page: Page, hub: Any) -> None:
    shows(hub, "", f'data-customer="{token("44")}"')
    await open_page(page, hub)
    await accept(page)
    assert (await hub.asked("/v1/link"))["jwt"] == token("44")
