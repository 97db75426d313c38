"""One Chromium for every browser test; each test gets its own fresh context from it."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from inspect import iscoroutinefunction
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright, async_playwright

HERE = Path(__file__).parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser lives in one event loop: every test of this folder runs in that loop."""
    for item in items:
        if HERE in Path(item.path).parents and iscoroutinefunction(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def find_chromium(playwright: Playwright) -> str:
    """The path of a Chromium, or a failure with the line to type."""
    named = os.environ.get("REGULARS_CHROMIUM")
    if named and not Path(named).exists():
        pytest.fail(f"REGULARS_CHROMIUM names {named}, which does not exist", pytrace=False)
    candidates = [
        named,
        shutil.which("chromium"),
        shutil.which("google-chrome"),
        playwright.chromium.executable_path,
    ]
    for path in candidates:
        if path and Path(path).exists():
            return path
    pytest.fail("no Chromium was found; to install one, type: hub dev browser", pytrace=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A headless Chromium, started once."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=find_chromium(playwright), args=FLAGS
        )
        yield chromium
        await chromium.close()
