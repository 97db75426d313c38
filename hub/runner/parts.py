"""Pages and deliveries in pieces that the other side can take in without stopping for long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import orjson

from hub.runner.wire import (
    KINDS,
    MAX_RECORD,
    PART_BYTES,
    PART_RECORDS,
    RECORDS,
    HookAnswer,
    Part,
    Sight,
    Wrong,
)
from hub.sdk.connector import Invalid, Page, WebhookResult
from hub.sdk.records import Sighting

_encode = msgspec.msgpack.encode
_records = {kind: msgspec.msgpack.Decoder(record) for kind, record in RECORDS.items()}


def parts_of(page: Page) -> Iterator[Part]:
    """The page, its cursor with the last part."""
    sights: list[Sight] = []
    wrong = [_wrong(each) for each in page.invalid]
    size = 0
    for sight in map(_sight, page.sightings):
        if isinstance(sight, Wrong):
            wrong.append(sight)
        else:
            size += _size(sight)
            sights.append(sight)
        if size > PART_BYTES or len(sights) + len(wrong) >= PART_RECORDS:
            yield Part(sights, wrong)
            sights, wrong, size = [], [], 0
    yield Part(sights, wrong, orjson.dumps(page.cursor), page.done, page.total)


def hook_answer(result: WebhookResult) -> HookAnswer:
    """What a delivery says, as it goes over the wire."""
    told = [_sight(each) for each in result.sightings]
    return HookAnswer(
        result.kind,
        [sight for sight in told if isinstance(sight, Sight)],
        [*map(_wrong, result.invalid), *(sight for sight in told if isinstance(sight, Wrong))],
        result.dedupe_key,
        result.note,
        result.wants,
    )


def read_back(
    sights: Iterable[Sight], wrong: Iterable[Wrong], shop: str
) -> tuple[list[Sighting], list[Invalid]]:
    """What the other side told, each record judged by its type and its shop."""
    invalid = [Invalid(each.id, each.reason, each.raw) for each in wrong]
    found: list[Sighting] = []
    for sight in sights:
        try:
            record = _records[sight.kind].decode(sight.record)
            raw: Any = msgspec.msgpack.decode(sight.raw)
        except (KeyError, msgspec.DecodeError, RecursionError) as error:
            invalid.append(Invalid("", f"not a {sight.kind[:20]}: {error}"))
            continue
        if getattr(record, "shop", shop) != shop:
            invalid.append(Invalid("", f"{sight.kind}: speaks of another shop than its own", raw))
        else:
            found.append(Sighting(record, raw if isinstance(raw, dict) else None))
    return found, invalid


def _sight(sighting: Sighting) -> Sight | Wrong:
    record = sighting.record
    kind = KINDS.get(type(record))
    if kind is None:
        return Wrong("", f"{type(record).__name__}: the hub knows no such record")
    try:
        sight = Sight(kind, msgspec.Raw(_encode(record)), msgspec.Raw(_encode(sighting.raw)))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        return Wrong("", f"{kind}: can not be told: {error}")
    if _size(sight) > MAX_RECORD:
        return Wrong("", f"{kind}: larger than {MAX_RECORD // 1024} KB")
    return sight


def _size(sight: Sight) -> int:
    return memoryview(sight.record).nbytes + memoryview(sight.raw).nbytes


def _wrong(invalid: Invalid) -> Wrong:
    try:
        raw = orjson.dumps(invalid.raw)[:500]
    except TypeError:
        raw = b""
    return Wrong(str(invalid.id)[:200], str(invalid.reason)[:500], raw)
