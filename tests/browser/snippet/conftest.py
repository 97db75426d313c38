"""A hub and a shop on two loopback origins; the hub answers what a test says and records all."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

STATIC = Path(__file__).parents[3] / "widgets" / "hub_widgets" / "static"
STUB = "window.regulars=window.regulars||function(){(regulars.q=regulars.q||[]).push(arguments)}"
OWN = {
    "mode": "own",
    "text_version": "2",
    "title": "Your privacy",
    "text": "May we remember what you look at, to show you what fits?",
    "accept": "Accept",
    "decline": "Decline",
    "manage": "Choose",
}
DEADLINE = 15
NUMBERS = itertools.count(1)


@dataclass
class FakeHub:
    """What the hub was asked, and what it shall answer."""

    origin: str = ""
    key: str = "wk_0"
    shop: str = ""
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    consent: dict[str, Any] = field(default_factory=lambda: dict(OWN))
    decisions: list[dict[str, Any]] = field(default_factory=list)
    raw_decide: str = ""
    faults: dict[str, list[Any]] = field(default_factory=dict)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    html: str = ""
    page_headers: dict[str, str] = field(default_factory=dict)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    tokens: int = 0
    files: list[str] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)

    def reset(self) -> None:
        """Forgets the test before."""
        for gate in self.gates.values():
            gate.set()
        fresh = FakeHub(origin=self.origin, shop=self.shop, key=f"wk_{next(NUMBERS)}")
        self.__dict__.update(fresh.__dict__)

    def to(self, path: str) -> list[dict[str, Any]]:
        """The bodies posted to one path."""
        return [body for where, body in self.requests if where == path]

    def events(self) -> list[dict[str, Any]]:
        """Every event received, in order."""
        return [event for body in self.to("/v1/batch") for event in body["batch"]]

    async def until(self, ready: Callable[[], Any]) -> Any:
        """Waits until `ready()` is true of what was recorded."""
        async with asyncio.timeout(DEADLINE), self.changed:
            await self.changed.wait_for(ready)
        return ready()

    async def asked(self, path: str, times: int = 1) -> dict[str, Any]:
        """Waits for the n-th request to a path and gives its body."""
        await self.until(lambda: len(self.to(path)) >= times)
        return self.to(path)[times - 1]

    def answer(self, path: str) -> dict[str, Any]:
        """The plain answer of a healthy hub."""
        if path == "/v1/decide":
            site = {"consent": self.consent, "currency": "EUR"}
            return {"id": "d1", "site": site, "decisions": self.decisions}
        if path == "/v1/device":
            self.tokens += 1
            return {"token": f"did{self.tokens}.mac.1"}
        return {"ok": True, "keep": True, "success": True, "linked": True}

    async def post(self, request: Request) -> Response:
        path = request.url.path
        body = json.loads(await request.body())
        if body["writeKey"] != self.key:
            return Response(status_code=401)  # the last words of the test before
        self.headers.append(dict(request.headers))
        async with self.changed:
            self.requests.append((path, body))
            self.changed.notify_all()
        gate = self.gates.get(path)
        if gate:
            await gate.wait()
        cors = {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "Retry-After",
            "Cache-Control": "no-store",
        }
        if self.faults.get(path):
            status, body, extra = self.faults[path].pop(0)
            return Response(json.dumps(body), status, {**cors, **extra})
        text = self.raw_decide if path == "/v1/decide" and self.raw_decide else ""
        return Response(text or json.dumps(self.answer(path)), headers=cors)

    async def script(self, request: Request) -> Response:
        name = request.url.path[1:]
        self.files.append(name)
        if name in self.missing:
            return Response(status_code=404)
        return Response(
            (STATIC / name).read_bytes(),
            media_type="text/javascript",
            headers={"Access-Control-Allow-Origin": "*"},
        )

    async def page(self, request: Request) -> Response:
        return Response(self.html, media_type="text/html", headers=self.page_headers)

    async def report(self, request: Request) -> Response:
        self.reports.append((await request.body()).decode())
        return Response("")

    async def picture(self, request: Request) -> Response:
        svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>'
        return Response(svg, media_type="image/svg+xml")

    def tag(self, more: str = "") -> str:
        """The line a shop puts on its pages."""
        return f'<script async src="{self.origin}/s.js" data-key="{self.key}" {more}></script>'

    def shows(self, body: str = "", head: str | None = None, lang: str = "en") -> None:
        """The shop's page from now on."""
        self.html = (
            f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Shop</title>'
            '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
            f"{self.tag() if head is None else head}</head><body>{body}</body></html>"
        )


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[int]:
    """Serves on a free port of this machine."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            app, log_level="error", log_config=None, lifespan="off", timeout_graceful_shutdown=1
        )
    )
    task = asyncio.create_task(server.serve(sockets=[sock]))
    yield sock.getsockname()[1]
    server.should_exit = True
    await task


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running_hub() -> AsyncIterator[FakeHub]:
    fake = FakeHub()
    hub = Starlette(
        routes=[
            *(Route(f"/{name}", fake.script) for name in ("s.js", "s.whole.js", "consent.js")),
            Route("/v1/{call}", fake.post, methods=["POST"]),
        ]
    )
    shop = Starlette(
        routes=[
            Route("/csp", fake.report, methods=["POST"]),
            Route("/picture.svg", fake.picture),
            Route("/{rest:path}", fake.page),
        ]
    )
    async with AsyncExitStack() as stack:
        fake.origin = f"http://127.0.0.1:{await stack.enter_async_context(serving(hub))}"
        fake.shop = f"http://localhost:{await stack.enter_async_context(serving(shop))}"
        yield fake
        for gate in fake.gates.values():
            gate.set()


@pytest.fixture
def hub(running_hub: FakeHub) -> FakeHub:
    """The fake hub, with a page that only carries the snippet."""
    running_hub.reset()
    running_hub.shows()
    return running_hub


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A clean profile, on which no answer is ever late: a test that wants a late one says so."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    await context.add_init_script("performance.now = () => 0")
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, hub: FakeHub) -> AsyncIterator[Page]:
    """A page that fails its test if a script on it threw."""
    page = await context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    yield page
    assert thrown == []


@pytest.fixture
def static() -> Path:
    """The folder of built files."""
    return STATIC
