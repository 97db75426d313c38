"""Connectors at work: started with what is theirs, their faults counted, their end ensured."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from hub.clock import SystemClock
from hub.core import Hub
from hub.flows.plugin_state import StoredState, state_keys
from hub.runner.remote import Patience, Remote, opened
from hub.runner.wire import Start
from hub.sdk.errors import HubError
from hub.store.models import Connection
from hub.watch import PluginFault, PluginOff

CHECK_SECONDS = 180.0
WEBHOOK_SECONDS = 5.0  # then the shop hangs up anyway


class UnknownConnector(HubError):
    """No loaded plugin offers this connector."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a connector is given: nothing else of the hub reaches it."""

    connector: str
    config: Mapping[str, str]
    secret: Mapping[str, str] = field(repr=False)
    shop: str
    owner: str  # of its state


@asynccontextmanager
async def running(hub: Hub, connection: Connection) -> AsyncIterator[Remote]:
    """The connector of this connection, in a process of its own until the context ends.

    Raises UnknownConnector, WrongKey, PluginOff, PluginFault and what its methods raise.
    """
    async with hired(hub, terms_of(hub, connection)) as remote:
        yield remote


@asynccontextmanager
async def hired(hub: Hub, terms: Terms) -> AsyncIterator[Remote]:
    """The same for any terms: before there is a connection."""
    limits = hub.settings.plugin_limits
    patience = Patience(limits.silence_seconds, CHECK_SECONDS)
    plugin = plugin_of(hub, terms.connector)
    with_faults = counted(hub, plugin)
    async with with_faults, open_runner(hub, plugin, terms, patience) as remote:
        yield remote


@asynccontextmanager
async def listening(hub: Hub, connection: Connection) -> AsyncIterator[Remote]:
    """A runner for this connection's webhooks: it stays, and takes one delivery at a time."""
    terms = terms_of(hub, connection)
    plugin = plugin_of(hub, terms.connector)
    patience = Patience(WEBHOOK_SECONDS, WEBHOOK_SECONDS)
    key = (connection.id, tuple(terms.config.items()), connection.secret)

    def start() -> AbstractAsyncContextManager[Remote]:
        return open_runner(hub, plugin, terms, patience)

    async with counted(hub, plugin), hub.workers.at_work(connection.id, key, start) as remote:
        yield remote


@asynccontextmanager
async def counted(hub: Hub, plugin: str) -> AsyncIterator[None]:
    """Refuse a plugin that is switched off; count its faults, and forget them when it did well."""
    if plugin in hub.watch.off:
        raise PluginOff(plugin, hub.watch.off[plugin])
    try:
        yield
    except PluginFault as error:
        hub.watch.fault(plugin, error.fault)
        raise
    else:
        hub.watch.fine(plugin)


def open_runner(
    hub: Hub, plugin: str, terms: Terms, patience: Patience
) -> AbstractAsyncContextManager[Remote]:
    """A runner on these terms."""
    settings = hub.settings
    hidden = [settings.data_dir, *([settings.backup_dir] if settings.backup_dir else [])]
    start = Start(
        plugin=plugin,
        module=hub.plugins.module(plugin),
        connector=terms.connector,
        config={key: str(value) for key, value in terms.config.items()},
        secret=dict(terms.secret),
        shop=terms.shop,
        private_hosts=list(settings.private_hosts),
        path=[part for part in sys.path if part],
        hidden=[str(path.absolute()) for path in hidden],
        memory_mb=settings.plugin_limits.memory_mb,
        now=hub.clock.now(),
        ticks=isinstance(hub.clock, SystemClock),
    )
    keys = state_keys(hub.plugins.connectors[terms.connector])
    return opened(hub.zygote, start, hub.clock, StoredState(hub, terms.owner, keys), patience)


def terms_of(hub: Hub, connection: Connection) -> Terms:
    """What the connector of this connection is given. Raises WrongKey."""
    return Terms(
        connector=connection.connector,
        config=connection.config if isinstance(connection.config, dict) else {},
        secret=secrets_of(hub, connection),
        shop=hub.sources[connection.source_id].shop,
        owner=f"connection {connection.id}",
    )


def secrets_of(hub: Hub, connection: Connection) -> dict[str, str]:
    """The connection's secrets in the clear. Raises WrongKey."""
    return hub.vault.open(f"source {connection.source_id}", connection.secret)


def plugin_of(hub: Hub, connector: str) -> str:
    """The plugin that offers this connector. Raises UnknownConnector."""
    if connector not in hub.plugins.connectors:
        known = ", ".join(sorted(hub.plugins.connectors)) or "none"
        raise UnknownConnector(f"no connector is named '{connector}'; loaded are: {known}")
    return hub.plugins.owner("connector", connector)
