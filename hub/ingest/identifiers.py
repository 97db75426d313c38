"""Which identifiers a call names, and how much each one may be believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.sdk.records import Identifier, Link, Strength

# Values that templates and test scripts send for everybody: joining on them would make one
# giant of many shoppers.
JUNK = {"", "0", "-1", "null", "none", "undefined", "guest", "anonymous", "nan", "false", "true",
        "[object object]", "test", "unknown"}  # fmt: skip
MAX_VALUE = 512
# Names of the keys that a shop hands to one buyer only; a connector's order confirms them.
TOKEN_KEYS = {
    "order_key": "order_key",
    "cart_token": "cart_token",
    "checkout_token": "checkout_token",
}


def clean_id(value: object) -> str:
    """An identifier as text, or "" when it names nobody in particular."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value).strip()
    return "" if text.lower() in JUNK or len(text) > MAX_VALUE or not text.isprintable() else text


def clean_email(value: object) -> str:
    """A usable e-mail address in lower case, or "". A rough check: the mail itself is the proof."""
    if not isinstance(value, str):
        return ""
    text = value.strip().lower()
    name, at, domain = text.rpartition("@")
    usable = at and name and "." in domain.strip(".") and not set(text) & set(" \t\r\n,;<>\"'()")
    return text if usable and len(text) <= 254 and text.isprintable() else ""


def email_identifier(email: str) -> Identifier:
    return Identifier("", "email", email)


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
        value = clean_id(properties.get(key))
        if len(value) >= 12:  # shorter ones could be guessed
            links.append(Link(Identifier(shop, kind, value), "token"))
    return links
