"""Which plugins work, which are switched off and why; switched by the hub or by a person."""

from __future__ import annotations

import asyncio
import logging
from typing import Literal

import msgspec
import orjson

from hub.core import Hub
from hub.plugins import LoadReport
from hub.store.database import Database, StoreUnavailable

log = logging.getLogger("hub.plugins")
OWNER, PREFIX = "hub", "off:"  # rows beside those of the connections, which are named by number
BY_HAND = "switched off by a person"


class PluginLine(msgspec.Struct, frozen=True):
    """One plugin. `sick`: it works, and had faults lately."""

    name: str
    module: str
    state: Literal["good", "sick", "off", "broken"]
    reason: str
    warnings: list[str]
    note: str = ""


def list_plugins(hub: Hub) -> list[PluginLine]:
    """Every plugin that was found, the loaded ones too."""
    return [_line(hub, report) for report in hub.plugins.report]


def _line(hub: Hub, report: LoadReport) -> PluginLine:
    watch, name = hub.watch, report.name
    if name in watch.off:
        return PluginLine(name, report.module, "off", watch.off[name], report.warnings)
    if not report.ok:
        return PluginLine(name, report.module, "broken", report.error, report.warnings)
    if name in watch.faults:
        return PluginLine(name, report.module, "sick", watch.last[name], report.warnings)
    return PluginLine(name, report.module, "good", "", report.warnings, report.note)


def switch_plugin(hub: Hub, name: str, *, on: bool) -> bool:
    """Switch a plugin on or off by hand; False when there is none of this name."""
    if name not in {report.name for report in hub.plugins.report}:
        return False
    if on:
        hub.watch.switch_on(name)
    else:
        hub.watch.switch_off(name, BY_HAND)
    return True


async def plugins_off(database: Database) -> dict[str, str]:
    """The plugins that were switched off before, and why."""
    rows = await database.fetch(
        "SELECT key, value FROM plugin_state WHERE plugin = ? AND key LIKE ?",
        (OWNER, f"{PREFIX}%"),
    )
    return {key.removeprefix(PREFIX): str(orjson.loads(value)) for key, value in rows}


class Remembering:
    """Writes each switch to its row, beside the call that it happened in."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._loop = asyncio.get_running_loop()
        self._writes: set[asyncio.Task[None]] = set()

    def changed(self, plugin: str) -> None:
        """A plugin was switched; may be called from any thread."""
        self._loop.call_soon_threadsafe(self._note, plugin)

    async def close(self) -> None:
        """Wait for what is being written."""
        await asyncio.sleep(0)  # what was said in this turn of the loop is noted in the next
        while self._writes:
            await asyncio.wait(self._writes)

    def _note(self, plugin: str) -> None:
        task = asyncio.create_task(self._write(plugin))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    async def _write(self, plugin: str) -> None:
        reason = self._hub.watch.off.get(plugin)
        try:
            if reason is None:
                sql = "DELETE FROM plugin_state WHERE plugin = ? AND key = ?"
                await self._hub.database.write([(sql, [(OWNER, PREFIX + plugin)])])
                return
            await self._hub.database.write([(
                "INSERT INTO plugin_state (plugin, key, value) VALUES (?,?,?) "
                "ON CONFLICT (plugin, key) DO UPDATE SET value = excluded.value",
                [(OWNER, PREFIX + plugin, orjson.dumps(reason).decode())],
            )])  # fmt: skip
        except StoreUnavailable as error:
            log.error("the switch of plugin %s is not kept over a restart: %s", plugin, error)


def remember_switches(hub: Hub) -> Remembering:
    """Keep what is switched off over a restart. Close it before the database."""
    remembering = Remembering(hub)
    hub.watch.on_change = remembering.changed
    for plugin in hub.watch.off:  # while loading, before there was anybody to tell
        remembering.changed(plugin)
    return remembering
