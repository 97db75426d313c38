"""dead letters, as people handle them: lists, one of them, mending, taking in again, dropping."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec
import orjson

from hub.core import Hub, SourceRow
from hub.flows.accept import caller_of, may_keep
from hub.flows.audit import note
from hub.flows.letters import printable
from hub.ingest.events import read_event
from hub.ingest.limits import BATCH_EVENTS, BadInput
from hub.sdk.errors import HubError
from hub.store.database import DAY_MS, Row

PAGE = 100
GROUPS = 200
AT_ONCE = 200
LINE = "id, source_id, at, reason, kind, events, size, cut"


class CanNotReplay(HubError):
    """The letter can not be taken in; the message says why."""


class LetterGroup(msgspec.Struct, frozen=True):
    """Refused events of one source for one reason; `id`: the newest of them."""

    source_id: int
    source: str
    topic: str
    n: int
    first: int
    last: int
    id: int


class LetterLine(msgspec.Struct, frozen=True):
    id: int
    source_id: int
    at: int
    reason: str
    kind: str
    events: int
    size: int
    cut: bool


class LetterPage(msgspec.Struct, frozen=True):
    """`topic`: the reason without what differs from one letter to another."""

    letter: LetterLine
    source: str
    topic: str
    body: str


class Replayed(msgspec.Struct, frozen=True):
    """`failed`: still refused; `first_fault` says why the first of them is."""

    taken: int
    duplicate: int
    failed: int
    first_fault: str = ""


async def list_groups(hub: Hub) -> list[LetterGroup]:
    """What was refused, by source and reason, the newest first."""
    await hub.letters.flush()
    rows = await hub.database.fetch(
        "SELECT source_id, topic, COUNT(*), MIN(at), MAX(at), MAX(id) FROM dead_letter "  # noqa: S608
        f"GROUP BY source_id, topic ORDER BY MAX(id) DESC LIMIT {GROUPS}"
    )
    return [LetterGroup(row[0], _source(hub, row[0]), *row[1:]) for row in rows]


async def list_letters(hub: Hub, like: int) -> list[LetterLine]:
    """The newest letters of the same source and reason as the letter `like`."""
    rows = await hub.database.fetch(
        f"SELECT {LINE} FROM dead_letter WHERE (source_id, topic) IN "  # noqa: S608
        f"(SELECT source_id, topic FROM dead_letter WHERE id = ?) ORDER BY id DESC LIMIT {PAGE}",
        (like,),
    )
    return [_line(row) for row in rows]


async def letter_page(hub: Hub, number: int) -> LetterPage | None:
    """One letter whole, or None."""
    rows = await hub.database.fetch(
        f"SELECT {LINE}, topic, body FROM dead_letter WHERE id = ?",  # noqa: S608
        (number,),
    )
    if not rows:
        return None
    row = rows[0]
    return LetterPage(_line(row), _source(hub, row[1]), row[8], row[9])


async def replay(hub: Hub, number: int, *, by: str, body: str | None = None) -> Replayed:
    """Take one letter in, as `body` if it was mended. It counts as received when it was, and
    once, however often this is done. Raises CanNotReplay."""
    try:
        done = await _replay(hub, number, body)
    except BadInput as error:
        raise CanNotReplay(printable(str(error))) from error
    await note(hub, by, "replay", f"dead letter {number}", mended=body is not None)
    return done


async def replay_like(hub: Hub, like: int, *, by: str) -> Replayed:
    """The same for all letters of the same source and reason."""
    taken = duplicate = failed = 0
    fault = ""
    before = 2**62
    while numbers := await _numbers(hub, like, before):
        for number in sorted(numbers, reverse=True):
            before = number
            if number == like:
                continue  # last of all: it stands for the group
            done, why = await _tried(hub, number)
            taken, duplicate = taken + done.taken, duplicate + done.duplicate
            failed, fault = failed + done.failed, fault or why
    done, why = await _tried(hub, like)
    await note(hub, by, "replay", f"dead letters like {like}", taken=taken + done.taken)
    return Replayed(taken + done.taken, duplicate + done.duplicate, failed + done.failed,
                    fault or why)  # fmt: skip


async def drop_letters(hub: Hub, number: int, *, by: str, alike: bool = False) -> int:
    """Throw one letter away, or all of its source and reason; answer how many went."""
    where = "id = ?"
    if alike:
        where = "(source_id, topic) IN (SELECT source_id, topic FROM dead_letter WHERE id = ?) "
    async with hub.database.transaction() as transaction:
        n = await transaction.execute(f"DELETE FROM dead_letter WHERE {where}", (number,))  # noqa: S608
    await note(hub, by, "drop", f"dead letter {number}", rows=n)
    return n


async def _tried(hub: Hub, number: int) -> tuple[Replayed, str]:
    try:
        return await _replay(hub, number, None), ""
    except (BadInput, CanNotReplay) as error:
        return Replayed(0, 0, 1), printable(str(error))


async def _numbers(hub: Hub, like: int, before: int) -> list[int]:
    rows = await hub.database.fetch(
        "SELECT id FROM dead_letter WHERE (source_id, topic) IN "  # noqa: S608
        "(SELECT source_id, topic FROM dead_letter WHERE id = ?) AND id < ? "
        f"ORDER BY id DESC LIMIT {AT_ONCE}",
        (like, before),
    )
    return [row[0] for row in rows]


async def _replay(hub: Hub, number: int, body: str | None) -> Replayed:
    rows = await hub.database.fetch(
        "SELECT source_id, at, field, kind, device, sent_at, events, cut, body "
        "FROM dead_letter WHERE id = ?",
        (number,),
    )
    if not rows:
        raise CanNotReplay("it was taken in or dropped already")
    source_id, at, field, kind, device, sent_at, events, cut, kept = rows[0]
    source = hub.sources.get(source_id)
    if source is None:
        raise CanNotReplay("its source is gone")
    if cut and body is None:
        raise CanNotReplay("body: only its beginning was kept; complete it first")
    caller = msgspec.structs.replace(caller_of(hub, source, ""), device=device)
    if not await may_keep(hub, caller):
        raise CanNotReplay("consent: it was withdrawn since")
    text = kept if body is None else body
    events_kind = "" if kind == "batch" else kind
    found, said = _events(text, number, batch=kind == "batch")
    entries = [
        read_event(raw, caller, at, kind=events_kind, sent_at=sent_at or said)[0] for raw in found
    ]
    outcomes = await hub.writer.append(entries)
    taken = [outcome for outcome in outcomes if not outcome.duplicate]
    # Taken in now, it is no longer among the refused of its day.
    async with hub.database.transaction() as transaction:
        gone = await transaction.execute("DELETE FROM dead_letter WHERE id = ?", (number,))
    if gone:  # once, when two do it at the same moment
        hub.writer.count((at // DAY_MS, source_id, "rejected", field), -events)
    return Replayed(len(taken), len(outcomes) - len(taken), 0)


def _events(text: str, number: int, *, batch: bool) -> tuple[list[bytes], str | None]:
    """The events of a letter, each with a messageId: so that taking it in twice is once. And the
    sentAt of a batch."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"body: not valid JSON ({error})") from error
    found = value.get("batch") if batch and isinstance(value, dict) else [value]
    if not isinstance(found, list) or not all(isinstance(event, dict) for event in found):
        raise BadInput("body: an event is a JSON object, and a batch has a list of them")
    if len(found) > BATCH_EVENTS:
        raise BadInput(f"batch: {len(found)} events, at most {BATCH_EVENTS} are allowed")
    sent_at = value.get("sentAt") if batch and isinstance(value, dict) else None
    events = [_named(event, number, i) for i, event in enumerate(found)]
    return events, sent_at if isinstance(sent_at, str) else None


def _named(event: dict[str, Any], number: int, place: int) -> bytes:
    if not isinstance(event.get("messageId"), str) or not event["messageId"]:
        mark = blake2b(f"dead letter {number}/{place}".encode(), digest_size=12).hexdigest()
        event = {**event, "messageId": f"dead-letter-{mark}"}
    return orjson.dumps(event)


def _line(row: Row) -> LetterLine:
    return LetterLine(
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], bool(row[7])
    )  # fmt: skip


def _source(hub: Hub, source_id: int) -> str:
    source: SourceRow | None = hub.sources.get(source_id)
    return source.name if source else str(source_id)
