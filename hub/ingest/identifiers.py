"""Which identifiers a call names, and how much each one may be believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.sdk.identifiers import clean_email, clean_id, email_identifier
from hub.sdk.records import Identifier, Link, Strength

# Names of the keys that a shop hands to one buyer only; a connector's order confirms them.
TOKEN_KEYS = {
    "order_key": "order_key",
    "cart_token": "cart_token",
    "checkout_token": "checkout_token",
}


def named(
    *,
    shop: str,
    user_id: str,
    traits: Mapping[str, Any],
    properties: Mapping[str, Any],
    strength: Strength,
) -> list[Link]:
    """The identifiers an event names beside its subject."""
    links = []
    if user_id:
        links.append(Link(Identifier(shop, "user", user_id), strength))
    email = clean_email(traits.get("email")) or clean_email(properties.get("email"))
    if email:
        links.append(Link(email_identifier(email), strength))
    for key, kind in TOKEN_KEYS.items():
        if key not in properties:
            continue
        value = clean_id(properties.get(key))
        if len(value) >= 12:  # shorter ones could be guessed
            links.append(Link(Identifier(shop, kind, value), "token"))
    return links
