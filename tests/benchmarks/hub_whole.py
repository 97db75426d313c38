"""A whole hub for measurements, admin pages included, in the folder named: two shops with a browser
key each, and somebody signed in."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import uvloop

from hub.clock import SystemClock
from hub.flows.run import open_hub
from hub.flows.sources import create_source
from hub.flows.staff import create_owner, open_session
from hub.settings import load_settings
from hub.web.app import create_app
from hub.web.server import bind, serving


async def main(folder: Path) -> None:
    async with open_hub(load_settings(folder), SystemClock()) as hub:
        keys = [
            (await create_source(hub, name=name, kind="browser", shop=name)).write_key
            for name in ("flooded", "honest")
        ]
        owner = await create_owner(
            hub, email="owner@shop.example", name="Owner", password="a long enough sentence"
        )
        session = await open_session(hub, owner)
        async with serving(create_app(hub), bind("127.0.0.1", 0)) as port:
            print(json.dumps({"port": port, "keys": keys, "session": session}), flush=True)
            await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1])))
