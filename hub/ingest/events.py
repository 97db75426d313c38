"""One event of the wire becomes one log entry."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import msgspec
import orjson

from hub.ingest.field_rules import FieldRules
from hub.ingest.identifiers import named
from hub.ingest.limits import EVENT_BYTES, BadInput, check_shape, mend
from hub.ingest.names import canonical
from hub.ingest.plan import Fault, Plan
from hub.ingest.shapes import in_our_form
from hub.personal import has_card, may_hold_card, strip_cards
from hub.sdk.identifiers import MAX_VALUE, clean_id
from hub.sdk.records import Identifier, Link, Strength
from hub.store.database import Entry
from hub.store.plain_numbers import plain_numbers

FUTURE_MS = 60_000
EARLIEST_MS = 946_684_800_000  # 2000-01-01: an older clock is a broken clock
# A clock that is off by more is no wrong time zone: the event keeps what it said, beside our time.
FLAGGED_MS = 23 * 3_600_000
TYPES = {
    "track": "",
    "page": "Page Viewed",
    "screen": "Screen Viewed",
    "identify": "Identified",
    "group": "Grouped",
    "alias": "Aliased",
}
# Stands before a user id that a page named without any id of its own browser.
CLAIMED = "user:"
LETTERS = {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias"}


class WireEvent(msgspec.Struct):
    """What a client may send. Wrong types are refused with the field's name."""

    type: str = ""
    event: str = ""
    name: str | None = None
    category: str | None = None
    userId: str | int | None = None
    anonymousId: str | int | None = None
    messageId: str | None = None
    properties: dict[str, Any] | None = None
    traits: dict[str, Any] | None = None
    context: dict[str, Any] | None = None
    groupId: str | int | None = None
    previousId: str | int | None = None
    originalTimestamp: str | None = None
    timestamp: str | None = None
    sentAt: str | None = None


class Caller(msgspec.Struct, frozen=True):
    """Who speaks: the source of the key, how far it is believed, and the device it proved."""

    source_id: int
    shop: str
    strength: Strength
    identify: bool  # False: what it says about identity is ignored
    device: str = ""
    fields: FieldRules | None = None
    plan: Plan | None = None
    differs: Callable[[list[Fault]], None] | None = None  # hears of differences from the plan


_decoder = msgspec.json.Decoder(WireEvent)


def read_event(
    raw: bytes, caller: Caller, received_at: int, *, kind: str = "", sent_at: str | None = None
) -> tuple[Entry, bool]:
    """The log entry of one event, and whether its messageId had to be minted.

    `kind` is the type the route names, else the event's own. Raises BadInput with the reason.
    """
    if len(raw) > EVENT_BYTES:
        raise BadInput(f"event: {len(raw)} bytes, at most {EVENT_BYTES} are allowed")
    event = _decode(raw)
    if may_hold_card(raw):
        _strip_cards(event)
    verb = kind or event.type
    if verb not in TYPES:
        raise BadInput(f"type: '{verb[:40]}' is not one of {', '.join(TYPES)}")
    name = TYPES[verb] or canonical(event.event)
    if not name:
        raise BadInput("event: a track call needs the name of the event")
    if len(name) > 128:
        raise BadInput("event: the name is longer than 128 characters")
    if not TYPES[verb] and name != event.event:
        event.properties = in_our_form(name, event.properties)
    traits = _traits(event)
    if caller.fields is not None:
        caller.fields.apply(name, event.properties, traits)
    if caller.plan is not None:
        _compare(caller, caller.plan, name, event.properties, traits)
    subject, user_id = _subject(event, caller)
    links = _links(event, caller, user_id, traits) if caller.identify else []
    message_id = event.messageId or ""
    body = _body(event, verb, traits)
    body_hash = _hash63(body)
    # A sentAt inside the event is that of a retry; the batch's own is the newer one.
    at, said = event_time(event, caller, received_at, sent_at or event.sentAt)
    if said:  # not part of the hash: a retry is corrected anew
        body = body[:-1] + b',"said":' + orjson.dumps(said) + b"}"
    entry = Entry(
        kind="event",
        name=name,
        subject=subject,
        links=tuple(link for link in links if link.to != subject),
        at=at,
        received_at=received_at,
        source_id=caller.source_id,
        body=body.decode(),
        dedupe=dedupe_key(event, caller.source_id, received_at),
        body_hash=body_hash,
    )
    return entry, not message_id


def _decode(raw: bytes) -> WireEvent:
    raw = mend(raw)
    try:
        event = _decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise BadInput(_readable(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"event: not valid JSON ({error})") from error
    except RecursionError as error:
        raise BadInput("event: nested too deeply") from error
    check_shape(raw, [event.properties, event.traits, event.context], "event")
    return event


def _compare(
    caller: Caller, plan: Plan, name: str, properties: dict[str, Any] | None, traits: dict[str, Any]
) -> None:
    faults = plan.faults(name, properties, traits)
    if faults:
        if caller.differs is not None:
            caller.differs(faults)
        if plan.mode == "reject":
            first = faults[0]
            raise BadInput(f"plan: '{first.path or name}' {first.text}")


def _strip_cards(event: WireEvent) -> None:
    """A card's number is never stored: in an id it is refused, elsewhere it is taken out."""
    for name in ("userId", "anonymousId", "groupId", "previousId"):
        if has_card(str(getattr(event, name) or "")):
            raise BadInput(
                f"{name}: looks like the number of a payment card, which is never stored"
            )
    for name in ("event", "name", "category", "properties", "traits", "context"):
        setattr(event, name, strip_cards(getattr(event, name)))


def _readable(message: str) -> str:
    text, _, path = message.partition(" - at `")
    return f"{path.rstrip('`').removeprefix('$.') or 'event'}: {text[:1].lower()}{text[1:]}"


def _traits(event: WireEvent) -> dict[str, Any]:
    if event.traits:
        return event.traits
    inner = (event.context or {}).get("traits")
    return inner if isinstance(inner, dict) else {}


def _subject(event: WireEvent, caller: Caller) -> tuple[Identifier, str]:
    """Whose event it is. With the public key nobody writes to a user's own node: a claim has a
    node of its own, which is linked to the user as any claim is."""
    user_id = clean_id(event.userId)
    if caller.device:
        return Identifier("", "device", caller.device), user_id
    anonymous = clean_id(event.anonymousId)
    if user_id and caller.strength == "verified":
        return Identifier(caller.shop, "user", user_id), user_id
    if anonymous:
        return Identifier(caller.shop, "anonymous", anonymous), user_id
    if user_id and len(user_id) <= MAX_VALUE - len(CLAIMED):
        return Identifier(caller.shop, "anonymous", CLAIMED + user_id), user_id
    raise BadInput("anonymousId: an event needs a userId or an anonymousId that names somebody")


def _links(event: WireEvent, caller: Caller, user_id: str, traits: dict[str, Any]) -> list[Link]:
    links = named(
        shop=caller.shop,
        user_id=user_id,
        traits=traits,
        properties=event.properties or {},
        strength=caller.strength,
    )
    anonymous = clean_id(event.anonymousId)
    if anonymous and caller.strength == "verified":
        links.append(Link(Identifier(caller.shop, "anonymous", anonymous), "verified"))
    return links


def _body(event: WireEvent, verb: str, traits: dict[str, Any]) -> bytes:
    body: dict[str, Any] = {"type": verb}
    if event.event:
        body["event"] = event.event
    for key in ("name", "category", "groupId", "previousId"):
        value = getattr(event, key)
        if value is not None:
            body[key] = value
    if event.properties:
        body["properties"] = event.properties
    if traits:
        body["traits"] = traits
    if event.context:
        # The IP address is never written; traits stand beside the context already.
        context = event.context
        if "ip" in context or "traits" in context:
            context = {k: v for k, v in context.items() if k not in ("ip", "traits")}
        body["context"] = context
    try:
        return plain_numbers(orjson.dumps(body))
    except (TypeError, orjson.JSONEncodeError) as error:  # a number or text JSON can not carry
        raise BadInput(f"event: {error}") from error


def event_time(
    event: WireEvent, caller: Caller, received_at: int, sent_at: str | None
) -> tuple[int, str]:
    """When it happened by the server's clock, in milliseconds; and the time as it was sent, where
    that is more than 23 hours off.

    A device's own clock is corrected by how far its sentAt is off; a server's timestamp stands.
    A moment in the future becomes the moment of receipt.
    """
    original = parse_time(event.originalTimestamp, "originalTimestamp")
    sent = parse_time(sent_at, "sentAt")
    explicit = parse_time(event.timestamp, "timestamp")
    if original is None or (explicit is not None and caller.strength == "verified"):
        said, text = explicit, event.timestamp
    else:
        said, text = original, event.originalTimestamp
    if said is None:
        return received_at, ""
    at = said
    if sent is not None and not (explicit is not None and caller.strength == "verified"):
        at = received_at - max(0, sent - said)
    if at > received_at + FUTURE_MS or at < EARLIEST_MS:
        at = received_at
    return at, (text or "") if abs(at - said) > FLAGGED_MS else ""


def parse_time(text: str | None, field: str) -> int | None:
    """ISO 8601 to milliseconds since 1970; a time without a zone is UTC."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"{field}: '{text[:40]}' is not an ISO 8601 time") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return round(moment.timestamp() * 1000)
    except (OverflowError, OSError) as error:
        raise BadInput(f"{field}: '{text[:40]}' is out of range") from error


def dedupe_key(event: WireEvent, source_id: int, received_at: int) -> bytes:
    """Month of the client's own time, source, and 128 bits of the message id.

    The month is taken from the time exactly as sent, so that a retry years later meets its twin;
    it keeps the index ordered. Without a messageId every event is new.
    """
    if not event.messageId:
        return _month(None, received_at) + source_id.to_bytes(4, "big") + os.urandom(16)
    digest = blake2b(event.messageId.encode(), digest_size=16).digest()
    stamp = event.originalTimestamp or event.timestamp
    return _month(stamp, received_at) + source_id.to_bytes(4, "big") + digest


def _month(stamp: str | None, received_at: int) -> bytes:
    if stamp and stamp[4:5] == stamp[7:8] == "-":  # year-month-day, and read as a time before
        year, month = int(stamp[:4]), int(stamp[5:7])
    else:
        day = (
            datetime.fromisoformat(stamp)
            if stamp
            else datetime.fromtimestamp(received_at / 1000, UTC)
        )
        year, month = day.year, day.month
    return max(0, (year - 1970) * 12 + month).to_bytes(3, "big")


def _hash63(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big") >> 1
