"""Erasing in a connected system. One function talks to the connector, wherever it runs."""

from __future__ import annotations

from collections.abc import Sequence

from hub.core import Hub
from hub.flows.connections import connector_named
from hub.flows.plugin_run import running
from hub.sdk.push import Erased, can_erase
from hub.sdk.records import Identifier
from hub.store.models import Connection

NAMED = ("email", "phone", "user", "customer")  # what another system can know somebody by


async def ask_connector(
    hub: Hub, connection: Connection, identifiers: Sequence[Identifier]
) -> Erased:
    """Have the connector erase this person. Raises what a connector raises: see hub.sdk.errors."""
    connector = connector_named(hub, connection.connector)
    shop = hub.sources[connection.source_id].shop
    if not can_erase(connector):
        note = f"Erase this person in {connector.title} yourself: its connector can not do it."
        return Erased("manual", note=note)
    hers = [who for who in identifiers if who.type in NAMED and who.namespace in ("", shop)]
    if not hers:
        return Erased("nothing")
    async with running(hub, connection) as remote:
        return await remote.erase(hers)
