"""sync: read what is new in a connected system, page by page, into the log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import orjson

from hub.catalogue.sightings import Unplaced, sighting_entry
from hub.clock import to_ms
from hub.core import Hub
from hub.flows.accept import reject
from hub.flows.connections import connector_named, webhook_url
from hub.flows.connections_read import HOOKS, hook_line
from hub.flows.plugin_run import running
from hub.flows.plugin_state import StoredState, state_keys
from hub.runner.remote import Remote
from hub.sdk.connector import Connector, Invalid
from hub.sdk.errors import Broken, HubError, NeedsAttention, Retryable
from hub.sdk.records import Sighting
from hub.store.database import Entry, StoreUnavailable
from hub.store.lanes import Overloaded
from hub.store.models import Connection

log = logging.getLogger("hub.sync")
PAGE_ENTRIES = 500
SWITCHED_OFF = "The source of this connection is switched off: switch it on to read the shop."


class SyncRuns:
    """The syncs under way, one at most per connection."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def start(self, connection_id: int) -> bool:
        """Start a sync in the background; False when one is under way already."""
        running = self._tasks.get(connection_id)
        if running is not None and not running.done():
            return False
        self._tasks[connection_id] = asyncio.create_task(self._run(connection_id))
        return True

    async def _run(self, connection_id: int) -> None:
        try:
            await sync(self._hub, connection_id)
        except Exception:  # even its row could not be written: the disk is full, or it is gone
            log.exception("sync of connection %s failed", connection_id)

    async def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


async def start_sync(hub: Hub, connection_id: int) -> bool:
    """Start a sync in the background; False when one is under way already."""
    return hub.runs.start(connection_id)


async def sync(hub: Hub, connection_id: int) -> None:
    """One whole run. What went wrong is on the connection's row, in words for a person."""
    connection = await Connection.get(id=connection_id)
    if not hub.sources[connection.source_id].enabled:
        await _note(connection_id, status="ready", last_error=SWITCHED_OFF)
        return
    await _note(connection_id, status="syncing", last_error="")
    minutes = hub.settings.plugin_limits.run_minutes
    outcome = "failed"
    try:
        connector = connector_named(hub, connection.connector)
        async with asyncio.timeout(minutes * 60), running(hub, connection) as remote:
            hooks = await remote.after_connect(webhook_url(hub, connection_id))
            await _progress(connection_id, HOOKS, hook_line(hooks))
            for stream in connector.streams:
                await _stream(hub, connection, connector, remote, stream.name)
    except (NeedsAttention, HubError) as error:
        outcome = "attention" if isinstance(error, NeedsAttention) else outcome
        await _failed(connection_id, error)
    except (StoreUnavailable, Overloaded) as error:
        await _failed(connection_id, Retryable(f"The hub could not store what it read: {error}"))
    except TimeoutError:
        await _failed(connection_id, Retryable(f"Reading took longer than {minutes} minutes."))
    except asyncio.CancelledError:
        outcome = "stopped"
        await _note(connection_id, status="ready", last_error="stopped; the next sync goes on")
        raise
    except Exception as error:  # a plugin's fault must not reach the hub
        log.exception("sync of connection %s failed", connection_id)
        await _failed(connection_id, Broken(f"{type(error).__name__}: {error}"))
    else:
        outcome = "done"
        await _note(connection_id, status="ready", last_sync_at=to_ms(hub.clock.now()))
    finally:
        hub.meters.syncs[connection.connector, outcome] += 1


async def _stream(
    hub: Hub, connection: Connection, connector: Connector, remote: Remote, stream: str
) -> None:
    key = f"cursor:{stream}"
    state = StoredState(hub, f"connection {connection.id}", state_keys(connector))
    cursor = await state.get(key)
    done = 0
    await _progress(connection.id, stream, {"state": "running", "done": 0, "total": None})
    async for piece in remote.pull(stream, cursor):
        await take_in(hub, connection.source_id, piece.sightings, piece.invalid)
        done += len(piece.sightings)
        if piece.cursor is None:  # the page goes on
            continue
        # The cursor follows the records: a crash between the two reads a page twice, never skips.
        await state.put(key, piece.cursor)
        await _progress(
            connection.id, stream,
            {"state": "running", "done": piece.done or done, "total": piece.total},
        )  # fmt: skip
    await _progress(connection.id, stream, {"state": "done", "done": done, "total": done})


async def take_in(
    hub: Hub, source_id: int, sightings: Sequence[Sighting], invalid: Sequence[Invalid]
) -> int:
    """Store sightings durably, count the unreadable; answer the last seq (0: nothing new)."""
    now = to_ms(hub.clock.now())
    source = hub.sources[source_id]
    for wrong in invalid:
        reject(hub, source, f"record: {wrong.id}: {wrong.reason}", _sample(wrong.raw), now)
    entries: list[Entry] = []
    for sighting in sightings:
        try:
            entry = sighting_entry(
                sighting.record, sighting.raw, source_id=source_id, received_at=now
            )
        except Unplaced as error:
            reject(hub, source, str(error), _sample(sighting.raw), now)
        else:
            entries.append(entry)
    last = 0
    for start in range(0, len(entries), PAGE_ENTRIES):
        stored = await hub.writer.append(entries[start : start + PAGE_ENTRIES])
        last = max([last, *(outcome.seq for outcome in stored)])
    return last


def _sample(raw: Any) -> bytes:
    if isinstance(raw, bytes):  # JSON already
        return raw[:500]
    try:
        return orjson.dumps(raw)[:500]
    except (TypeError, orjson.JSONEncodeError):
        return b""


async def _failed(connection_id: int, error: HubError) -> None:
    status = "attention" if isinstance(error, NeedsAttention) else "ready"
    words = str(error) if not isinstance(error, Retryable) else f"{error} (will be tried again)"
    await _note(connection_id, status=status, last_error=words[:1000])


async def _note(connection_id: int, **values: Any) -> None:
    await Connection.filter(id=connection_id).update(**values)


async def _progress(connection_id: int, stream: str, line: dict[str, Any]) -> None:
    connection = await Connection.get(id=connection_id)
    known = connection.progress if isinstance(connection.progress, dict) else {}
    await _note(connection_id, progress={**known, stream: line})
