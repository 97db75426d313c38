"""A hub for measurements: a fresh data folder, one browser source, and, with `--filled`, a
catalogue, fifty published widgets and a warm profile; `--people N` puts N people there first."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import orjson
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from hub.clock import SystemClock
from hub.core import Hub, SourceRow
from hub.flows.accept import accept_batch
from hub.flows.api_tokens import make_token
from hub.flows.device import ConsentChoice, mint_device
from hub.flows.publish import publish
from hub.flows.run import open_hub
from hub.flows.sources import create_source
from hub.flows.sync import take_in
from hub.sdk.records import Product, Sighting
from hub.settings import load_settings
from hub.web.api import routes as api_routes
from hub.web.collect import Collect
from hub.web.server import bind, serving

PRODUCTS = 150
WIDGETS = 50
DEVICES = 2000
FRESH = (
    "type: banner\nname: Fresh\nslot: fresh\nwhen: {did: {event: Fresh, count: {at_least: 1}}}\n"
    "content: {en: {title: Seen, text: We saw it}}\n"
)


def widget_text(number: int) -> str:
    """A third recommendations, a third rules on behaviour, a third rules on the page."""
    kind = number % 3
    lines = {
        0: "type: recommendations\nrecommend: {strategy: also_viewed, limit: 4}\n"
        "content: {en: {title: You may also like}}\n",
        1: "type: banner\nwhen: {all: [{did: {event: Product Viewed, count: {at_least: "
        f"{number % 5 + 1}}}, within: {{days: 7}}}}}}, {{not: {{trait: {{key: city, op: is, value: "
        f"City {number}}}}}}}]}}\n"
        "content: {en: {title: Welcome back, text: Good to see you}}\n",
        2: "type: banner\nwhen: {page: {field: path, op: starts_with, value: /category-"
        f"{number}}}}}\ncontent: {{en: {{title: Here, text: Look at this}}}}\n",
    }
    return f"name: Widget {number}\nslot: slot-{number % 10}\npriority: {number}\n{lines[kind]}"


async def fill(hub: Hub, source: SourceRow) -> str:
    """Products, past views, widgets; answers the token of a device with a warm profile."""
    now = datetime.now(UTC)
    shop = await create_source(hub, name="Shop", kind="connector", shop="shop")
    products = [
        Sighting(Product(shop="shop", product_id=f"p{i}", updated_at=now, title=f"Product {i}",
                         currency="EUR", url=f"https://shop.example/p{i}", price=100 * i + 95,
                         stock="yes"))
        for i in range(PRODUCTS)
    ]  # fmt: skip
    await take_in(hub, shop.id, products, ())
    rng = random.Random(7)
    token = ""
    last = 0
    for person in range(60):
        token = await mint_device(
            hub, source, ConsentChoice({"analytics": True, "personalisation": True})
        )
        events = [
            {"type": "track", "event": "Product Viewed", "messageId": f"fill-{person}-{i}",
             "properties": {"product_id": f"p{min(PRODUCTS - 1, int(rng.expovariate(0.03)))}"}}
            for i in range(40)
        ]  # fmt: skip
        await accept_batch(hub, source, orjson.dumps({"batch": events, "token": token}))
        last = (await hub.database.fetch("SELECT MAX(seq) FROM log"))[0][0]
    await hub.views.reached(last, timeout=60)
    for number in range(WIDGETS):
        await publish(hub, f"widget-{number}", widget_text(number), base_version=0, author="bench")
    await publish(hub, "fresh", FRESH, base_version=0, author="bench")
    return token


async def health(request: Request) -> Response:
    hub: Hub = request.app.state.hub
    return Response(orjson.dumps({"projected": hub.views.seq}), media_type="application/json")


async def devices(hub: Hub, n: int) -> list[str]:
    """Tokens of so many known devices, spread over the whole table."""
    rows = await hub.database.fetch("SELECT value FROM node WHERE type = 'device' ORDER BY id")
    step = max(1, len(rows) // n)
    return [
        f"{did}.{hub.signer.mac('device', did)}.{hub.signer.key_id}" for (did,) in rows[::step][:n]
    ]


async def main(filled: bool, people: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if people:  # in a process of its own: what filling took is not the hub's memory
            command = [sys.executable, "-m", "tests.benchmarks.filled", folder, str(people)]
            await (await asyncio.create_subprocess_exec(*command)).wait()
        async with open_hub(load_settings(Path(folder)), SystemClock()) as hub:
            source = await create_source(hub, name="Bench", kind="browser", shop="shop")
            token = await fill(hub, source) if filled else ""
            rest = Starlette(
                routes=[Route("/health", health), Mount("/api/v1", routes=api_routes(hub))]
            )
            api = await make_token(hub, "bench", ["people.read"], 30, by="bench")
            rest.state.hub = hub
            async with serving(Collect(hub, rest), bind("127.0.0.1", 0)) as port:
                print(json.dumps({"port": port, "key": source.write_key, "token": token, "api": api,
                                  "tokens": await devices(hub, DEVICES),
                                  "seq": hub.views.seq}), flush=True)  # fmt: skip
                await asyncio.Event().wait()


if __name__ == "__main__":
    told = argparse.ArgumentParser()
    told.add_argument("--filled", action="store_true")
    told.add_argument("--people", type=int, default=0)
    given = told.parse_args()
    uvloop.run(main(given.filled, given.people))
