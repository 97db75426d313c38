"""The shop's page comes first: its policies, its content, its speed (assurance B4, B5)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from playwright.async_api import Page

OFF = {"mode": "off", "text_version": "1"}
SLOT = "[data-regulars-slot=top]"


def banner(slot: str | None = "top", **content: str) -> dict[str, Any]:
    return {
        "slot": slot,
        "widget": f"b-{slot}",
        "version": 3,
        "type": "banner",
        "trigger": {"on": "load"},
        "content": {"title": "Hello again", **content},
    }


POPUP = {
    "slot": None,
    "widget": "p",
    "version": 1,
    "type": "popup",
    "trigger": {"on": "load"},
    "content": {"title": "Join", "button": "Go", "consent_label": "Yes", "success": "Thanks"},
}
PRODUCTS = {
    "slot": "recs",
    "widget": "r",
    "version": 1,
    "type": "recommendations",
    "content": {"title": "For you"},
    "products": [
        {
            "product_id": "1",
            "title": "Mug",
            "url": "/p/1",
            "image_url": "/picture.svg",
            "price": 100,
            "currency": "EUR",
        }
    ],
}
BODY = '<div data-regulars-slot="top">The shop\'s own</div><div data-regulars-slot="recs"></div>'

POLICIES = {
    "nonce": "default-src 'none'; script-src 'nonce-abc'; connect-src HUB; img-src 'self' data:",
    "host": "default-src 'none'; script-src HUB; connect-src HUB; style-src 'none'; img-src 'self'"
    " data:",
    "strict-dynamic and Trusted Types": "default-src 'none'; script-src 'nonce-abc'"
    " 'strict-dynamic'; object-src 'none'; base-uri 'none'; connect-src HUB; img-src 'self' data:;"
    " require-trusted-types-for 'script'; trusted-types 'none'",
    "hash of the loader, strict-dynamic": "script-src 'nonce-abc' 'strict-dynamic' https:;"
    " style-src 'self'; connect-src HUB; img-src 'self' data:; require-trusted-types-for 'script'",
}


@pytest.mark.parametrize(
    "name",
    [
        name if "Trusted" in name else pytest.param(name, marks=pytest.mark.full)
        for name in POLICIES
    ],
)
async def test_four_policies_and_no_violation(page: Page, hub: Any, name: str) -> None:
    hub.decisions = [banner(), banner(None), PRODUCTS, POPUP]
    hub.shows(BODY, head=hub.tag('nonce="abc"'))
    policy = POLICIES[name].replace("HUB", hub.origin) + "; report-uri /csp"
    hub.page_headers = {"Content-Security-Policy": policy}
    await page.add_init_script(
        "window.broken=[];document.addEventListener('securitypolicyviolation',"
        "(e)=>broken.push(e.effectiveDirective+' '+e.blockedURI))"
    )
    await page.goto(hub.shop + "/")
    await page.get_by_role("button", name="Decline").click()
    await page.get_by_role("dialog").wait_for()
    shown = page.locator(SLOT).locator("section.b")
    assert await shown.evaluate("(e) => getComputedStyle(e).display") == "flex"
    await page.evaluate("regulars('track', 'x')")
    assert await page.evaluate("broken") == []
    assert hub.reports == []


@pytest.mark.parametrize(
    "fault",
    [
        (500, {}, {}),
        pytest.param((200, [], {}), marks=pytest.mark.full),
        pytest.param((200, "text", {}), marks=pytest.mark.full),
        pytest.param((200, {"decisions": {"length": 9}, "site": 5}, {}), marks=pytest.mark.full),
        (200, {"decisions": [None, 1, {"content": 5, "type": "banner"}, {"type": []}]}, {}),
    ],
    ids=["down", "list", "text", "wrong types", "wrong decisions"],
)
async def test_a_broken_hub_harms_no_page(page: Page, hub: Any, fault: Any) -> None:
    hub.faults["/v1/decide"] = [fault]
    hub.shows(BODY)
    await page.goto(hub.shop + "/")
    await hub.asked("/v1/decide")
    await page.evaluate("regulars('track', 'x')")
    assert await page.locator(SLOT).inner_text() == "The shop's own"
    assert await page.locator(f"{SLOT} section").count() == 0


async def test_a_hanging_hub_delays_nothing(page: Page, hub: Any) -> None:
    hub.gates["/v1/decide"] = asyncio.Event()
    hub.shows(BODY)
    await page.goto(hub.shop + "/", wait_until="load")
    await hub.asked("/v1/decide")
    assert await page.locator(SLOT).inner_text() == "The shop's own"


async def test_an_unreachable_script_harms_no_page(page: Page, hub: Any) -> None:
    hub.shows(
        BODY,
        head="<script>window.regulars=window.regulars||function(){(regulars.q=regulars.q||[])"
        '.push(arguments)}</script><script async src="http://127.0.0.1:9/s.js" data-key="k">'
        "</script>",
    )
    await page.goto(hub.shop + "/")
    await page.evaluate("regulars('track', 'x')")
    assert await page.locator(SLOT).inner_text() == "The shop's own"


@pytest.mark.parametrize(
    "call",
    [
        "regulars()",
        "regulars('nothing')",
        "regulars('track')",
        "regulars('track', {a: 1})",
        "regulars('identify', null, null)",
        "regulars('consent', 'maybe')",
        "regulars('product')",
        "(() => { const a = {}; a.a = a; regulars('track', 'circular', a) })()",
        "regulars('track', 'big', {n: 10n})",
        "regulars('track', 'getter', {get x() { throw new Error('no') }})",
    ],
)
@pytest.mark.full
async def test_a_wrong_call_never_throws(page: Page, hub: Any, call: str) -> None:
    await page.goto(hub.shop + "/")
    await hub.asked("/v1/decide")
    await page.evaluate(call)


async def test_hostile_keys_pollute_nothing(page: Page, hub: Any) -> None:
    evil = '{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}},"title":"T"}'
    hub.raw_decide = (
        '{"__proto__":{"x":1},"site":{"__proto__":{"x":1},"consent":{"mode":"own","text_version":'
        '"1","__proto__":{"x":1}}},"decisions":[{"slot":"__proto__","widget":"__proto__","version":'
        f'1,"type":"constructor","content":{evil}}},{{"slot":"top","widget":"constructor","version"'
        f':1,"type":"banner","content":{evil}}},{{"slot":"recs","widget":"w","version":1,"type":'
        '"__proto__","content":{}}]}'
    )
    hub.shows(BODY + '<div data-regulars-slot="__proto__"></div>')
    await page.goto(hub.shop + "/?__proto__[x]=1&constructor[prototype][x]=1")
    await page.locator(SLOT).get_by_text("T", exact=True).wait_for()
    await page.evaluate("""() => { const evil = JSON.parse('{"__proto__":{"x":1}}');
      regulars('track', 'a', evil); regulars('identify', 'u', evil); regulars('consent', evil) }""")
    assert await page.evaluate("({}).x === undefined && Object.keys(Object.prototype).length === 0")


async def test_markup_in_texts_stays_text(page: Page, hub: Any) -> None:
    bad = "<img src=x onerror=window.hit=1><script>window.hit=1</script>"
    hub.consent = OFF
    hub.decisions = [
        banner(text=bad, button=bad, url="/ok", tone='"><b>'),
        {**PRODUCTS, "products": [{"product_id": "1", "title": bad, "url": "/p", "currency": bad}]},
    ]
    hub.shows(BODY)
    await page.goto(hub.shop + "/")
    await page.locator(SLOT).get_by_text("Hello again").wait_for()
    count = "(s) => document.querySelector(s).shadowRoot.querySelectorAll('img,script,b').length"
    assert await page.evaluate(count, SLOT) == 0
    assert await page.evaluate(count, "[data-regulars-slot=recs]") == 0
    assert await page.evaluate("window.hit") is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("/sale?a=1", True),
        pytest.param(*("https://shop.example/x", True), marks=pytest.mark.full),
        ("javascript:alert(1)", False),
        pytest.param(*(" JaVaScRiPt:alert(1)", False), marks=pytest.mark.full),
        ("java\nscript:alert(1)", False),
        pytest.param(*("data:text/html,x", False), marks=pytest.mark.full),
        pytest.param(*("vbscript:x", False), marks=pytest.mark.full),
        pytest.param(*("blob:http://x/y", False), marks=pytest.mark.full),
    ],
)
async def test_only_web_links_are_drawn(page: Page, hub: Any, url: str, shown: bool) -> None:
    hub.consent = OFF
    product = {"product_id": "1", "title": "Mug", "url": url, "image_url": url}
    hub.decisions = [banner(button="Go", url=url), {**PRODUCTS, "products": [product]}]
    hub.shows(BODY)
    await page.goto(hub.shop + "/")
    await page.locator(SLOT).get_by_text("Hello again").wait_for()
    assert await page.locator(SLOT).locator("a").count() == int(shown)
    assert await page.locator("[data-regulars-slot=recs]").locator("a").count() == int(shown)


async def test_a_late_answer_leaves_the_shops_content_but_overlays_show(
    page: Page, hub: Any
) -> None:
    hub.consent = OFF
    hub.decisions = [banner(), banner(None)]
    hub.gates["/v1/decide"] = asyncio.Event()
    hub.shows(BODY)
    await page.goto(hub.shop + "/")
    await hub.asked("/v1/decide")
    await page.evaluate("performance.now = () => 301")
    hub.gates["/v1/decide"].set()
    await page.locator("[data-regulars-overlay]").get_by_text("Hello again").wait_for()
    assert await page.locator(f"{SLOT} section").count() == 0
    assert await page.locator(SLOT).inner_text() == "The shop's own"


SHIFTS = """() => { window.shift = 0; new PerformanceObserver((l) => {
  for (const e of l.getEntries()) window.shift += e.value })
  .observe({type: 'layout-shift', buffered: true}) }"""
FRAMES = "() => new Promise((d) => requestAnimationFrame(() => requestAnimationFrame(d)))"


@pytest.mark.parametrize("filled", [True, False])
async def test_a_reserved_slot_shifts_nothing(page: Page, hub: Any, filled: bool) -> None:
    hub.consent = OFF
    hub.decisions = [banner()] if filled else [banner(None)]
    # The script in the head runs before the slot is parsed, as it does from a warm cache.
    slot = '<div data-regulars-slot="top" data-regulars-height="120"></div>'
    hub.shows(f"{slot}<h1>Text</h1>", head=hub.tag().replace("async ", ""))
    await page.add_init_script(f"({SHIFTS})()")
    await page.goto(hub.shop + "/")
    await page.get_by_text("Hello again").wait_for()
    await page.evaluate(FRAMES)
    assert await page.evaluate("window.shift") == 0
    assert await page.locator("h1").evaluate("(e) => e.getBoundingClientRect().top > 120")


async def test_the_stub_queues_calls_and_the_page_call_is_made_once(page: Page, hub: Any) -> None:
    hub.consent = OFF
    hub.shows(
        head="<script>window.regulars=window.regulars||function(){(regulars.q=regulars.q||[])"
        ".push(arguments)};regulars('page',{kind:'product'});regulars('product',{product_id:7});"
        f"regulars('consent',{{analytics:true}})</script>{hub.tag()}{hub.tag()}"
    )
    await page.goto(hub.shop + "/")
    first = await hub.asked("/v1/decide")
    assert first["product"] == {"product_id": "7"} and first["recent"] == ["7"]
    assert first["slots"] == [] and first["locale"] == "en"
    assert first["device"] == {"type": "desktop", "width": 1280}
    body = await hub.asked("/v1/batch")
    assert [e.get("event", e["type"]) for e in body["batch"]] == ["page", "Product Viewed"]
    assert body["batch"][0]["properties"]["kind"] == "product"
    assert len(hub.to("/v1/decide")) == 1


@pytest.mark.parametrize(
    "mark",
    [
        '<meta name="regulars:product" content="7">',
        '<script type="application/ld+json">{"@graph":[{"@type":"WebPage"},'
        '{"@type":"Product","sku":7}]}</script>',
    ],
    ids=["meta", "json-ld"],
)
async def test_the_pages_own_data_names_the_product(page: Page, hub: Any, mark: str) -> None:
    hub.consent = OFF
    hub.shows(head=f"{mark}{hub.tag()}")
    await page.goto(hub.shop + "/")
    assert (await hub.asked("/v1/decide"))["product"] == {"product_id": "7"}
    await page.evaluate("regulars('track', 'Product Viewed', {product_id: '7'})")
    await page.evaluate("regulars('consent', {analytics: true})")
    await hub.asked("/v1/batch")
    assert [e["event"] for e in hub.events() if e["type"] == "track"] == ["Product Viewed"]


async def test_a_single_page_app_moves_on(page: Page, hub: Any) -> None:
    hub.consent = OFF
    hub.decisions = [banner()]
    hub.shows(BODY)
    await page.goto(hub.shop + "/")
    await page.locator(SLOT).get_by_text("Hello again").wait_for()
    hub.decisions = []
    await page.evaluate("""() => { history.pushState(0, '', '/two'); regulars('page');
      regulars('product', {product_id: 'b'}); regulars('decide') }""")
    body = await hub.asked("/v1/decide", 2)
    assert body["page"]["path"] == "/two" and body["product"] == {"product_id": "b"}
    await page.wait_for_function(
        f"document.querySelector('{SLOT}').shadowRoot.querySelector('slot')"
    )
    assert await page.get_by_text("The shop's own").is_visible()


GRANT = "regulars('consent', {analytics: true, personalisation: true})"


@pytest.mark.parametrize("status", [503, pytest.param(429, marks=pytest.mark.full)])
async def test_a_refused_batch_is_sent_again_with_the_same_ids(
    page: Page, hub: Any, status: int
) -> None:
    hub.consent = OFF
    hub.faults["/v1/batch"] = (
        [(503, {}, {})] if status == 503 else [(429, {}, {"Retry-After": "3"})]
    )
    await page.goto(hub.shop + "/")
    await hub.asked("/v1/decide")
    await page.evaluate(GRANT)
    await hub.asked("/v1/batch", 2)
    ids = [[e["messageId"] for e in body["batch"]] for body in hub.to("/v1/batch")]
    assert ids[0] == ids[1]


@pytest.mark.full
async def test_a_final_refusal_is_not_repeated_and_the_queue_is_bounded(
    page: Page, hub: Any
) -> None:
    hub.consent = OFF
    hub.faults["/v1/batch"] = [(400, {}, {})]
    await page.goto(hub.shop + "/")
    await hub.asked("/v1/decide")
    await page.evaluate("for (let i = 0; i < 500; i++) regulars('track', 'e' + i)")
    await page.evaluate("regulars('track', 'huge', {t: 'x'.repeat(40000)})")
    await page.evaluate(GRANT)
    await hub.until(lambda: any(e.get("event") == "e499" for e in hub.events()))
    names = [e.get("event") for e in hub.events()]
    assert len(names) == 200 and names[0] == "e300" and len(set(names)) == 200
    assert all(len(json.dumps(body)) < 64_000 for body in hub.to("/v1/batch"))


@pytest.mark.full
async def test_a_browser_without_storage_still_works(page: Page, hub: Any) -> None:
    hub.consent = OFF
    await page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no') }})"
    )
    await page.goto(hub.shop + "/")
    await hub.asked("/v1/decide")
    await page.evaluate(GRANT)
    assert (await hub.asked("/v1/batch"))["token"] == "did1.mac.1"
