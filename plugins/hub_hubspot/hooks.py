"""HubSpot's webhooks: the signature of version 3, and what a list of events says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeGuard
from urllib.parse import unquote

import orjson

from hub.sdk.connector import WebhookResult
from hub.sdk.records import Deleted, Sighting
from hub.sdk.webhooks import Forged, content_key, verify_base64

SIGNATURE = "x-hubspot-signature-v3"
TIMESTAMP = "x-hubspot-request-timestamp"
OLDEST = timedelta(minutes=5)
# HubSpot signs the address with these written out, and all else as it stands.
_DECODED = re.compile("%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)

_ACTIONS = ("creation", "propertyChange", "deletion", "privacyDeletion", "restore", "merge")
TOPICS = tuple(f"{kind}.{action}" for kind in ("contact", "deal") for action in _ACTIONS)
_DELETIONS = {"deletion", "privacyDeletion"}
Type = Literal["customer", "order"]
# what an event is about -> the stream to pull, the type of its records
_STREAMS: dict[str, tuple[str, Type]] = {
    "contact": ("customers", "customer"),
    "0-1": ("customers", "customer"),
    "deal": ("orders", "order"),
    "0-3": ("orders", "order"),
}


def signed_text(url: str, body: bytes, timestamp: str) -> bytes:
    """What HubSpot signs: method, address, body and time, without anything between."""
    address = _DECODED.sub(lambda found: unquote(found.group()), url)
    return b"POST" + address.encode() + body + timestamp.encode()


def verify(
    secrets: Sequence[str], url: str, headers: Mapping[str, str], body: bytes, now: datetime
) -> None:
    """Raise Forged unless the delivery is signed, for this address, and of these minutes.
    `headers` have lower-case names."""
    signature, timestamp = headers.get(SIGNATURE, ""), headers.get(TIMESTAMP, "")
    verify_base64(secrets, signed_text(url, body, timestamp), signature)
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 15):
        raise Forged("The delivery does not say when it was sent.")
    if abs(now - _moment(int(timestamp))) > OLDEST:
        raise Forged("The delivery was sent more than five minutes from now.")


def read(body: bytes, shop: str, streams: Sequence[str]) -> WebhookResult:
    """An event names an object and not what it holds: pull it. Only deletions say all."""
    events = _events(body)
    if events is None:
        return WebhookResult("ignored", dedupe_key=content_key(body=body), note="no list of events")
    sightings: list[Sighting] = []
    wants: set[str] = set()
    for event in events:
        about, _, action = str(event.get("subscriptionType", "")).rpartition(".")
        known = _STREAMS.get(str(event.get("objectTypeId", "")) if about == "object" else about)
        if known is None or known[0] not in streams:
            continue
        wants.add(known[0])
        at, number = event.get("occurredAt"), event.get("objectId")
        if action in _DELETIONS and _is_count(at) and _is_count(number):
            sightings.append(Sighting(Deleted(shop, known[1], str(number), _moment(at)), event))
    key = _key(events)
    if not wants:
        return WebhookResult("ignored", dedupe_key=key, note="no event of a kind that is read")
    return WebhookResult("records", tuple(sightings), key, wants=tuple(sorted(wants)))


def _key(events: list[dict[str, Any]]) -> str:
    """The same when HubSpot tries again: eventId is not unique and attemptNumber grows."""
    names = ("subscriptionId", "subscriptionType", "objectId", "occurredAt", "propertyName")
    told = sorted(orjson.dumps([event.get(name) for name in names]) for event in events)
    return content_key("hubspot", body=b"\n".join(told))


def _events(body: bytes) -> list[dict[str, Any]] | None:
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return data if isinstance(data, list) and all(isinstance(e, dict) for e in data) else None


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**14


def _moment(millis: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=millis)
