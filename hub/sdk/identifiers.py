"""Values that name somebody, and those that only look like it."""

from __future__ import annotations

from hub.sdk.records import Identifier

# Values that templates and test scripts send for everybody: joining on them would make one
# giant of many shoppers.
JUNK = {"", "0", "-1", "null", "none", "undefined", "guest", "anonymous", "nan", "false", "true",
        "[object object]", "test", "unknown"}  # fmt: skip
MAX_VALUE = 512


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
