"""The last line of defence of the log: what looks like a person or a secret is taken out.

Code that logs names rows by their number, never by their content. This is for what slips through:
a library's message, a text that a vendor sent, the words of an exception.
"""

from __future__ import annotations

import ipaddress
import re

LEFT_OUT = "(left out: it may speak of a person)"

_QUERY = re.compile(r"(\bhttps?://[^\s?#\"'<>]*)[?#][^\s\"'<>]*")
_LOGIN = re.compile(r"(://)[^/\s@]+@")
_NAMED = re.compile(
    r"(?i)\b(authorization|cookie|passw(?:or)?d|passwd|secret|token|api[_-]?key|write_?key|csrf)\b"
    r"(\"|')?(\s*[:=]\s*)(?:(?:bearer|basic|token)\s+)?(\"[^\"]*\"|'[^']*'|[^\s,;&]+)"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+(?=\S*[\d=])[A-Za-z0-9._~+/=-]{8,}")
_EMAIL = re.compile(r"[^\s@<>\"'=:,;()\[\]{}/]{1,128}(?:@|%40)[^\s@<>\"'=:,;()\[\]{}/]{1,253}")
_FOUR = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)")
_SIX = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{2,39}(?:\.\d{1,3}){0,3}(?![\w:])")
_PHONE = re.compile(
    r"(?<![\w.:/+-])(?:\+\s?\d|00\d|0\d|\(\d|\d{3}[ .-]\d{3}[ .-]\d)[\d ()./-]{2,20}\d(?![\w.:]*\w)"
)
_NUMBER = re.compile(r"(?<![\w.])\d(?:[ -]?\d){14,18}(?!\w)")
_TOKEN = re.compile(
    r"(?<![\w/.-])(?=[\w.=+~-]{0,200}\d)(?=[\w.=+~-]{0,200}[A-Za-z])"
    r"[A-Za-z0-9][\w.=+~-]{23,}"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def redact(text: str) -> str:
    """The text without e-mail addresses, telephone numbers, IP addresses, secrets, long numbers."""
    text = _QUERY.sub(r"\1?...", text)
    text = _LOGIN.sub(r"\1[secret]@", text)
    text = _NAMED.sub(r"\1\2\3[secret]", text)
    text = _BEARER.sub(r"\1 [secret]", text)
    text = _EMAIL.sub(_mail, text)
    text = _FOUR.sub(_address, text)
    text = _SIX.sub(_address, text)
    text = _NUMBER.sub("[number]", text)
    text = _PHONE.sub(_phone, text)
    return _TOKEN.sub("[secret]", text)


def one_line(text: str) -> str:
    """The text with its line ends and control characters spelt out: one record stays one line."""
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text.strip())


def _mail(found: re.Match[str]) -> str:
    # `[secret]@host` of an address with a login was seen to already.
    return "[e-mail]"


def _address(found: re.Match[str]) -> str:
    try:
        address = ipaddress.ip_address(found[0])
    except ValueError:
        return found[0]
    return found[0] if address.is_loopback or address.is_unspecified else "[address]"


def _phone(found: re.Match[str]) -> str:
    digits = sum(character.isdigit() for character in found[0])
    return "[phone]" if 8 <= digits <= 15 else found[0]
