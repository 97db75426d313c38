"""Opening and closing a hub: the order in which its parts come alive."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from hub.core import Hub
from hub.flows.backup_restore import replay_if_restored
from hub.flows.decision_log import DecisionLog
from hub.flows.dictionary import Dictionary
from hub.flows.letters import Letters
from hub.flows.memory import Memory
from hub.flows.open_store import open_store
from hub.flows.plans import PlanFaults
from hub.flows.plugins_admin import plugins_off, remember_switches
from hub.flows.project import Projector
from hub.flows.publish import counters_of, load_published
from hub.flows.sources import load_sources
from hub.flows.suppress import load_suppressed
from hub.flows.sync import SyncRuns
from hub.flows.upgrade import note_version
from hub.flows.warm import warm_recommender
from hub.flows.workspace import load_workspace
from hub.identity.rules import make_rules
from hub.runner.start import Zygote
from hub.sdk.clock import Clock
from hub.sdk.errors import NeedsAttention
from hub.settings import Settings
from hub.watch import PluginFault, PluginOff

log = logging.getLogger("hub")


@asynccontextmanager
async def open_hub(
    settings: Settings, clock: Clock, zygote: Zygote | None = None, *, standby: bool = False
) -> AsyncIterator[Hub]:
    """An open hub: projector running, configuration loaded. Raises DataFolderInUse.

    `zygote`: the process to fork connectors from, when somebody else keeps one. `standby`: while
    another process has the database, wait until it leaves or dies, then take over.
    """
    async with open_store(settings, standby=standby) as (database, lost):
        hub = Hub(settings, clock, database, zygote, await plugins_off(database))
        hub.lost = lost
        remembering = remember_switches(hub)
        await load_workspace(hub)
        await load_sources(hub)
        await load_published(hub)
        await load_suppressed(hub)
        projector = _projector(hub)
        hub.views = projector
        hub.on_stored.append(projector.wake)
        notes = _Notes(hub)
        hub.writer.start()
        await projector.start()
        await warm_recommender(hub)
        runs = SyncRuns(hub)
        hub.runs = runs
        _configure_channels(hub)
        await notes.start()
        try:
            await replay_if_restored(hub)
            note_version(settings)
            yield hub
        finally:
            await runs.close()
            await remembering.close()
            hub.watch.close()
            await hub.workers.close()
            if zygote is None:
                await hub.zygote.close()
            await hub.writer.close()
            await notes.close()
            await projector.close()


class _Notes:
    """What the hub writes down about its work, each beside the intake and in its own time."""

    def __init__(self, hub: Hub) -> None:
        hub.decisions = self._decisions = DecisionLog(hub.database)
        hub.dictionary = self._dictionary = Dictionary(hub.database, lambda: hub.views.seq)
        hub.letters = self._letters = Letters(hub.database)
        hub.plan_faults = self._faults = PlanFaults(hub.database)
        hub.on_stored.append(self._dictionary.wake)

    async def start(self) -> None:
        self._decisions.start()
        self._dictionary.start()
        self._letters.start()
        await self._faults.start()

    async def close(self) -> None:
        await self._dictionary.close()
        await self._letters.close()
        await self._faults.close()
        await self._decisions.close()


def _projector(hub: Hub) -> Projector:
    return Projector(
        hub.database,
        Memory(hub.catalogue, make_rules(hub.settings.merging)),
        lambda: hub.sources,
        lambda: counters_of(hub.published),
        hub.recommender.learn,
    )


def _configure_channels(hub: Hub) -> None:
    smtp = msgspec.to_builtins(hub.settings.smtp)
    for name, channel in hub.plugins.channels.items():
        try:
            values = smtp if name == "email" else hub.settings.channels.get(name, {})
            plugin = hub.plugins.owner("channel", name)
            hub.watch.call(plugin, f"{name}.configure", channel.configure, values)
        except (NeedsAttention, PluginOff, PluginFault) as error:
            hub.attention[f"channel {name}"] = str(error)
