"""Signals of consent tools x purposes -> what may be kept (assurance C3), in a real browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

CASES = json.loads((Path(__file__).parents[2] / "cases" / "consent.json").read_text())
TOOLS = (Path(__file__).parent / "consent_tools.js").read_text()
LEAVE = "() => window.dispatchEvent(new Event('pagehide'))"
GPC = "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true});"
STUB = "window.regulars=function(){(regulars.q=regulars.q||[]).push(arguments)}"
PURPOSES = ("analytics", "personalisation")
NOTHING = "[{},{}]"
STORED = "() => JSON.stringify([{...localStorage}, {...sessionStorage}])"


def told(hub: Any) -> list[list[str]]:
    """What the hub was told of consent, in order, as lists of purposes."""
    said = [
        body["consent"]["purposes"] if path == "/v1/device" else body["purposes"]
        for path, body in hub.requests
        if path in ("/v1/device", "/v1/consent")
    ]
    return [[name for name in PURPOSES if purposes[name]] for purposes in said]


def call(tool: str, verb: str, given: Any) -> str:
    return f"tools.{tool}({json.dumps(verb)}, {json.dumps(given)});"


async def open_shop(page: Page, hub: Any, case: dict[str, Any], tag: str = "") -> None:
    """A page with the tools of the case, on which the answer and our reader have arrived."""
    hub.consent = {"mode": case["mode"], "text_version": "2"}
    steps = "".join(call(*step) for step in case["page"])
    gpc = GPC if case.get("gpc") else ""
    hub.shows(
        '<div data-regulars-slot="top"></div>',
        head=f"<script>{STUB};{TOOLS}{gpc}{steps}</script>{tag or hub.tag(case.get('tag', ''))}",
    )
    hub.decisions = [
        {"slot": "top", "widget": "m", "version": 1, "type": "banner", "content": {"title": "M"}}
    ]
    await page.goto(hub.shop + "/")
    await hub.asked("/v1/decide")
    await page.wait_for_selector("[data-regulars-slot=top]", state="attached")
    if case["mode"] != "off" and "consent.js" not in hub.missing and "whole" not in tag:
        # The same module as the snippet's own: when this is done, so is the snippet.
        await page.evaluate(f"import('{hub.origin}/consent.js').then(() => 0)")
    await page.evaluate("() => new Promise((done) => setTimeout(done))")


async def settled(page: Page, hub: Any, expected: list[list[str]]) -> None:
    """Waits until the hub was told all this, and the page has its token or none."""
    await hub.until(lambda: len(told(hub)) >= len(expected))
    assert told(hub) == expected
    if expected:
        holds = "localStorage.rgl_t" if expected[-1] else "!localStorage.rgl_t"
        await page.wait_for_function(f"() => {holds}")


async def heard(page: Page, steps: list[Any]) -> None:
    """Waits until the snippet has turned to the tool that just came onto the page."""
    for tool, verb, _ in steps:
        if tool in ("tcf", "shopify", "wp") and verb not in ("say", "type"):
            await page.wait_for_function(f"tools.heard.{tool}")


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(c, id=c["name"], marks=[] if c.get("quick") else [pytest.mark.full])
        for c in CASES
    ],
)
async def test_what_a_signal_allows(page: Page, hub: Any, case: dict[str, Any]) -> None:
    await open_shop(page, hub, case)
    if case["mode"] != "constructor":
        await heard(page, case["page"])
    expected: list[list[str]] = []
    now: list[str] = []
    for step in [{"do": None, "allowed": case["allowed"]}, *case.get("then", [])]:
        if step["do"]:
            await page.evaluate(call(*step["do"]))
            await heard(page, [step["do"]])
        if step["allowed"] is not None and step["allowed"] != now:
            now = step["allowed"]
            expected.append(now)
        await settled(page, hub, expected)
    if case["mode"] in ("gcm", "shopify", "wp", "tcf"):
        assert {b["consent"]["source"] for b in hub.to("/v1/device")} <= {case["mode"]}
    # What a page about to go would send, and what the next one finds, agree with it.
    await page.evaluate("regulars('track', 'Probe')")
    await page.evaluate(LEAVE)
    if not now:
        assert await page.evaluate(STORED) == NOTHING
    hub.shows()
    await page.goto(hub.shop + "/next")
    token = (await hub.asked("/v1/decide", 2))["token"]
    assert bool(token) == bool(now)
    assert ("Probe" in json.dumps(hub.events())) == ("analytics" in now)
    # What waited for a first answer is sent with it; what came before a no is not.
    if len(expected) == 1 and "analytics" in now and "[]" not in str(case["allowed"]):
        assert "page" in [event["type"] for event in hub.events()]
    assert told(hub) == expected


async def test_an_earlier_yes_rests_until_the_tool_has_spoken(page: Page, hub: Any) -> None:
    await page.add_init_script("localStorage.rgl_t = 'did9.mac.1'; localStorage.rgl_c = '1'")
    await open_shop(page, hub, {"mode": "tcf", "page": []})
    await page.evaluate("regulars('track', 'Early')")
    await page.evaluate(LEAVE)
    # The answer to a question asked after it proves that nothing was sent before it.
    await page.evaluate("regulars('decide')")
    await hub.asked("/v1/decide", 2)
    assert hub.events() == []
    await page.evaluate(call("tcf", "install", {}))
    await page.evaluate(call("tcf", "say", {"publisher": [1, 7, 8, 9, 10]}))
    body = await hub.asked("/v1/batch")
    assert body["token"] == "did9.mac.1" and "Early" in json.dumps(body["batch"])
    assert hub.to("/v1/device") == []


async def test_without_our_reader_nothing_is_kept(page: Page, hub: Any) -> None:
    hub.missing.add("consent.js")
    case = {"mode": "wp", "page": [["wp", "install", {"type": "optout"}]]}
    await open_shop(page, hub, case)
    await page.evaluate("import('/consent.js').catch(() => 0)")
    await page.evaluate(LEAVE)
    await page.goto(hub.shop + "/next")
    await hub.asked("/v1/decide", 2)
    assert {path for path, _ in hub.requests} == {"/v1/decide"}
    assert hub.files.count("consent.js") >= 1


async def test_the_reader_is_loaded_only_where_a_tool_is_to_be_read(page: Page, hub: Any) -> None:
    await page.goto(hub.shop + "/")
    await page.get_by_role("button", name="Accept").click()
    await hub.asked("/v1/batch")
    assert hub.files == ["s.js"]


async def test_the_line_on_the_page_may_name_another_tool_than_the_hub(
    page: Page, hub: Any
) -> None:
    steps = [["wp", "install", {"type": "optin", "cookies": {"statistics": "allow"}}]]
    case = {"mode": "tcf", "page": steps, "tag": 'data-consent="wp"'}
    await open_shop(page, hub, case)
    await settled(page, hub, [["analytics"]])


async def test_a_yes_on_our_own_banner_stands_above_gpc(page: Page, hub: Any) -> None:
    await page.add_init_script(GPC)
    await page.goto(hub.shop + "/")
    await page.get_by_role("button", name="Accept").click()
    await settled(page, hub, [["analytics", "personalisation"]])


POLICIES = {
    "nonce": "default-src 'none'; script-src 'nonce-abc'; connect-src HUB",
    "host": "default-src 'none'; script-src HUB 'nonce-abc'; connect-src HUB",
    "strict-dynamic and Trusted Types": "default-src 'none'; script-src 'nonce-abc'"
    " 'strict-dynamic'; base-uri 'none'; connect-src HUB;"
    " require-trusted-types-for 'script'; trusted-types 'none'",
}


@pytest.mark.parametrize("file", ["s.js", "s.whole.js"])
@pytest.mark.parametrize(
    "name", [n if "Trusted" in n else pytest.param(n, marks=pytest.mark.full) for n in POLICIES]
)
async def test_the_reader_works_under_strict_policies(
    page: Page, hub: Any, name: str, file: str
) -> None:
    steps = [["tcf", "install", {}], ["tcf", "say", {"publisher": list(range(1, 12))}]]
    hub.page_headers = {
        "Content-Security-Policy": POLICIES[name].replace("HUB", hub.origin)
        + "; img-src data:; report-uri /csp"
    }
    hub.consent = {"mode": "tcf", "text_version": "2"}
    calls = "".join(call(*step) for step in steps)
    tag = hub.tag('nonce="abc"').replace("s.js", file)
    hub.shows(head=f'<script nonce="abc">{TOOLS}{calls}</script>{tag}')
    await page.goto(hub.shop + "/")
    await settled(page, hub, [["analytics", "personalisation"]])
    assert hub.reports == []
    assert hub.files == ([file, "consent.js"] if file == "s.js" else [file])
