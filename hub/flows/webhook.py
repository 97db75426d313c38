"""webhook: verify -> once -> log. A delivery is answered before anything is done about it."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from hub.clock import to_ms
from hub.core import Hub
from hub.flows.connections import webhook_url
from hub.flows.device import use_once
from hub.flows.plugin_run import listening
from hub.flows.sync import take_in
from hub.store.models import Connection

MAX_ID = 2**31 - 1


class NoConnection(Exception):
    """Nobody is connected under this number."""


async def receive_webhook(
    hub: Hub, connection_id: int, headers: Mapping[str, str], body: bytes
) -> str:
    """Take one delivery; answer a note about what became of it.

    Raises NoConnection, Forged (nothing is kept), Overloaded, StoreUnavailable, or PluginOff and
    PluginFault: the delivery may be sent again.
    """
    if connection_id > MAX_ID:  # more than the column holds
        raise NoConnection
    connection = await Connection.get_or_none(id=connection_id)
    if connection is None:
        raise NoConnection
    source = hub.sources[connection.source_id]
    now = hub.clock.now()
    async with listening(hub, connection) as remote:
        result = await remote.webhook(headers, body, webhook_url(hub, connection_id), now)
    if result.kind == "ping":  # anybody may send one: it is no sign of life of the shop
        return result.note or result.kind
    if not source.enabled:
        return "this source is switched off: nothing was stored"
    hub.seen[source.id] = to_ms(now)
    if result.wants:
        hub.wanted.add(connection_id)
    if result.kind != "records":
        return result.note or result.kind
    if await _seen_before(hub, connection_id, result.dedupe_key):
        # A replay changes nothing; a thing that went back to an earlier state looks the same,
        # and the next reading of the shop finds it.
        return "seen before"
    await take_in(hub, source.id, result.sightings, result.invalid)
    # Noted after storing: a crash in between stores nothing twice, the log's own key sees to that.
    await use_once(hub, _mark(connection_id, result.dedupe_key), to_ms(now))
    return result.note or "stored"


async def _seen_before(hub: Hub, connection_id: int, key: str) -> bool:
    mark = _mark(connection_id, key)
    return bool(await hub.database.fetch("SELECT 1 FROM used_token WHERE jti = ?", (mark,)))


def _mark(connection_id: int, key: str) -> str:
    return "hook-" + sha256(f"{connection_id}:{key}".encode()).hexdigest()[:48]
