"""The widgets themselves: keyboard, texts, prices, views and clicks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

OFF = {"mode": "off", "text_version": "1"}
GRANT = "regulars('consent', {analytics: true, personalisation: true})"
LEAVE = "() => window.dispatchEvent(new Event('pagehide'))"
POPUP: dict[str, Any] = {
    "slot": None,
    "widget": "join",
    "version": 4,
    "type": "popup",
    "trigger": {"on": "load"},
    "content": {
        "title": "Join us",
        "text": "A letter now and then.",
        "placeholder": "Your e-mail",
        "button": "Sign up",
        "consent_label": "Yes, write to me.",
        "text_version": "7",
        "purpose": "marketing",
        "success": "Check your mail.",
        "decline": "No, thanks",
        "error": "That went wrong.",
    },
}


async def opened(page: Page, hub: Any) -> Any:
    hub.consent = OFF
    hub.decisions = [POPUP]
    hub.shows('<a href="#outside">Outside</a>')
    await page.goto(hub.shop + "/here")
    dialog = page.get_by_role("dialog", name="Join us")
    await dialog.wait_for()
    return dialog


async def focused(page: Page) -> str:
    return await page.evaluate(
        """() => { let e = document.activeElement; while (e.shadowRoot?.activeElement)
        e = e.shadowRoot.activeElement; if (e === document.body) return 'the browser itself';
        return e.textContent || e.type || e.tagName }"""
    )


async def test_the_popup_keeps_the_focus_and_escape_closes_it(page: Page, hub: Any) -> None:
    dialog = await opened(page, hub)
    assert await focused(page) == "Join us"
    seen = []
    for _ in range(8):
        await page.keyboard.press("Tab")
        seen.append(await focused(page))
    assert {"email", "checkbox", "Sign up", "No, thanks", "×"} <= set(seen)
    assert "Outside" not in seen
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await page.evaluate("regulars('decide')")
    await hub.asked("/v1/decide", 2)
    await expect(dialog).to_have_count(0)


async def test_the_popup_asks_for_both_fields_and_sends_what_was_shown(
    page: Page, hub: Any
) -> None:
    dialog = await opened(page, hub)
    send = dialog.get_by_role("button", name="Sign up")
    await send.click()
    await expect(dialog.get_by_role("alert")).not_to_be_empty()
    assert await focused(page) == "email"
    await dialog.get_by_label("Your e-mail").fill("ada@example.com")
    await send.click()
    assert await focused(page) == "checkbox"
    assert hub.to("/v1/subscribe") == []
    await dialog.get_by_label("Yes, write to me.").check()
    hub.faults["/v1/subscribe"] = [(400, {"reason": "malformed"}, {}), (503, {}, {})]
    for _ in range(2):
        await send.click()
        await expect(dialog.get_by_role("alert")).to_have_text("That went wrong.")
        await expect(send).to_be_enabled()
    await send.click()
    await expect(dialog.get_by_role("status")).to_have_text("Check your mail.")
    assert hub.to("/v1/subscribe")[2] == {
        "writeKey": hub.key,
        "token": None,
        "widget": "join",
        "version": 4,
        "email": "ada@example.com",
        "text_version": "7",
        "locale": "en",
        "page": {"url": hub.shop + "/here"},
    }
    assert await page.evaluate("JSON.stringify({...localStorage})") == "{}"


async def test_a_popup_waits_for_the_answer_about_consent(page: Page, hub: Any) -> None:
    hub.decisions = [POPUP, {**POPUP, "widget": "second"}]
    await page.goto(hub.shop + "/")
    decline = page.get_by_role("button", name="Decline")
    await decline.wait_for()
    assert await page.get_by_role("dialog").count() == 0
    await decline.click()
    await page.get_by_role("dialog").wait_for()
    assert await page.get_by_role("dialog").count() == 1


@pytest.mark.parametrize(
    ("trigger", "act"),
    [
        ({"on": "scroll", "value": 50}, "window.scrollTo(0, 4000)"),
        (
            {"on": "exit"},
            "document.dispatchEvent(new MouseEvent('mouseout', {clientY: -1, bubbles: true}))",
        ),
    ],
)
async def test_triggers(page: Page, hub: Any, trigger: dict[str, Any], act: str) -> None:
    hub.consent = OFF
    top = {**POPUP, "type": "banner", "widget": "now", "trigger": {"on": "delay", "value": 0.01}}
    hub.decisions = [{**POPUP, "trigger": trigger}, top]
    hub.shows('<div class="tall"></div>', head=f"<style>.tall{{height:5000px}}</style>{hub.tag()}")
    await page.goto(hub.shop + "/")
    await page.locator("[data-regulars-overlay] section.b").wait_for()
    assert await page.get_by_role("dialog").count() == 0
    await page.evaluate(act)
    await page.get_by_role("dialog").wait_for()


def products(*prices: tuple[Any, ...]) -> dict[str, Any]:
    return {
        "slot": "recs",
        "widget": "also",
        "version": 2,
        "type": "recommendations",
        "content": {"title": "For you"},
        "products": [
            {
                "product_id": f"p{i}",
                "title": f"Thing {i}",
                "url": f"/p/{i}",
                "image_url": "/picture.svg",
                "price": price,
                "list_price": before,
                "currency": currency,
            }
            for i, (price, before, currency) in enumerate(prices)
        ],
    }


PRICES = [
    ((1295, None, "EUR"), "€12.95"),
    ((1295, 1500, "EUR"), "€12.95 €15.00"),
    ((1295, 1295, "EUR"), "€12.95"),
    ((500, None, "JPY"), "¥500"),
    ((1500, None, "KWD"), "KWD 1.500"),
    ((250000, None, "IQD"), "IQD 250"),
    ((25000, None, "LAK"), "LAK 250"),
    ((100, None, "no"), "1.00 no"),
    ((None, None, "EUR"), ""),
]


async def test_prices_follow_iso_4217(page: Page, hub: Any) -> None:
    hub.consent = OFF
    hub.decisions = [products(*[given for given, _ in PRICES])]
    hub.shows('<div data-regulars-slot="recs"></div>')
    await page.goto(hub.shop + "/")
    cards = page.locator("[data-regulars-slot=recs] a.card")
    await expect(cards).to_have_count(len(PRICES))
    texts = [(await card.inner_text()).replace("\xa0", " ") for card in await cards.all()]
    shown = [" ".join(text.split("\n")[1:]).strip() for text in texts]
    assert shown == [text for _, text in PRICES]


async def test_views_and_clicks_come_back_as_events(page: Page, hub: Any) -> None:
    hub.consent = OFF
    hub.decisions = [
        products((100, None, "EUR")),
        {
            "slot": "far",
            "widget": "unseen",
            "version": 1,
            "type": "banner",
            "content": {"title": "Far"},
        },
    ]
    hub.shows(
        '<div data-regulars-slot="recs"></div><div class="tall"></div>'
        '<div data-regulars-slot="far"></div>',
        head=f"<style>.tall{{height:5000px}}</style>{hub.tag()}",
    )
    await page.goto(hub.shop + "/")
    card = page.locator("[data-regulars-slot=recs] a.card")
    await card.wait_for()
    await page.evaluate(GRANT)
    await page.wait_for_function("localStorage.rgl_t")
    await hub.until(lambda: any(e.get("event") == "Promotion Viewed" for e in hub.events()))
    await card.click()
    await hub.until(lambda: any(e.get("event") == "Promotion Clicked" for e in hub.events()))
    told = {e["event"]: e["properties"] for e in hub.events() if e["type"] == "track"}
    view = {
        "promotion_id": "also",
        "version": 2,
        "decision_id": "d1",
        "creative": "recommendations",
    }
    assert told == {"Promotion Viewed": view, "Promotion Clicked": {**view, "product_id": "p0"}}


async def test_the_preview_draws_what_its_parent_posts_and_nothing_else(
    page: Page, hub: Any, static: Path
) -> None:
    kinds = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}

    async def serve(route: Any) -> None:
        file = static / route.request.url.rsplit("/", 1)[1]
        await route.fulfill(
            body=file.read_text(),
            content_type=kinds[file.suffix],
            headers={
                "Content-Security-Policy": "default-src 'none'; script-src 'self';"
                " style-src 'self'; img-src * data:"
            },
        )

    await page.route("**/static/*", serve)
    hub.shows(
        head="<script>addEventListener('message',(e)=>{if(e.data.regulars==='ready')"
        "document.body.dataset.ready=1})</script>",
        body='<iframe sandbox="allow-scripts" src="/static/preview.html" width="900" height="600">'
        "</iframe>",
    )
    await page.goto(hub.shop + "/")
    await page.wait_for_selector("body[data-ready]")
    tell = "(d) => frames[0].postMessage(d, '*')"
    for wrong in (None, 5, {"decision": {"type": "popup"}}, {"decision": {"content": {}}}):
        await page.evaluate(tell, wrong)
    decision = {"type": "banner", "slot": "preview", "widget": "w", "content": {"title": "One"}}
    frame = page.frame_locator("iframe")
    await page.evaluate(tell, {"decision": decision, "locale": "nl"})
    await expect(frame.get_by_text("One")).to_be_visible()
    await page.evaluate(tell, {"decision": POPUP})
    await expect(frame.get_by_role("dialog", name="Join us")).to_be_visible()
    await expect(frame.get_by_text("One")).to_have_count(0)
    assert hub.requests == []
