"""Tee: while a shop moves in, every event of a source goes to its old collector as well.

Read from the log, in order, so that nothing that was accepted is missed; at least once, with a
message id that stays the same, so that the other side can drop a repetition. The hub waits for
nobody: the other side being away costs nothing but its own delay.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
import orjson

from hub.clock import from_ms, to_ms
from hub.core import Hub
from hub.flows.audit import note
from hub.ingest.events import CLAIMED
from hub.sdk.client import Answered, HttpClient, Limits
from hub.sdk.errors import HubError, Retryable
from hub.sdk.guard import Guard
from hub.store.database import DAY_MS, Row
from hub.store.models import Tee

BATCH_EVENTS = 100
WINDOW_ROWS = 5000  # entries of the log that are looked through at a time
WAIT_MS = 60_000
LONG_WAIT_MS = 600_000  # a person has to do something
EVENTS_SQL = (
    "SELECT l.seq, l.name, l.at, l.received_at, l.links, l.body, n.type, n.value "
    "FROM log l LEFT JOIN node n ON n.id = l.node_id "
    "WHERE l.seq > ? AND l.seq <= ? AND l.source_id = ? AND l.kind = 'event' "
    "ORDER BY l.seq LIMIT ?"
)
COUNT_SQL = (
    "INSERT INTO tee_count (source_id, day, name, outcome, reason, n) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (source_id, day, name, outcome, reason) DO UPDATE SET n = tee_count.n + excluded.n"
)


class Passed(msgspec.Struct, frozen=True):
    """One event as the other side gets it, and how it is counted."""

    seq: int
    day: int
    name: str
    wire: dict[str, Any]


async def start_tee(hub: Hub, source_id: int, *, url: str, key: str, by: str) -> None:
    """Pass on what arrives from now on. Raises ValueError naming the field."""
    address = url.strip().rstrip("/").removesuffix("/v1/batch").removesuffix("/v1")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
        raise ValueError("url: the address of the other side, as https://api.vendor.example")
    if len(address) > 480:
        raise ValueError("url: at most 480 characters")
    if not key.strip() or len(key) > 500:
        raise ValueError("key: the write key of the other side")
    rows = await hub.database.fetch("SELECT COALESCE(MAX(seq), 0) FROM log")
    secret = hub.vault.seal(f"tee {source_id}", {"key": key.strip()})
    values: dict[str, Any] = {
        "url": address,
        "secret": secret,
        "enabled": True,
        "error": "",
        "next_at": 0,
    }
    tee = await Tee.get_or_none(source_id=source_id)
    if tee is None:
        await Tee.create(source_id=source_id, seq=rows[0][0], since=rows[0][0], **values)
    elif tee.enabled and tee.url == address:  # another key: it goes on where it was
        await Tee.filter(source_id=source_id).update(**values)
    else:  # begun anew: what arrived in between was meant for nobody else
        seq = rows[0][0]
        await hub.database.write([("DELETE FROM tee_count WHERE source_id = ?", [(source_id,)])])
        await Tee.filter(source_id=source_id).update(seq=seq, since=seq, **values)
    await note(hub, by, "tee on", f"source {source_id}", url=address)


async def stop_tee(hub: Hub, source_id: int, *, by: str) -> None:
    """Pass nothing more on. What waits is not sent."""
    if await Tee.filter(source_id=source_id, enabled=True).update(enabled=False):
        await note(hub, by, "tee off", f"source {source_id}")


async def tee_due(hub: Hub) -> int:
    """Pass on what waits, for every source that asks for it; answer how many events were sent."""
    now = to_ms(hub.clock.now())
    sent = 0
    for tee in await Tee.filter(enabled=True, next_at__lte=now):
        client = HttpClient(
            hub.clock,
            guard=Guard(frozenset(hub.settings.private_hosts)),
            limits=Limits(attempts=1, body=1024 * 1024, total=30),
        )
        try:
            sent += await _drain(hub, client, tee)
        finally:
            await client.aclose()
    return sent


async def _drain(hub: Hub, client: HttpClient, tee: Tee) -> int:
    """Until nothing waits or the other side asks for rest."""
    key = hub.vault.open(f"tee {tee.source_id}", tee.secret)["key"]
    sent, newest = 0, hub.views.seq  # what is not projected yet may still be withdrawn
    while tee.seq < newest:
        end = min(newest, tee.seq + WINDOW_ROWS)
        events = await waiting(hub, tee.source_id, tee.seq, end)
        try:
            refused = await _send(hub, client, tee, key, events)
        except HubError as error:
            await _rest(hub, tee, error)
            return sent
        sent += len(events) - len(refused)
        tee.seq = events[-1].seq if len(events) == BATCH_EVENTS else end
        await _count(hub, tee, events, refused)
    return sent


async def waiting(hub: Hub, source_id: int, after: int, end: int) -> list[Passed]:
    """The next events of the source up to the entry `end`, as they go out."""
    rows = await hub.database.fetch(EVENTS_SQL, (after, end, source_id, BATCH_EVENTS))
    ids = {node for row in rows for node, _ in orjson.loads(row[4] or "[]")}
    users: dict[int, str] = {}
    if ids:
        marks = ",".join("?" * len(ids))
        sql = f"SELECT id, value FROM node WHERE type = 'user' AND id IN ({marks})"  # noqa: S608
        users = dict(await hub.database.fetch(sql, tuple(ids)))
    return [_wire(row, users) for row in rows]


def _wire(row: Row, users: dict[int, str]) -> Passed:
    seq, name, at, received_at, links, body, kind, value = row
    event = orjson.loads(body)
    if kind == "user":
        event["userId"] = value
    elif value:
        event["anonymousId"] = value.removeprefix(CLAIMED)
    for node, _ in orjson.loads(links or "[]"):
        if node in users:
            event["userId"] = users[node]
    stamp = from_ms(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    event |= {"messageId": f"hub-{seq}", "timestamp": stamp, "originalTimestamp": stamp}
    return Passed(seq, received_at // DAY_MS, name, event)


async def _send(
    hub: Hub, client: HttpClient, tee: Tee, key: str, events: Sequence[Passed]
) -> dict[int, str]:
    """Deliver the events; those refused for good, with the reason, by their seq."""
    if not events:
        return {}
    pair = base64.b64encode(f"{key}:".encode()).decode()
    stamp = from_ms(to_ms(hub.clock.now())).isoformat(timespec="milliseconds")
    body = {"batch": [event.wire for event in events], "sentAt": stamp.replace("+00:00", "Z")}
    try:
        await client.request(
            "POST", f"{tee.url}/v1/batch", json=body, headers={"Authorization": f"Basic {pair}"}
        )
    except Answered as error:
        if len(events) == 1:
            return {events[0].seq: str(error)[:200]}
        half = len(events) // 2  # one bad event must not hold the others back
        first = await _send(hub, client, tee, key, events[:half])
        return first | await _send(hub, client, tee, key, events[half:])
    return {}


async def _count(hub: Hub, tee: Tee, events: Sequence[Passed], refused: dict[int, str]) -> None:
    counts: dict[tuple[int, str, str, str], int] = {}
    for event in events:
        reason = refused.get(event.seq, "")
        key = (event.day, event.name, "refused" if event.seq in refused else "sent", reason)
        counts[key] = counts.get(key, 0) + 1
    await hub.database.write(
        [
            (COUNT_SQL, [(tee.source_id, *key, n) for key, n in counts.items()]),
            ("UPDATE tee SET seq = ?, error = '', next_at = 0 WHERE source_id = ?",
             [(tee.seq, tee.source_id)]),
        ]
    )  # fmt: skip


async def _rest(hub: Hub, tee: Tee, error: HubError) -> None:
    """The other side can not take it now: the same events come again later."""
    wait = LONG_WAIT_MS
    if isinstance(error, Retryable):
        wait = max(WAIT_MS, round(1000 * (error.after or 0)))
    at = to_ms(hub.clock.now()) + min(wait, 24 * 3_600_000)
    await Tee.filter(source_id=tee.source_id).update(error=str(error)[:500], next_at=at)
