"""From HubSpot's JSON to records, row by row."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hub_hubspot import mapping
from hub_hubspot.tests.vendor import FIXTURES

from hub.sdk.errors import Broken, InvalidRecord


def row(table: str, number: int) -> dict[str, Any]:
    rows: list[dict[str, Any]] = json.loads((FIXTURES / f"{table}.json").read_text())
    return next(one for one in rows if one["id"] == str(number))


def test_a_contact_is_a_customer() -> None:
    found = mapping.customer(row("contacts", 51), "crm")
    assert (found.customer_id, found.email, found.first_name) == ("51", "ann@example.test", "Ann")
    assert found.updated_at == datetime(2026, 11, 2, 1, 0, 0, 250000, UTC)
    assert found.traits == {
        "city": "Gent",
        "country": "Belgium",
        "lifecycle_stage": "customer",
        "language": "nl",
    }


def test_who_opted_out_is_said_and_who_never_said_so_is_not() -> None:
    said = [mapping.customer(row("contacts", n), "crm").traits for n in (51, 101, 151)]
    assert [traits.get("email_opt_out") for traits in said] == [None, True, False]


def test_a_mobile_number_stands_in_for_a_phone_number() -> None:
    assert mapping.customer(row("contacts", 101), "crm").phone == "+31 600 000 002"


def test_an_archived_contact_is_deleted_when_it_was_archived() -> None:
    found = mapping.customer(row("contacts", 1051), "crm")
    assert found.deleted
    assert found.updated_at == datetime(2026, 11, 3, 5, 0, 0, 600000, UTC)


def test_a_contact_of_several_addresses_has_all_of_them() -> None:
    found = mapping.emails(row("contacts", 51))
    assert found == {"ann@example.test", "ann.work@example.test", "a.p@example.test"}


def test_a_won_deal_is_paid_on_the_day_it_was_won() -> None:
    found = mapping.order({**row("deals", 9001), "contacts": ["51"]}, "crm", "EUR")
    assert (found.status, found.total, found.currency) == ("paid", 419050, "EUR")
    assert (found.placed_at.day, found.customer_id) == (5, "51")


def test_a_deal_that_is_open_or_lost_is_not_paid() -> None:
    found = mapping.order(row("deals", 9002), "crm", "EUR")
    assert (found.status, found.currency, found.placed_at.month) == ("pending", "GBP", 11)
    assert mapping.order(row("deals", 9003), "crm", "EUR").status == "cancelled"


def test_a_deal_of_several_contacts_is_of_nobody() -> None:
    raw = {**row("deals", 9003), "contacts": ["151", "201"]}
    assert mapping.order(raw, "crm", "EUR").customer_id == ""


def test_a_deal_without_an_amount_can_not_be_an_order() -> None:
    with pytest.raises(InvalidRecord, match="amount"):
        mapping.order(row("deals", 9004), "crm", "EUR")


@pytest.mark.parametrize("field", ["id", "deal_currency_code", "createdate", "hs_lastmodifieddate"])
def test_what_an_order_needs_is_named_when_it_is_missing(field: str) -> None:
    whole = row("deals", 9001)
    held = {name: value for name, value in whole["properties"].items() if name != field}
    gone = {field, "createdAt", "updatedAt"}
    broken = {name: value for name, value in whole.items() if name not in gone}
    with pytest.raises(InvalidRecord, match=field):
        mapping.order({**broken, "properties": held}, "crm", "" if "currency" in field else "EUR")


@pytest.mark.parametrize("answer", [{}, {"results": [{}]}, {"results": [{"from": 1, "to": []}]}])
def test_associations_in_an_unknown_form_stop_the_run(answer: dict[str, Any]) -> None:
    with pytest.raises(Broken):
        mapping.associated(answer)
