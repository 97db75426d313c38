"""The settings of the mail server, read strictly once, and addresses as SMTP wants them."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from email.headerregistry import Address
from email.utils import getaddresses
from typing import Literal

import idna
import msgspec

from hub.sdk.errors import NeedsAttention
from hub.sdk.secret import SecretText

Security = Literal["starttls", "tls", "none"]
# RFC 5321 4.5.3.1
MAX_LOCAL = 64
MAX_ADDRESS = 254
_SPECIAL = set('()<>[]:;@\\,"')


class InvalidAddress(ValueError):
    """Not one single address; the message never repeats the text itself."""


class Account(msgspec.Struct, frozen=True):
    """How to reach the mail server, and in whose name."""

    host: str
    port: int
    user: str
    password: SecretText
    security: Security
    sender: Address


class _Written(msgspec.Struct, forbid_unknown_fields=True):
    host: str = ""
    port: int = 587
    user: str = ""
    password: str = ""
    security: Security = "starttls"
    sender: str = ""


def read_account(settings: Mapping[str, object]) -> Account:
    """The account of the `smtp` settings. Raises NeedsAttention naming the wrong one."""
    try:
        written = msgspec.convert(dict(settings), _Written)
    except msgspec.ValidationError as error:
        said, _, place = str(error).partition(" - at `$.")
        name = place.rstrip("`")
        raise NeedsAttention(f"smtp{'.' if name else ''}{name}: {said}") from None
    host = written.host.strip()
    if not host:
        raise NeedsAttention("smtp.host: no mail is sent until the mail server is named here")
    if not host.isprintable() or set(host) & set(" /@"):
        raise NeedsAttention("smtp.host: a name such as mail.example.com, without port or path")
    if not 1 <= written.port <= 65535:
        raise NeedsAttention("smtp.port: a number from 1 to 65535")
    if written.password and not written.user:
        raise NeedsAttention("smtp.user: a password is set, but no user")
    if written.user and written.security == "none" and not _is_this_machine(host):
        raise NeedsAttention(
            "smtp.security: with 'none' the password would cross the network unencrypted; "
            "use 'starttls' or 'tls'"
        )
    return Account(
        host,
        written.port,
        written.user,
        SecretText(written.password),
        written.security,
        _sender(written.sender),
    )


def _sender(text: str) -> Address:
    try:
        if not text.isprintable():
            raise InvalidAddress("one line only")
        ((name, spec),) = getaddresses([text])
        local, domain = split_address(spec)
    except ValueError:
        raise NeedsAttention(
            "smtp.sender: an address, such as shop@example.com or My shop <shop@example.com>"
        ) from None
    return Address(one_line(name), local, domain)


def split_address(text: str) -> tuple[str, str]:
    """Local part and ASCII domain of exactly one address. Raises InvalidAddress."""
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain:
        raise InvalidAddress("this is not an e-mail address")
    if not text.isprintable() or set(local) & _SPECIAL or " " in text:
        raise InvalidAddress("the address has characters that no mailbox has")
    if local.startswith(".") or local.endswith(".") or ".." in local:
        raise InvalidAddress("the address has a dot too many")
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise InvalidAddress("the part after the @ is no domain") from None
    if len(local.encode()) > MAX_LOCAL or len(local.encode()) + len(ascii_domain) >= MAX_ADDRESS:
        raise InvalidAddress("the address is too long")
    return local, ascii_domain


def one_line(text: str) -> str:
    """Without line breaks and other control characters: one header, not two."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
