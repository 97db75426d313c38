"""A hub whose mail really goes over SMTP, into the inbox of the demo."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.applications import Starlette

from hub.demo.inbox import Inbox, Mail
from hub.flows.deliver import deliver_due
from hub.flows.subscribe import SubscribePage, SubscribeRequest, subscribe
from hub.web import confirm, unsubscribe
from tests.shop import SHOP_URL, Shop

POPUP = """type: popup
name: Newsletter
slot: overlay
content:
  en:
    title: A letter now and then
    button: Subscribe
    consent_label: I agree to <b>two</b> letters a month.
    text_version: letter-3
    purpose: marketing
    success: Look into your mailbox.
"""
ANNA = "anna@example.com"
LINK = re.compile(r"https?://\S+/confirm/(\S+)")


@dataclass
class Post:
    """The shop, its mailbox, and a browser that opens the pages behind the links."""

    shop: Shop
    inbox: Inbox
    browser: httpx.AsyncClient

    async def ask(self, email: str = ANNA, *, token: str | None = None, **form: Any) -> None:
        """Somebody types an address into the pop-up."""
        page = SubscribePage(form.pop("page", f"{SHOP_URL}/sale?colour=red"))
        request = SubscribeRequest("", "letter", 1, email, token=token, page=page, **form)
        await subscribe(self.shop.hub, self.shop.sources["browser"], request)
        await self.shop.settle()

    async def deliver(self) -> list[Mail]:
        """Send all that is due; the mails so far, newest first."""
        while await deliver_due(self.shop.hub):
            pass
        return self.inbox.mails

    async def asked(self, email: str = ANNA, **form: Any) -> str:
        """The token of the link in the mail that came of it."""
        await self.ask(email, **form)
        await self.deliver()
        return link_token(self.inbox.mails_to(email)[0])

    async def outbox(self, columns: str = "state, reason") -> list[tuple[Any, ...]]:
        return await self.shop.hub.database.fetch(f"SELECT {columns} FROM outbox ORDER BY id")

    async def ledger(self) -> list[tuple[Any, ...]]:
        return await self.shop.hub.database.fetch(
            "SELECT state, purpose, channel, text_version, source FROM consent ORDER BY seq"
        )


def link_token(mail: Mail) -> str:
    found = LINK.search(mail.text)
    assert found is not None
    return found.group(1)


@asynccontextmanager
async def open_post(shop: Shop) -> AsyncIterator[Post]:
    """Everything between the pop-up and the thank-you page."""
    hub = shop.hub
    await shop.widget("letter", POPUP)
    pages = Starlette(routes=[*confirm.routes(hub), *unsubscribe.routes(hub)])
    transport = httpx.ASGITransport(app=pages)
    async with (
        Inbox(shop.clock) as inbox,
        httpx.AsyncClient(transport=transport, base_url="http://hub.example") as browser,
    ):
        hub.plugins.channels["email"].configure(inbox.settings("Shop <shop@example.com>"))
        yield Post(shop, inbox, browser)
