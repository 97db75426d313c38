"""The demo's mailbox: it keeps what comes, and shows it without letting it do anything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.message import EmailMessage

import aiosmtplib
import httpx
import pytest

from hub.clock import FixedClock
from hub.demo.inbox import Inbox
from hub.demo.inbox_pages import inbox_app, linked

EVIL = '<script>parent.x=1</script><a href="https://hub.example/c">go</a>'


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    async with Inbox(FixedClock(datetime(2026, 11, 23, 12, tzinfo=UTC)), keep=3) as opened:
        yield opened


@pytest.fixture
async def browser(inbox: Inbox) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=inbox_app(inbox))
    async with httpx.AsyncClient(transport=transport, base_url="http://inbox.example") as client:
        yield client


async def send(inbox: Inbox, subject: str = "Hi", html: str = EVIL) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Shop <s@example.com>", "a@example.com", subject
    mail.set_content("See https://hub.example/c?a=1&b=<2>.\n")
    if html:
        mail.add_alternative(html, subtype="html")
    await aiosmtplib.send(mail, hostname="127.0.0.1", port=inbox.port, start_tls=False)


async def test_the_last_mails_are_kept_newest_first(inbox: Inbox) -> None:
    for number in range(5):
        await send(inbox, f"No. {number}")
    assert [mail.subject for mail in await inbox.waited_for(5)] == ["No. 4", "No. 3", "No. 2"]
    assert inbox.find(1) is None
    assert len(inbox.mails_to("a@example.com")) == 3


async def test_a_mail_is_shown_but_can_do_nothing(inbox: Inbox, browser: httpx.AsyncClient) -> None:
    await send(inbox, "<script>1</script>")
    listed, mail = await browser.get("/"), await browser.get("/mail/1")
    letter = await browser.get("/mail/1/letter")
    for page in (listed, mail):
        assert "<script" not in page.text
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy
    assert "allow-scripts" not in mail.text
    assert "allow-same-origin" not in mail.text
    assert 'sandbox="allow-top-navigation-by-user-activation' in mail.text
    # Opened on its own, without the frame, it is just as locked.
    assert letter.headers["content-security-policy"].startswith("sandbox allow-top")
    assert "allow-scripts" not in letter.headers["content-security-policy"]
    assert letter.text.startswith('<!doctype html><base target="_top">')


async def test_a_mail_without_html_shows_its_text(inbox: Inbox, browser: httpx.AsyncClient) -> None:
    await send(inbox, html="")
    page = await browser.get("/mail/1")
    assert "<iframe" not in page.text
    assert '<a href="https://hub.example/c?a=1&amp;b=" rel="noreferrer">' in page.text


async def test_nonsense_is_kept_as_it_came(inbox: Inbox, browser: httpx.AsyncClient) -> None:
    raw = b"Subject: =?utf-8?b?////?=\r\nContent-Type: text/plain; charset=klingon\r\n\r\n\xff\xfe"
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=inbox.port, start_tls=False) as smtp:
        await smtp.sendmail("s@example.com", ["a@example.com"], raw)
    assert (await browser.get("/")).status_code == 200
    assert (await browser.get("/mail/1")).status_code == 200


async def test_emptying_and_missing_mails(inbox: Inbox, browser: httpx.AsyncClient) -> None:
    await send(inbox)
    assert (await browser.get("/clear")).status_code == 405
    assert (await browser.post("/clear")).status_code == 303
    assert inbox.mails == []
    assert (await browser.get("/mail/1")).status_code == 404
    assert (await browser.get("/mail/1/letter")).status_code == 404


def test_links_in_text_are_escaped() -> None:
    assert linked('<b> https://x.example/"onclick=1') == (
        '&lt;b&gt; <a href="https://x.example/" rel="noreferrer">https://x.example/</a>'
        "&#34;onclick=1"
    )
    assert "<a" not in linked("javascript:alert(1)")
