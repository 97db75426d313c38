"""Whatever a shop's old system called it: one name."""

from __future__ import annotations

import pytest

from hub.ingest.names import ALIASES, canonical


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("view_item", "Product Viewed"),  # GA4
        ("product_added_to_cart", "Product Added"),  # Shopify
        ("Purchase", "Order Completed"),  # Meta
        ("add_payment_info", "Payment Info Entered"),  # GA4
        ("PrePurchase", "Checkout Step Completed"),  # Spotler
        ("Placed Order", "Order Completed"),  # Klaviyo
        ("refund", "Order Refunded"),
        (" begin_checkout ", "Checkout Started"),
        ("Product Viewed", "Product Viewed"),
        ("Favourite Colour Chosen", "Favourite Colour Chosen"),
    ],
)
def test_an_event_has_one_name(said: str, kept: str) -> None:
    assert canonical(said) == kept


def test_a_canonical_name_is_nobodys_alias() -> None:
    assert not set(ALIASES.values()) & set(ALIASES)
