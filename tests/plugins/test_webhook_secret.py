"""The secret of webhooks through a real hub: the vendor's own where the form has it, else ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from hub.clock import FixedClock
from hub.flows.connections import save_connection
from hub.flows.connections_read import ConnectionLine, connection_page
from hub.flows.plugin_run import secrets_of
from hub.flows.sync import sync
from hub.sdk.webhooks import sign_base64
from hub.store.models import Connection
from tests.connected import NOW, PLUGINS, connected_hub
from tests.web.door import Door

OWN = "made-by-the-vendor"


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    folders = [PLUGINS / "signing", PLUGINS / "good"]
    async with connected_hub(tmp_path, FixedClock(NOW), plugins_path=folders) as opened:
        yield opened


async def save(door: Door, connector: str, **secret: str) -> ConnectionLine:
    hub = door.shop.hub
    number = await save_connection(
        hub, connector, name="Shop", shop="web", config={}, secret=secret
    )
    return await page(door, number)


async def page(door: Door, number: int) -> ConnectionLine:
    line = await connection_page(door.shop.hub, number)
    assert line is not None
    return line


async def made(door: Door, number: int) -> str:
    return secrets_of(door.shop.hub, await Connection.get(id=number))["webhook_secret"]


async def knock(line: ConnectionLine, door: Door, signed: bytes, secret: str) -> httpx.Response:
    headers = {"X-Signature": sign_base64(secret, signed)}
    return await door.http.post(line.webhook_url, content=b"7", headers=headers)


async def test_the_vendors_own_secret_and_the_address_verify(door: Door) -> None:
    line = await save(door, "signing", webhook_secret=f" {OWN} ")
    right = line.webhook_url.encode() + b"7"
    elsewhere = right.replace(b"/hooks/", b"/hook/")
    for signed, secret in ((right, "another"), (b"7", OWN), (elsewhere, OWN), (right, "")):
        assert (await knock(line, door, signed, secret)).status_code == 401
    answer = await knock(line, door, right, OWN)
    assert (answer.status_code, answer.text) == (200, "stored")
    await door.shop.settle()
    rows = await door.shop.hub.database.fetch("SELECT product_id FROM product")
    assert rows == [("s7",)]


async def test_left_empty_nobody_can_sign(door: Door) -> None:
    line = await save(door, "signing", webhook_secret=" ")
    assert len(await made(door, line.id)) > 40
    right = line.webhook_url.encode() + b"7"
    for secret in ("", " "):
        assert (await knock(line, door, right, secret)).status_code == 401


async def test_a_secret_that_the_form_does_not_ask_for_is_not_taken(door: Door) -> None:
    line = await save(door, "good", token="t", webhook_secret=OWN)
    assert await made(door, line.id) != OWN


async def test_the_page_says_who_gives_the_address_to_the_vendor(door: Door) -> None:
    mine, hand = (
        await save(door, "good", token="t"),
        await save(door, "signing", webhook_secret=OWN),
    )
    assert (mine.hooks, hand.hooks) == ("waiting", "by hand")
    for line in (mine, hand):
        await sync(door.shop.hub, line.id)
    assert (await page(door, mine.id)).hooks == "registered"
    told = await page(door, hand.id)
    assert told.hooks == "by hand"
    assert hand.webhook_url in told.hook_note
    assert OWN not in told.hook_note  # a connector that is careless with it
    assert [stream.name for stream in told.streams] == ["products"]
