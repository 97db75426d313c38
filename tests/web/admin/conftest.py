"""A filled hub behind its own application, and somebody signed in to it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from hub.clock import SystemClock
from hub.core import Hub
from hub.flows.run import open_hub
from hub.flows.staff import add_staff
from hub.settings import Settings
from hub.web.app import create_app
from tests.shop import ZYGOTE
from tests.web.admin.seed import EMAIL, PASSWORD, seed

PLUGINS = Path(__file__).parents[2] / "plugins" / "good"
ORIGIN = "http://127.0.0.1:8700"


@dataclass
class Desk:
    """A browser of sorts: keeps cookies, and sends a form with its token as a page would."""

    hub: Hub
    client: httpx2.AsyncClient
    ids: dict[str, Any] = field(default_factory=dict)

    async def get(self, path: str, **kwargs: Any) -> httpx2.Response:
        return await self.client.get(f"/admin{path}", **kwargs)

    async def token(self, path: str = "/") -> str:
        page = await self.get(path)
        found = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert found, f"{path} has no form ({page.status_code})"
        return found[1]

    async def post(self, path: str, form: dict[str, str], at: str = "/") -> httpx2.Response:
        data = {"csrf": await self.token(at), **form}
        return await self.client.post(f"/admin{path}", data=data, headers={"Origin": ORIGIN})

    async def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> httpx2.Response:
        return await self.post("/login", {"email": email, "password": password}, at="/login")


def open_client(hub: Hub, address: str = "127.0.0.1") -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=create_app(hub), client=(address, 5000))  # type: ignore[arg-type]
    return httpx2.AsyncClient(transport=transport, base_url=ORIGIN)


@pytest.fixture
async def bare(tmp_path: Path) -> AsyncIterator[Desk]:
    """A hub nobody has an account on."""
    settings = Settings(data_dir=tmp_path, plugins_path=[PLUGINS])
    async with (
        open_hub(settings, SystemClock(), ZYGOTE) as hub,
        open_client(hub) as client,
    ):
        yield Desk(hub, client)


@pytest.fixture
async def out(bare: Desk) -> Desk:
    """A filled hub; nobody is signed in."""
    bare.ids = await seed(bare.hub)
    return bare


@pytest.fixture
async def desk(out: Desk) -> Desk:
    """The owner, signed in."""
    assert (await out.sign_in()).status_code == 303
    return out


@pytest.fixture
async def viewer(out: Desk) -> Desk:
    """Somebody who may only look, signed in."""
    await add_staff(out.hub, email="vic@shop.example", name="Vic", password=PASSWORD, role="viewer")
    assert (await out.sign_in("vic@shop.example")).status_code == 303
    return out
