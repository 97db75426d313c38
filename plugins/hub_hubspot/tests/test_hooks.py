"""The signature, and what events say."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hub_hubspot import hooks
from hub_hubspot.tests.rig import HubspotRig
from hub_hubspot.tests.vendor import CLIENT_SECRET, HOOK_URL, sign

from hub.sdk.connector import WebhookResult
from hub.sdk.records import Deleted
from hub.sdk.testing import Sent
from hub.sdk.testing.rig import receive
from hub.sdk.webhooks import Forged, lower_headers

AT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
MS = 1795453200000
EVENT = {"eventId": 1, "subscriptionId": 2, "occurredAt": MS, "objectId": 51, "attemptNumber": 0}


def read(*events: dict[str, Any], streams: tuple[str, ...] = ("customers",)) -> WebhookResult:
    return hooks.read(json.dumps([{**EVENT, **event} for event in events]).encode(), "crm", streams)


def test_the_address_is_signed_with_some_characters_written_out() -> None:
    url = "https://hub.example/hooks%2F1?to=a%40b%20c%25"
    assert hooks.signed_text(url, b"[]", "9") == b"POSThttps://hub.example/hooks/1?to=a@b%20c%25[]9"


def test_a_signature_made_by_hand_is_accepted() -> None:
    text = f"POST{HOOK_URL}[]{MS}".encode()
    signature = base64.b64encode(hmac.digest(CLIENT_SECRET.encode(), text, hashlib.sha256)).decode()
    headers = {hooks.SIGNATURE: signature, hooks.TIMESTAMP: str(MS)}
    hooks.verify([CLIENT_SECRET], HOOK_URL, headers, b"[]", AT)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_delivery_is_refused(seconds: int) -> None:
    headers = lower_headers(sign(b"[]", MS))
    hooks.verify([CLIENT_SECRET], HOOK_URL, headers, b"[]", AT + timedelta(minutes=5))
    with pytest.raises(Forged, match="five minutes"):
        late = AT + timedelta(seconds=seconds)
        hooks.verify([CLIENT_SECRET], HOOK_URL, headers, b"[]", late)


@pytest.mark.parametrize("url", ["", "https://elsewhere.example/v1/webhooks/1"])
def test_a_delivery_to_another_address_is_refused(rig: HubspotRig, url: str) -> None:
    headers = sign(b"[]", MS)
    assert receive(rig, Sent(headers, b"[]", HOOK_URL)).kind == "ignored"
    with pytest.raises(Forged):
        receive(rig, Sent(headers, b"[]", url))


@pytest.mark.parametrize("kind", ["contact.deletion", "contact.privacyDeletion"])
def test_a_deletion_says_all(kind: str) -> None:
    found = read({"subscriptionType": kind})
    assert [one.record for one in found.sightings] == [Deleted("crm", "customer", "51", AT)]


def test_a_change_names_the_stream_to_pull() -> None:
    found = read({"subscriptionType": "contact.propertyChange", "propertyName": "city"})
    assert (found.kind, found.sightings, found.wants) == ("records", (), ("customers",))


def test_the_newer_form_of_events_is_read() -> None:
    both = ("customers", "orders")
    deal = {"subscriptionType": "object.propertyChange", "objectTypeId": "0-3"}
    contact = {"subscriptionType": "object.deletion", "objectTypeId": "0-1"}
    found = read(deal, contact, streams=both)
    assert found.wants == both
    assert len(found.sightings) == 1


@pytest.mark.parametrize("kind", ["company.creation", "deal.creation", ""])
def test_events_of_what_is_not_read_are_ignored(kind: str) -> None:
    assert read({"subscriptionType": kind}).kind == "ignored"


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"\xff"])
def test_what_is_no_list_of_events_is_ignored(body: bytes) -> None:
    assert hooks.read(body, "crm", ("customers",)).kind == "ignored"


def test_the_second_attempt_is_the_same_delivery() -> None:
    first = read({"subscriptionType": "contact.creation"})
    second = read({"subscriptionType": "contact.creation", "attemptNumber": 1, "eventId": 9})
    other = read({"subscriptionType": "contact.creation", "objectId": 52})
    assert first.dedupe_key == second.dedupe_key != other.dedupe_key


async def test_what_to_do_by_hand_is_said(rig: HubspotRig) -> None:
    report = await rig.connector.after_connect(rig.context(), "https://hub.example/other")
    assert (report.active, report.renewed) == (0, ())
    assert "https://hub.example/other" in report.note
