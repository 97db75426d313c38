"""Values that name somebody, and those that only look like it."""

from __future__ import annotations

import re

from hub.sdk.records import Identifier

# Values that templates and test scripts send for everybody: joining on them would make one
# giant of many shoppers.
JUNK = {"", "0", "-1", "null", "none", "undefined", "guest", "anonymous", "nan", "false", "true",
        "[object object]", "test", "unknown", "nil", "<nil>", "(null)", "(not set)", "n/a", "na",
        "undef", "not_set", "no_id", "userid", "user_id", "customer_id", "id"}  # fmt: skip
# Only zeros, as in an empty UUID, and the placeholders of a template that nobody filled in.
_EMPTY = re.compile(r"[0-]*0[0-]*|(?:\{\{|\$\{|%7b%7b|<%|\{%|\[%).*|%[a-z_.]+%")
MAX_VALUE = 512


def clean_id(value: object) -> str:
    """An identifier as text, or "" when it names nobody in particular."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value).strip()
    if len(text) > MAX_VALUE or not text.isprintable():
        return ""
    small = text.lower()
    if small in JUNK or (small[0] in "0-{$%<[" and _EMPTY.fullmatch(small)):
        return ""
    return text


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
