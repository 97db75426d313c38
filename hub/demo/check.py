"""One of everything, through the real routes: an event, a sync, a decision, a mail."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx

from hub.demo.run import Demo
from hub.store.models import Connection

PATIENCE_SECONDS = 20.0


class Unmet(Exception):
    """A step did not do what it should."""


async def check_demo(demo: Demo) -> AsyncIterator[tuple[str, str]]:
    """Yields (what was tried, what went wrong or "")."""
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS) as client:
        run = _Run(demo, client)
        steps: list[tuple[str, Callable[[], Awaitable[None]]]] = [
            ("the shop answers and carries the snippet", run.shop),
            ("the shop's products and orders came in by a sync", run.sync),
            ("a visitor who agreed got a device token", run.consent),
            ("an event is stored and seen on the person", run.event),
            ("a page gets its decisions", run.decide),
            ("a sign-up sends the confirmation mail", run.mail),
        ]
        for name, step in steps:
            try:
                await step()
            except (Unmet, httpx.HTTPError, KeyError, TimeoutError) as error:
                yield name, f"{error or type(error).__name__}"
            else:
                yield name, ""


class _Run:
    def __init__(self, demo: Demo, client: httpx.AsyncClient) -> None:
        self._demo = demo
        self._client = client
        self._token = ""

    async def shop(self) -> None:
        page = (await self._client.get(f"{self._demo.shop_url}/")).text
        snippet = await self._client.get(f"{self._demo.hub_url}/s.js")
        _must(f"{self._demo.hub_url}/s.js" in page, "the page has no snippet line")
        _must(snippet.status_code == 200, "the hub does not serve s.js")

    async def sync(self) -> None:
        connection = await Connection.get(id=self._demo.connection_id)
        _must(not connection.last_error, connection.last_error)
        hub = self._demo.hub
        orders = await hub.database.fetch("SELECT COUNT(*) FROM shop_order")
        _must(len(hub.catalogue) > 0, "no products came in")
        _must(orders[0][0] > 0, "no orders came in")

    async def consent(self) -> None:
        purposes = {"analytics": True, "personalisation": True}
        answer = await self._post("device", {"consent": {"purposes": purposes}})
        self._token = answer["token"]
        _must(bool(self._token), "no token came back")

    async def event(self) -> None:
        product = next(iter(self._demo.hub.catalogue)).product
        event = {"type": "track", "event": "Product Viewed", "messageId": "check-1",
                 "properties": {"product_id": product.product_id}}  # fmt: skip
        answer = await self._post("batch", {"batch": [event], "token": self._token})
        _must(answer["accepted"] == 1, f"not accepted: {answer}")
        hub = self._demo.hub
        last = (await hub.database.fetch("SELECT MAX(seq) FROM log"))[0][0]
        await hub.views.reached(last)

    async def decide(self) -> None:
        page = {"url": f"{self._demo.shop_url}/", "path": "/"}
        answer = await self._post("decide", {"token": self._token, "page": page})
        _must(bool(answer["decisions"]), "nothing is shown on the home page")

    async def mail(self) -> None:
        address = "visitor@example.com"
        await self._post("subscribe", {"token": self._token, "widget": "newsletter", "version": 1,
                                       "email": address, "text_version": ""})  # fmt: skip
        await self._demo.inbox.mail_to(address, PATIENCE_SECONDS)

    async def _post(self, route: str, body: dict[str, Any]) -> dict[str, Any]:
        content = {"writeKey": self._demo.source.write_key, **body}
        answer = await self._client.post(f"{self._demo.hub_url}/v1/{route}", json=content)
        _must(answer.status_code == 200, f"{route} answered {answer.status_code}: {answer.text}")
        result: dict[str, Any] = answer.json()
        return result


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Unmet(otherwise)
