"""export: everything that is kept of one person, as JSON and as tables, driven by the data map.

What a browser only claimed is somebody's own word: it is left out unless staff asks for it.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import orjson
from tortoise import fields
from tortoise.models import Model

from hub.clock import from_ms
from hub.core import Hub
from hub.flows.audit import note
from hub.flows.erase_here import held_models
from hub.flows.erase_rows import log_rows
from hub.flows.erase_subject import Name, Subject, find_subject
from hub.flows.memory import select_in
from hub.profiles.state import NodeState, combine
from hub.profiles.touch import Touch
from hub.registry import Held
from hub.sdk.push import can_push
from hub.store.models import Connection

Line = dict[str, Any]
Section = list[Line]
README = """What {workspace} keeps of {title}, on {day}.

person.json holds everything in one file; the .csv files hold the same as tables.
Times are UTC. "sources" says where data came from, "recipients" who was given some.
{claims}
"""
LEFT_OUT = (
    "{n} browser(s) claimed to be this person without proof. What they did is not in here: it may "
    "be somebody else's."
)
# A spreadsheet takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Export(msgspec.Struct, frozen=True):
    """`sections`: name -> lines. `left_out`: browsers that only claimed to be her."""

    title: str
    made_at: datetime
    workspace: str
    left_out: int
    purposes: dict[str, str]
    sections: dict[str, Section]


class _About(msgspec.Struct):
    subject: Subject
    nodes: list[int]
    names: list[Name]


async def export_person(hub: Hub, asked: str, by: str, *, claimed: bool = False) -> Export:
    """All that is kept of the person of an address or number; noted in the audit log. `claimed`:
    with the browsers that only said so. Raises UnknownPerson."""
    subject = await find_subject(hub, asked)
    await hub.decisions.flush()
    names = [*subject.own, *subject.tokens]
    if claimed:
        names += [*subject.claimed, *subject.names]
    tokens = {name.node_id for name in subject.tokens}
    about = _About(subject, sorted(n.node_id for n in names if n.node_id not in tokens), names)
    sections: dict[str, Section] = {"profile": await _profile(hub, about)}
    purposes: dict[str, str] = {}
    for model, held in held_models():
        table = model._meta.db_table
        if held.export != "no":
            sections[table] = await EXPORTERS[held.export](hub, about, model, held)
            purposes[table] = held.purpose
    sections["sources"] = _sources(hub, sections)
    sections["recipients"] = await _recipients(hub, about)
    # Which person was exported, not by which name.
    await note(hub, by, "export", str(subject.person_id), claimed=claimed)
    left_out = 0 if claimed else len({n.core_id for n in subject.claimed})
    return Export(subject.title, hub.clock.now(), hub.workspace.name, left_out, purposes, sections)


def write_zip(export: Export) -> bytes:
    """The export as a ZIP file: person.json and a table per section."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        claims = LEFT_OUT.format(n=export.left_out) if export.left_out else ""
        day = export.made_at.date().isoformat()
        text = README.format(workspace=export.workspace, title=export.title, day=day, claims=claims)
        archive.writestr("README.txt", text)
        whole = orjson.dumps(msgspec.to_builtins(export), option=orjson.OPT_INDENT_2)
        archive.writestr("person.json", whole)
        for name, lines in export.sections.items():
            if lines:
                archive.writestr(f"{name}.csv", _csv(lines))
    return buffer.getvalue()


def _csv(lines: Section) -> str:
    columns = list(dict.fromkeys(key for line in lines for key in line))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(line.get(column)) for column in columns] for line in lines)
    return text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text


async def _profile(hub: Hub, about: _About) -> Section:
    """What the hub makes of it all: facts, counts, newest products."""
    rows = await select_in(
        hub.database, "SELECT state FROM node_state WHERE node_id IN", about.nodes
    )
    state = combine(msgspec.json.decode(row[0], type=NodeState) for row in rows)
    facts = [{"fact": key, "value": t.value, "said_at": _iso(t.at), "by_the_shop": t.trusted}
             for key, t in sorted(state.traits.items())]  # fmt: skip
    counts = [{"fact": f"number of: {name}", "value": seen.n, "said_at": _iso(seen.last)}
              for name, seen in sorted(state.seen.items())]  # fmt: skip
    looked = [{"fact": "looked at product", "value": key, "said_at": _iso(at)}
              for key, at in sorted(state.viewed.items())]  # fmt: skip
    came = [{"fact": f"came by ({key})", "value": _came(touch), "said_at": _iso(touch.at)}
            for key, touch in sorted(state.touches.items())]  # fmt: skip
    return [*facts, *counts, *looked, *came]


def _came(touch: Touch) -> str:
    words = (touch.kind, touch.source, touch.medium, touch.campaign, touch.click, touch.landing)
    return " / ".join(word for word in words if word)


Exporter = Callable[[Hub, _About, type[Model], Held], Awaitable[Section]]


async def _rows(hub: Hub, about: _About, model: type[Model], held: Held) -> Section:
    """Whole rows: a column that is added later is exported too."""
    columns = list(model._meta.fields_map)
    table = model._meta.db_table
    sql = f"SELECT {', '.join(columns)} FROM {table} WHERE {held.key} IN"  # noqa: S608
    return [_line(model, columns, row) for row in await select_in(hub.database, sql, about.nodes)]


def _line(model: type[Model], columns: Sequence[str], row: Sequence[Any]) -> Line:
    line: Line = {}
    for name, value in zip(columns, row, strict=True):
        if isinstance(model._meta.fields_map[name], fields.JSONField) and isinstance(value, str):
            value = orjson.loads(value)
        elif isinstance(value, int) and (name == "at" or name.endswith(("_at", "_seen"))):
            value = _iso(value)
        line[name] = value
    return line


async def _identifiers(hub: Hub, about: _About, model: type[Model], held: Held) -> Section:
    known = {name.node_id: name for name in about.names}
    if model._meta.db_table == "node":
        return [
            {"id": n.node_id, "type": n.who.type, "shop": n.who.namespace, "value": n.who.value,
             "known_by": "the shop" if n.trusted else "a browser"}
            for n in known.values()
        ]  # fmt: skip
    rows = await select_in(
        hub.database, "SELECT a, b, strength, verdict, reason FROM link WHERE a IN", set(known)
    )
    keys = ("a", "b", "strength", "verdict", "reason")
    return [dict(zip(keys, row, strict=True)) for row in rows if row[1] in known]


async def _log(hub: Hub, about: _About, model: type[Model], held: Held) -> Section:
    return [
        {"seq": row.seq, "at": _iso(row.at), "received_at": _iso(row.received_at),
         "kind": row.kind, "name": row.name, "source": _source(hub, row.source_id),
         "body": orjson.loads(row.body)}
        for row in await log_rows(hub, about.nodes)
    ]  # fmt: skip


async def _orders(hub: Hub, about: _About, model: type[Model], held: Held) -> Section:
    columns = list(model._meta.fields_map)
    sql = f"SELECT {', '.join(columns)} FROM shop_order WHERE node_id IN"  # noqa: S608
    return [_line(model, columns, row) for row in await select_in(hub.database, sql, about.nodes)]


async def _order_parts(hub: Hub, about: _About, model: type[Model], held: Held) -> Section:
    orders = await select_in(
        hub.database, "SELECT id FROM shop_order WHERE node_id IN", about.nodes
    )
    columns = list(model._meta.fields_map)
    sql = f"SELECT {', '.join(columns)} FROM {model._meta.db_table} WHERE order_pk IN"  # noqa: S608
    rows = await select_in(hub.database, sql, {row[0] for row in orders})
    return [_line(model, columns, row) for row in rows]


# How each way that a table may declare is done; `hub.registry.Export` lists the same names.
EXPORTERS: dict[str, Exporter] = {
    "rows": _rows, "identifiers": _identifiers, "log": _log, "orders": _orders,
    "order_parts": _order_parts,
}  # fmt: skip


def _sources(hub: Hub, sections: dict[str, Section]) -> Section:
    """Where the data came from, and how many entries."""
    counts: dict[str, int] = {}
    for line in sections.get("log", []):
        counts[line["source"]] = counts.get(line["source"], 0) + 1
    kinds = {_source(hub, row.id): row for row in hub.sources.values()}
    return [
        {"source": name, "kind": kinds[name].kind if name in kinds else "",
         "shop": kinds[name].shop if name in kinds else "", "entries": n}
        for name, n in sorted(counts.items())
    ]  # fmt: skip


async def _recipients(hub: Hub, about: _About) -> Section:
    """Who was given something of her: the channels that took a message, and systems that are
    told of changes."""
    rows = await select_in(
        hub.database,
        "SELECT channel, updated_at FROM outbox WHERE state IN ('done', 'unknown') AND node_id IN",
        about.nodes,
    )
    channels: dict[str, list[int]] = {}
    for channel, at in rows:
        channels.setdefault(channel, []).append(at)
    found: Section = [
        {"recipient": channel, "kind": "channel", "messages": len(times), "last": _iso(max(times))}
        for channel, times in sorted(channels.items())
    ]
    for connection in await Connection.all().order_by("id"):
        connector = hub.plugins.connectors.get(connection.connector)
        if connector is not None and can_push(connector):
            found.append({"recipient": connection.name, "kind": "connected system"})
    return found


def _source(hub: Hub, source_id: int) -> str:
    source = hub.sources.get(source_id)
    return f"{source.name} ({source_id})" if source else str(source_id)


def _iso(ms: int) -> str:
    return from_ms(ms).isoformat() if ms else ""
