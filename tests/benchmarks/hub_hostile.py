"""The same filled hub, with a hostile connector that misbehaves from SIGUSR1 until SIGUSR2."""

from __future__ import annotations

import asyncio
import json
import signal
import tempfile
from pathlib import Path

import uvloop
from starlette.applications import Starlette
from starlette.routing import Route

from hub.clock import SystemClock
from hub.core import Hub
from hub.flows.plugin_run import Terms, hired
from hub.flows.run import open_hub
from hub.flows.sources import create_source
from hub.sdk.errors import HubError
from hub.settings import PluginLimits, Settings
from hub.web.collect import Collect
from hub.web.server import bind, serving
from tests.benchmarks.hub_server import fill, health

PLUGINS = Path(__file__).parents[1] / "plugins" / "hostile"
MODES = ("hang", "eat", "flood")
LIMITS = PluginLimits(memory_mb=512, silence_seconds=3, faults=1_000_000)


async def misbehave(hub: Hub, mode: str) -> None:
    """One fault after the other, as often as the hub lets it."""
    terms = Terms("hostile", {"mode": mode, "target": ""}, {"token": "x"}, "evil", "bench")
    while True:
        try:
            async with hired(hub, terms) as remote:
                async for _ in remote.pull("things", None):
                    continue
        except HubError:
            await asyncio.sleep(0.1)


async def main() -> None:
    loop = asyncio.get_running_loop()
    tasks: list[asyncio.Task[None]] = []

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), plugins_path=[PLUGINS], plugin_limits=LIMITS)
        async with open_hub(settings, SystemClock()) as hub:

            def start() -> None:
                tasks.extend(loop.create_task(misbehave(hub, mode)) for mode in MODES)

            def stop() -> None:
                while tasks:
                    tasks.pop().cancel()

            loop.add_signal_handler(signal.SIGUSR1, start)
            loop.add_signal_handler(signal.SIGUSR2, stop)
            source = await create_source(hub, name="Bench", kind="browser", shop="shop")
            token = await fill(hub, source)
            rest = Starlette(routes=[Route("/health", health)])
            rest.state.hub = hub
            async with serving(Collect(hub, rest), bind("127.0.0.1", 0)) as port:
                print(json.dumps({"port": port, "key": source.write_key, "token": token}),
                      flush=True)  # fmt: skip
                await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
