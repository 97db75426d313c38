"""A new plugin of each kind at work in a hub that was only given its folder."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.clock import FixedClock, SystemClock
from hub.flows.connections import check_connection, save_connection
from hub.flows.entry_links import login_link
from hub.flows.sources import create_source
from hub.flows.staff import create_owner
from hub.flows.sync import sync
from hub.scaffold.write import write_plugin
from hub.sdk.channel import Message
from hub.sdk.loopback import serving
from hub.store.models import Connection
from tests.connected import connected_hub
from tests.shop import SHOP, SHOP_URL, order, product
from tests.web.door import Door

ANN = "ann@shop.example"
MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@asynccontextmanager
async def hub_with(kind: str, name: str, folder: Path, **settings: object) -> AsyncIterator[Door]:
    """A hub whose settings name the folder in which a new plugin stands."""
    plugins = folder / "plugins"
    write_plugin(kind, name, plugins)
    async with connected_hub(
        folder / "data", FixedClock(MONDAY), plugins_path=[plugins], **settings
    ) as door:
        for source in ("browser", "connector"):
            row = await create_source(
                door.shop.hub, name=source, kind=source, shop=SHOP, shop_url=SHOP_URL
            )
            door.shop.sources[source] = row
        line = next(one for one in door.shop.hub.plugins.report if one.name == f"hub_{name}")
        assert line.ok and not line.warnings, line
        yield door


async def test_a_connector_is_offered_and_reads_its_vendor(tmp_path: Path) -> None:
    async with hub_with("connector", "foldershop", tmp_path) as door:
        hub = door.shop.hub
        vendor = importlib.import_module("hub_foldershop.tests.vendor")
        shop = vendor.Vendor(SystemClock())
        await create_owner(hub, email=ANN, name="Ann", password="a long enough sentence")
        await door.http.get(await login_link(hub, ANN), follow_redirects=True)
        gallery = await door.http.get("/admin/connections")
        assert "/admin/connections/new/foldershop" in gallery.text
        async with serving(shop.app) as url:
            wrong = await check_connection(hub, "foldershop", {"url": url}, {"key": "no"})
            assert not wrong.ok and "401" in wrong.message
            number = await save_connection(
                hub, "foldershop", name="Corner", shop="corner", config={"url": url},
                secret={"key": vendor.KEY},
            )  # fmt: skip
            await sync(hub, number)
        row = await Connection.get(id=number)
        assert (row.status, row.last_error) == ("ready", "")
        await door.shop.settle()
        orders = await hub.database.fetch("SELECT order_id, total FROM shop_order ORDER BY 1")
        assert orders[0] == ("101", 4190) and len(orders) == 5
        await a_webhook_arrives(door, shop)


async def a_webhook_arrives(door: Door, shop: Any) -> None:
    """The vendor's delivery changes the order; a forged one changes nothing."""
    shop.save("orders", 101, status="sent")
    (headers, body), (hook, *_) = shop.outbox[-1], shop.hooks
    forged = await door.http.post(hook["url"], content=body + b" ", headers=headers)
    assert forged.status_code == 401
    taken = await door.http.post(hook["url"], content=body, headers=headers)
    assert taken.status_code == 200, taken.text
    await door.shop.settle()
    rows = await door.shop.hub.database.fetch(
        "SELECT status FROM shop_order WHERE order_id = '101'"
    )
    assert [tuple(row) for row in rows] == [("fulfilled",)]


async def test_a_condition_decides_who_sees_a_widget(tmp_path: Path) -> None:
    async with hub_with("condition", "folder_orders", tmp_path) as door:
        shop = door.shop
        text = (
            "type: banner\nname: Second time\nslot: top\nwhen: {folder_orders: {exactly: 1}}\n"
            "content: {en: {title: Good to see you again}}\n"
        )
        await shop.widget("again", text)
        token = await shop.device()
        assert await shop.shown(token, slots=["top"]) == []
        await shop.report(order("o1", customer_id="c1", order_key="wc_order_secret1"))
        thanks = {"type": "page", "properties": {"order_key": "wc_order_secret1"}}
        await shop.send(thanks, token=token)
        shop.later(minutes=5)
        assert await shop.shown(token, slots=["top"]) == ["again"]


async def test_a_recommender_fills_a_widget(tmp_path: Path) -> None:
    async with hub_with("recommender", "folder_cheap", tmp_path) as door:
        shop = door.shop
        prices = {"p1": 900, "p2": 300, "p3": 600, "p4": 100}
        await shop.report(
            *(product(p, price=price, categories=("Tea",)) for p, price in prices.items())
        )
        text = (
            "type: recommendations\nname: Cheap\nslot: top\n"
            "recommend: {strategy: folder_cheap, limit: 3, fallback: none}\n"
            "content: {en: {title: The cheapest}}\n"
        )
        await shop.widget("cheap", text)
        (answer,) = (await shop.ask(product={"product_id": "p2"}, slots=["top"]))["decisions"]
        assert [p["product_id"] for p in answer["products"]] == ["p4", "p3", "p1"]


async def test_a_channel_takes_its_settings_and_sends(tmp_path: Path) -> None:
    sys.path.insert(0, os.fspath(tmp_path / "plugins"))
    table = {"foldertext": {"url": "http://127.0.0.1:9", "key": "gw"}}
    async with hub_with("channel", "foldertext", tmp_path, channels=table) as door:
        hub = door.shop.hub
        assert "channel foldertext" not in hub.attention
        gateway_module = importlib.import_module("hub_foldertext.tests.gateway")
        gateway = gateway_module.Gateway()
        async with serving(gateway) as url:
            channel = hub.plugins.channels["foldertext"]
            channel.configure({"url": url, "key": gateway_module.KEY})
            receipt = await channel.send(Message("k1", "+31612345678", "", "On its way"))
        assert receipt.state == "done"
        assert [a.text for a in gateway.taken.values()] == ["On its way"]


async def test_a_channel_without_settings_asks_for_a_person(tmp_path: Path) -> None:
    async with hub_with("channel", "foldersilent", tmp_path) as door:
        said = door.shop.hub.attention["channel foldersilent"]
        assert "channels.foldersilent.url" in said


async def test_a_widget_says_what_fits_the_moment(tmp_path: Path) -> None:
    async with hub_with("widget", "foldercount", tmp_path) as door:
        shop = door.shop
        text = (
            "type: foldercount\nname: Count\nslot: top\ncontent: {en: {title: 'Within {time}', "
            "until: '22', weekend: true}}\n"
        )
        await shop.widget("count", text)
        (answer,) = (await shop.ask(slots=["top"], locale="nl-BE"))["decisions"]
        # 12:00 UTC is 13:00 in Amsterdam, nine hours before ten.
        assert (answer["type"], answer["content"]["title"]) == ("banner", "Within 9 u 0 min")
        shop.later(hours=9)
        assert await shop.shown(slots=["top"]) == []


async def test_a_widget_that_fails_costs_itself_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hub_with("widget", "folderfail", tmp_path) as door:
        shop = door.shop
        content = "content: {en: {title: T}}\n"
        await shop.widget("bad", f"type: folderfail\nname: B\nslot: top\npriority: 9\n{content}")
        await shop.widget("good", f"type: banner\nname: G\nslot: top\n{content}")
        assert await shop.shown(slots=["top"]) == ["bad"]
        module = importlib.import_module("hub_folderfail.widget")
        for fault in ({"title": ""}, {"title": "x", "url": "javascript:x"}, {"script": "x"}, 5):
            monkeypatch.setattr(module, "_TIMES", {"en": fault})
            assert await shop.shown(slots=["top"]) == ["good"]
