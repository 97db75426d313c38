"""accept: bytes of a request -> log. A 200 means durable; every event is accounted for."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
import orjson

from hub.clock import from_ms, to_ms
from hub.core import Hub, SourceRow
from hub.flows.agreed import analytics_agreed
from hub.ingest.events import Caller, read_event
from hub.ingest.letter import Letter
from hub.ingest.limits import BATCH_BYTES, BATCH_EVENTS, BadInput, check_crowded, mend
from hub.ingest.plan import Fault
from hub.ingest.rejects import RejectedEvent
from hub.personal import without_cards
from hub.store.database import DAY_MS, Entry

# The fields a rejected event can fail at, as far as they are counted apart.
FIELDS = frozenset(
    "body batch event type anonymousId userId messageId timestamp originalTimestamp sentAt "
    "properties traits context consent record plan".split()
)
NO_CONSENT = "consent: no consent to analytics"


class Answer(msgspec.Struct):
    """The body of every collect answer."""

    success: bool
    accepted: int
    duplicate: int
    rejected: list[dict[str, Any]]
    minted: int = 0


class _BatchBody(msgspec.Struct):
    batch: list[msgspec.Raw]
    sentAt: str | None = None
    token: str | None = None


_batches = msgspec.json.Decoder(_BatchBody)


async def accept_one(
    hub: Hub, source: SourceRow, raw: bytes, *, kind: str, token: str = ""
) -> Answer:
    """Take one event. Raises BadInput when it can not be read, Overloaded or StoreUnavailable."""
    received_at = to_ms(hub.clock.now())
    caller = caller_of(hub, source, token)
    try:
        if not await may_keep(hub, caller):
            raise BadInput(NO_CONSENT)
        entry, minted = read_event(raw, caller, received_at, kind=kind)
    except BadInput as error:
        reject(hub, source, str(error), raw, received_at)
        _keep(hub, source, str(error), raw, received_at, kind=kind, device=caller.device)
        raise
    (outcome,) = await hub.writer.append([entry])
    return Answer(True, int(not outcome.duplicate), int(outcome.duplicate), [], int(minted))


async def accept_batch(hub: Hub, source: SourceRow, raw: bytes) -> Answer:
    """Take a batch: bad events are rejected one by one, the others are kept."""
    received_at = to_ms(hub.clock.now())
    body = _read_batch(hub, source, raw, received_at)
    caller = caller_of(hub, source, body.token or "")
    agreed = await may_keep(hub, caller)
    entries: list[Entry] = []
    rejected: list[dict[str, Any]] = []
    minted = 0
    for i, event in enumerate(body.batch):
        try:
            if not agreed:
                raise BadInput(NO_CONSENT)
            entry, was_minted = read_event(bytes(event), caller, received_at, sent_at=body.sentAt)
        except BadInput as error:
            rejected.append({"i": i, "reason": str(error)})
        else:
            entries.append(entry)
            minted += was_minted
    # Counted with the entries or before them: what is answered must survive with its accounts.
    _count_rejected(hub, source, rejected, received_at, 1)
    try:
        outcomes = await hub.writer.append(entries)
    except Exception:  # it was not stored, and comes again as a whole
        _count_rejected(hub, source, rejected, received_at, -1)
        raise
    for line in rejected:
        said, reason = bytes(body.batch[line["i"]]), line["reason"]
        _show(hub, source, reason, said, received_at)
        _keep(hub, source, reason, said, received_at, device=caller.device, sent_at=body.sentAt)
    duplicate = sum(outcome.duplicate for outcome in outcomes)
    return Answer(not rejected, len(outcomes) - duplicate, duplicate, rejected, minted)


def _read_batch(hub: Hub, source: SourceRow, raw: bytes, received_at: int) -> _BatchBody:
    """A batch that is refused whole is counted too: each event, or one where none can be told."""
    events = 1
    try:
        if len(raw) > BATCH_BYTES:
            raise BadInput(f"body: {len(raw)} bytes, at most {BATCH_BYTES} are allowed")
        body = _decode_batch(raw)
        if len(body.batch) > BATCH_EVENTS:
            events = len(body.batch)
            raise BadInput(f"batch: {events} events, at most {BATCH_EVENTS} are allowed")
    except BadInput as error:
        reject(hub, source, str(error), raw, received_at, events=events)
        _keep(hub, source, str(error), raw, received_at, kind="batch", events=events)
        raise
    return body


def _decode_batch(raw: bytes) -> _BatchBody:
    try:
        check_crowded(raw)
        return _batches.decode(mend(raw))
    except msgspec.ValidationError as error:
        raise BadInput(f"batch: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"body: not valid JSON ({error})") from error


def caller_of(hub: Hub, source: SourceRow, token: str) -> Caller:
    """How far this request is believed."""
    return Caller(
        source_id=source.id,
        shop=source.shop,
        strength="claimed" if source.kind == "browser" else "verified",
        identify=source.kind != "browser" or source.browser_identify == "claim",
        device=hub.signer.device(token) if token else "",
        fields=source.fields,
        plan=source.plan,
        differs=partial(_differs, hub, source.id) if source.plan is not None else None,
    )


def _differs(hub: Hub, source_id: int, faults: list[Fault]) -> None:
    hub.plan_faults.add(source_id, faults, to_ms(hub.clock.now()))


async def may_keep(hub: Hub, caller: Caller) -> bool:
    """Whether events of this caller may be kept.

    A browser that proved its device is believed in this too: it may have withdrawn."""
    return not caller.device or await analytics_agreed(hub, caller.device)


def reject(
    hub: Hub, source: SourceRow, reason: str, raw: bytes, at: int, *, events: int = 1
) -> None:
    """Count rejected events under the field they failed at, and keep a sample: none of what a
    visitor did not agree to."""
    hub.writer.count((at // DAY_MS, source.id, "rejected", _field(reason)), events)
    _show(hub, source, reason, raw, at, events=events)


def _count_rejected(
    hub: Hub, source: SourceRow, rejected: list[dict[str, Any]], at: int, n: int
) -> None:
    for line in rejected:
        hub.writer.count((at // DAY_MS, source.id, "rejected", _field(line["reason"])), n)


def _field(reason: str) -> str:
    return reason.partition(":")[0][:64]


def _show(
    hub: Hub, source: SourceRow, reason: str, raw: bytes, at: int, *, events: int = 1
) -> None:
    field = _field(reason)
    hub.meters.rejected[field if field in FIELDS else "other"] += events
    sample = "" if reason == NO_CONSENT else without_cards(raw[:500].decode("utf-8", "replace"))
    hub.rejects.newest.append(RejectedEvent(at, source.id, reason[:200], sample))


def _keep(
    hub: Hub,
    source: SourceRow,
    reason: str,
    raw: bytes,
    at: int,
    *,
    kind: str = "",
    device: str = "",
    sent_at: str | None = None,
    events: int = 1,
) -> None:
    """Among the dead letters, unless the visitor did not agree to that."""
    if reason != NO_CONSENT:
        letter = Letter(source.id, at, _field(reason), reason, raw, kind, device, sent_at or "",
                        events)  # fmt: skip
        hub.letters.add(letter)


async def accounting(hub: Hub) -> list[dict[str, Any]]:
    """received = stored + duplicate + rejected(reason), per source and day."""
    rows = await hub.database.fetch(
        "SELECT day, source_id, outcome, reason, n FROM intake_count ORDER BY day DESC, source_id"
    )
    lines: dict[tuple[int, int], dict[str, Any]] = {}
    for day, source_id, outcome, reason, n in rows:
        line = lines.setdefault(
            (day, source_id),
            {"day": from_ms(day * DAY_MS).date().isoformat(), "source_id": source_id,
             "received": 0, "stored": 0, "duplicate": 0, "conflict": 0, "rejected": {}},
        )  # fmt: skip
        line["received"] += n
        if outcome == "rejected":
            line["rejected"][reason] = line["rejected"].get(reason, 0) + n
        else:
            line[outcome] += n
            line["conflict"] += n if reason == "conflict" else 0
    return list(lines.values())


def encode(answer: Answer) -> bytes:
    """The answer as JSON; `minted` only when ids had to be made."""
    body: dict[str, Any] = {
        "success": answer.success,
        "accepted": answer.accepted,
        "duplicate": answer.duplicate,
        "rejected": answer.rejected,
    }
    if answer.minted:
        body["minted"] = answer.minted
    return orjson.dumps(body)
