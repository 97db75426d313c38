"""connections as people see them: what is connected, how far a sync is, what went wrong."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import orjson

from hub.core import Hub
from hub.flows.connections import own_secret, webhook_url
from hub.sdk.connector import Connector, HookReport
from hub.store.database import Row

COLUMNS = "id, connector, name, source_id, config, status, progress, last_error, last_sync_at"
HOOKS = ":webhooks"  # beside the streams in a connection's progress; no stream has this name


class StreamProgress(msgspec.Struct, frozen=True):
    """`total` 0: the other side did not say."""

    name: str
    title: str
    state: str
    done: int
    total: int


# Who gives the vendor the address of the webhooks: nobody, as the connector takes none; the hub,
# at the first sync; the hub did; the hub could not; a person has to.
Hooks = Literal["none", "waiting", "registered", "failed", "by hand"]


class ConnectionLine(msgspec.Struct, frozen=True):
    """No secret is ever in here."""

    id: int
    connector: str
    title: str
    name: str
    shop: str
    source_id: int
    status: str
    last_error: str
    last_sync_at: int
    streams: list[StreamProgress]
    config: dict[str, str]
    webhook_url: str
    hooks: Hooks
    hook_note: str
    refused_webhooks: int


async def list_connections(hub: Hub) -> list[ConnectionLine]:
    """All connections, by name."""
    rows = await hub.database.fetch(f"SELECT {COLUMNS} FROM connection ORDER BY name, id")  # noqa: S608
    return [_line(hub, row) for row in rows]


async def connection_page(hub: Hub, connection_id: int) -> ConnectionLine | None:
    """One connection, or None."""
    rows = await hub.database.fetch(
        f"SELECT {COLUMNS} FROM connection WHERE id = ?",  # noqa: S608
        (connection_id,),
    )
    return _line(hub, rows[0]) if rows else None


def _line(hub: Hub, row: Row) -> ConnectionLine:
    known: Connector | None = hub.plugins.connectors.get(row[1])
    source = hub.sources.get(row[3])
    said = orjson.loads(row[6]) if row[6] else {}
    progress = said if isinstance(said, dict) else {}
    told = progress.pop(HOOKS, None) or {}
    shown = {f.key: f.label for f in known.fields if f.kind != "secret"} if known else {}
    config = orjson.loads(row[4]) if row[4] else {}
    return ConnectionLine(
        id=row[0],
        connector=row[1],
        title=known.title if known else row[1],
        name=row[2],
        shop=source.shop if source else "",
        source_id=row[3],
        status=row[5],
        last_error=row[7],
        last_sync_at=row[8],
        streams=_streams(known, progress),
        config={label: str(config.get(key, "")) for key, label in shown.items()},
        webhook_url=webhook_url(hub, row[0]),
        hooks=_hooks(known, told),
        hook_note=str(told.get("note", "")),
        refused_webhooks=hub.forged.get(row[0], 0),
    )


def hook_line(report: HookReport) -> dict[str, Any]:
    """What is kept of the last report about webhooks, under HOOKS."""
    return {"on": report.active > 0 or bool(report.renewed), "note": report.note[:1000]}


def _hooks(connector: Connector | None, told: dict[str, Any]) -> Hooks:
    if connector is not None and not connector.webhook_topics:
        return "none"
    if told.get("on"):
        return "registered"
    if connector is not None and own_secret(connector):
        return "by hand"
    return "failed" if told else "waiting"


def _streams(connector: Connector | None, progress: dict[str, Any]) -> list[StreamProgress]:
    declared = [(s.name, s.title) for s in connector.streams] if connector else []
    lines = []
    for name, title in declared or [(name, name) for name in progress]:
        line = progress.get(name) or {}
        lines.append(
            StreamProgress(
                name, title, str(line.get("state", "waiting")), int(line.get("done") or 0),
                int(line.get("total") or 0),
            )
        )  # fmt: skip
    return lines
