"""Against answers of the real HubSpot, of its API of 2022."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

import pytest
from hub_hubspot import api, mapping, pushing, reading
from hub_hubspot.tests import answers
from hub_hubspot.tests.recordings import exchanges, vectors
from hub_hubspot.tests.rig import HubspotRig
from starlette.responses import JSONResponse

from hub.sdk.errors import Refused, Retryable
from hub.sdk.faults import App, Receive, Scope, Send


def answering(body: Any, status: int = 200) -> App:
    """A vendor that always answers the same."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await JSONResponse(body, status)(scope, receive, send)

    return app


def test_every_contact_that_a_search_gave_is_read() -> None:
    rows = [row for one in exchanges("CONTACT/search") for row in one["response_body"]["results"]]
    assert len(rows) > 100
    for row in rows:
        found = mapping.customer(row, "crm")
        held = row["properties"]
        assert found.customer_id == row["id"] == held["hs_object_id"]
        assert found.email == (held.get("email") or "")
        assert found.first_name == (held.get("firstname") or "")
        assert found.updated_at == datetime.fromisoformat(held["lastmodifieddate"])
        assert mapping.millis(found.updated_at) == mapping.stamp(row, "lastmodifieddate")
        assert not found.deleted


@pytest.mark.parametrize(("call", "status"), [("batch/create", 201), ("batch/update", 200)])
def test_contacts_that_were_just_written_are_read(call: str, status: int) -> None:
    rows = [
        row
        for one in exchanges(f"CONTACT/{call}", status)
        for row in one["response_body"]["results"]
    ]
    assert rows
    assert all(mapping.customer(row, "crm").email for row in rows)


def test_times_come_with_and_without_milliseconds() -> None:
    rows = [row for one in exchanges("CONTACT/search") for row in one["response_body"]["results"]]
    texts = {row["properties"]["lastmodifieddate"] for row in rows}
    assert any("." in text for text in texts)
    assert any("." not in text for text in texts)


async def test_a_page_may_hold_fewer_rows_than_it_counts(rig: HubspotRig) -> None:
    bodies = [one["response_body"] for one in exchanges("CONTACT/search")]
    thin = [body for body in bodies if body["total"] > len(body["results"])]
    assert thin
    assert all("paging" not in body for body in thin)
    for body in thin:
        rig.faults.app = answering(body)
        assert await api.search(rig.context(), "contacts", {}) == ([], "")


def test_the_account_names_its_currency() -> None:
    bodies = [one["response_body"] for one in exchanges("/integrations/v1/me")]
    assert {mapping.account(body) for body in bodies} == {
        (f"HubSpot account {body['portalId']}", "USD") for body in bodies
    }


def test_the_stand_in_refuses_in_the_recorded_form() -> None:
    busy = json.loads(bytes(answers.slow_down().body))
    gone = json.loads(bytes(answers.not_found(7).body))
    slowed = exchanges("/search", 429)
    assert len(slowed) == 69
    for one in slowed:
        assert set(one["response_body"]) == set(busy)
        assert one["response_body"]["category"] == busy["category"]
        assert one["response_body"]["message"] == busy["message"]
        assert "retry-after" not in {name.lower() for name, _ in one["response_headers"]}
    missing = [one["response_body"] for one in exchanges("/profile", 404)]
    assert missing
    assert all(set(body) == set(gone) for body in missing)
    assert {body["category"] for body in missing} == {gone["category"]}


async def test_a_recorded_429_is_waited_out_and_then_reported(rig: HubspotRig) -> None:
    body = exchanges("CONTACT/search", 429)[0]["response_body"]

    rig.faults.app = answering(body, 429)
    with pytest.raises(Retryable, match="slow down"):
        await api.search(rig.context(), "contacts", {})
    assert rig.waits.seconds == [1.0, 2.0]  # nobody said how long: each wait is longer


async def test_a_recorded_refusal_is_said_in_its_own_words(rig: HubspotRig) -> None:
    body = exchanges("createOrUpdate/email/caio.silveira@mailinator.com/", 400)[0]["response_body"]

    rig.faults.app = answering(body, 400)
    with pytest.raises(Refused, match="Property values were not valid"):
        await api.search(rig.context(), "contacts", {})


def test_what_is_asked_for_and_written_exists_at_hubspot() -> None:
    rows = exchanges("/contacts/properties")[0]["response_body"]
    known = {row["name"]: row for row in rows}
    schema = exchanges("/schemas/CONTACT")[0]["response_body"]["properties"]
    names = set(known) | {row["name"] for row in schema}
    assert set(reading.CONTACTS.properties) <= names
    assert set(pushing.WRITABLE.values()) <= set(known)
    assert not [name for name in pushing.WRITABLE.values() if known[name]["readOnlyValue"]]


def test_the_known_signatures_join_the_same_parts_in_the_same_order() -> None:
    """The known answers are of versions 1 and 2: the older ones join address and body as we do,
    but hash instead of signing. Of version 3 none is known to us."""
    for one in vectors():
        parts = [one["secret"], one.get("method", ""), one.get("url", ""), one["body"]]
        assert hashlib.sha256("".join(parts).encode()).hexdigest() == one["expected"]
