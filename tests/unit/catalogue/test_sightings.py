"""Whose a record is, and what is refused at the door."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hub.catalogue.sightings import Unplaced, sighting_entry
from hub.sdk.records import Customer, Identifier, Order
from hub.store.database import Entry

DAY = datetime(2026, 11, 23, 12, tzinfo=UTC)


def seen(**values: str) -> Entry:
    order = Order(
        shop="linen", order_id=values.pop("order_id", "1001"), status="paid", placed_at=DAY,
        updated_at=DAY, currency="EUR", total=100, **values,
    )  # fmt: skip
    return sighting_entry(order, None, source_id=1, received_at=0)


@pytest.mark.parametrize("nobody", ["guest", "n/a", "none", "a@b", "x" * 300 + "@example.com"])
def test_what_is_filled_in_for_everybody_makes_nobody_one_person(nobody: str) -> None:
    entry = seen(email=nobody)
    assert entry.subject == Identifier("linen", "order", "1001")
    assert entry.links == ()


def test_a_guest_is_known_by_her_address_and_a_customer_by_her_number() -> None:
    assert seen(email=" Ann@Example.COM ").subject == Identifier("", "email", "ann@example.com")
    both = seen(email="ann@example.com", customer_id="7")
    assert both.subject == Identifier("linen", "customer", "7")
    assert [link.to.value for link in both.links] == ["ann@example.com"]
    assert seen(email="ann@example.com", customer_id="0").subject is not None
    assert seen(email="ann@example.com", customer_id="0").subject.type == "email"  # type: ignore[union-attr]


def test_a_short_order_key_could_be_guessed_and_links_nothing() -> None:
    assert seen(email="ann@example.com", order_key="k1").links == ()
    assert len(seen(email="ann@example.com", order_key="wc_order_abcdefg").links) == 1


@pytest.mark.parametrize("value", ["", "x" * 600, "a\nb"])
def test_a_record_without_a_usable_number_is_refused_by_name(value: str) -> None:
    with pytest.raises(Unplaced, match="order_id"):
        seen(order_id=value)
    with pytest.raises(Unplaced, match="customer_id"):
        sighting_entry(
            Customer("linen", value, DAY, email="ann@example.com"), None,
            source_id=1, received_at=0,
        )  # fmt: skip
