"""A real hub with good, broken or hostile plugins, loaded from their folders."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from hub.clock import FixedClock
from hub.core import Hub
from hub.flows.plugin_run import Terms, hired
from hub.flows.plugins_admin import PluginLine, list_plugins
from hub.sdk.connector import CheckResult
from hub.settings import PluginLimits
from hub.store.models import Connection
from tests.shop import Shop, open_shop

PLUGINS = Path(__file__).parent
LIMITS = PluginLimits(memory_mb=300, silence_seconds=30, run_minutes=1, faults=3)


@asynccontextmanager
async def open_house(
    folder: Path, kinds: Sequence[str], clock: FixedClock | None = None, **limits: int
) -> AsyncIterator[Shop]:
    """A shop whose hub has all plugins of these folders."""
    paths = [PLUGINS / kind for kind in kinds]
    limited = msgspec.structs.replace(LIMITS, **limits)
    async with open_shop(folder, clock=clock, plugins_path=paths, plugin_limits=limited) as shop:
        yield shop


def line(hub: Hub, plugin: str) -> PluginLine:
    """The plugin as the health page shows it."""
    return next(each for each in list_plugins(hub) if each.name == plugin)


def terms(mode: str, target: str = "", token: str = "") -> Terms:
    """What the hostile connector is given to do its worst."""
    config = {"mode": mode, "target": target}
    return Terms("hostile", config, {"token": token}, "evil", "connection 77")


async def tried(hub: Hub, given: Terms) -> CheckResult:
    """A check on these terms."""
    async with hired(hub, given) as remote:
        return await remote.check()


async def connect(shop: Shop, connector: str, **config: str) -> Connection:
    """A connection that was not tested first."""
    source = shop.sources["connector"]
    sealed = {"token": "hush-token", "webhook_secret": "hush-hook"}
    return await Connection.create(
        connector=connector, name=connector, source_id=source.id, config=config, progress={},
        secret=shop.hub.vault.seal(f"source {source.id}", sealed),
    )  # fmt: skip
