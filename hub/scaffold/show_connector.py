"""A connector at work on its stand-in: form, test, records beside the vendor's JSON, webhooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import orjson

from hub.scaffold.load import part_of
from hub.scaffold.parts import Part, Twin
from hub.sdk.connector import Connector, Invalid
from hub.sdk.errors import HubError
from hub.sdk.records import Sighting

MAX_SHOWN = 12  # of each stream


async def show_connector(connector: Connector, folder: Path, _: list[Any]) -> list[Part]:
    """Everything the hub would ask of it, on the rig of its own tests."""
    rig_module = part_of(folder, "rig")
    parts = [_form(connector)]
    async with rig_module.open_rig() as rig:
        parts.append(await _check(connector, rig))
        parts += [await _stream(connector, rig, stream.name) for stream in connector.streams]
        parts.append(_webhooks(connector, rig))
        parts.append(await _hooks(connector, rig))
    return parts


def _form(connector: Connector) -> Part:
    rows = tuple(
        (field.label, field.kind, "yes" if field.required else "no", field.default, field.help)
        for field in connector.fields
    )
    columns = ("Field", "Kind", "Needed", "Default", "Help")
    return Part("Set-up form", columns=columns, rows=rows)


async def _check(connector: Connector, rig: Any) -> Part:
    result = await connector.check(rig.context())
    rows = tuple({**result.details, **{f"learned: {k}": v for k, v in result.learned.items()}}
                 .items())  # fmt: skip
    return Part("Test of the settings", result.message, result.ok, columns=("", ""), rows=rows)


async def _stream(connector: Connector, rig: Any, stream: str) -> Part:
    sightings: list[Sighting] = []
    invalid: list[Invalid] = []
    cursor: object = None
    count = 0
    try:
        async for page in connector.pull(rig.context(), stream, None):
            count += 1
            sightings += page.sightings
            invalid += page.invalid
            cursor = page.cursor
    except HubError as error:
        return Part(f"Stream {stream}", f"{type(error).__name__}: {error}", False)
    words = f"{len(sightings)} read in {count} page{'s' * (count != 1)}"
    words += f", {len(invalid)} put aside" if invalid else ""
    twins = [_twin(sighting) for sighting in sightings[:MAX_SHOWN]]
    twins += [Twin(wrong.id, pretty(wrong.raw), error=wrong.reason) for wrong in invalid]
    code = f"Cursor after it: {orjson.dumps(cursor).decode()}"
    return Part(f"Stream {stream}", words, not invalid, code, twins=tuple(twins))


async def _hooks(connector: Connector, rig: Any) -> Part:
    try:
        report = await connector.after_connect(rig.context(), "https://hub.example/hooks/1")
    except HubError as error:
        return Part("Registering webhooks", f"{type(error).__name__}: {error}", False)
    renewed = ", ".join(report.renewed) or "none"
    return Part(
        "Registering webhooks", f"{report.active} active; renewed: {renewed}. {report.note}", True
    )


def _webhooks(connector: Connector, rig: Any) -> Part:
    """What becomes of the deliveries after the vendor's data changed."""
    rig.change()
    twins = []
    for sent in rig.deliveries()[:MAX_SHOWN]:
        ctx = rig.context()
        raw = pretty({**sent.headers, "": _body(sent.body)})
        try:
            result = connector.webhook(
                ctx.config, [rig.webhook_secret], sent.headers, sent.body,
                shop=ctx.shop, url=sent.url, received_at=rig.clock.now(),
            )  # fmt: skip
        except HubError as error:
            twins.append(Twin("refused", raw, error=f"{type(error).__name__}: {error}"))
        else:
            told = [record_of(sighting) for sighting in result.sightings] or result.note
            wrong = "; ".join(one.reason for one in result.invalid)
            twins.append(Twin(result.kind, raw, pretty(told), wrong))
    return Part("Webhooks, after a change at the vendor", f"{len(twins)} deliveries",
                twins=tuple(twins))  # fmt: skip


def _twin(sighting: Sighting) -> Twin:
    record = sighting.record
    names = ("order_id", "customer_id", "product_id", "id")
    number = next((str(getattr(record, n)) for n in names if getattr(record, n, "")), "")
    title = f"{type(record).__name__} {number}"
    return Twin(title, pretty(sighting.raw), pretty(record_of(sighting)))


def record_of(sighting: Sighting) -> Any:
    """The record as plain data, with its kind."""
    record = sighting.record
    return {"record": type(record).__name__, **msgspec.to_builtins(record)}


def pretty(data: Any) -> str:
    """Indented JSON, whatever it is."""
    return orjson.dumps(data, option=orjson.OPT_INDENT_2, default=str).decode()


def _body(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")
