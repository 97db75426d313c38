"""From a message of the hub to the bytes of one mail."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from hashlib import sha256

import msgspec

from hub.sdk.channel import Message
from hub.sdk.errors import Refused
from hub_email.account import InvalidAddress, one_line, split_address

# What this module sets by itself: another one would make a second sender or recipient.
RESERVED = frozenset({
    "from", "to", "cc", "bcc", "sender", "subject", "message-id", "return-path", "received",
    "mime-version", "resent-to", "resent-cc", "resent-bcc", "resent-from", "resent-sender",
})  # fmt: skip
_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9-]{0,75}$")


class Letter(msgspec.Struct, frozen=True):
    """One mail, ready for the wire. `utf8`: its recipient needs a server that speaks SMTPUTF8."""

    sender: str
    recipient: str
    message_id: str
    data: bytes
    utf8: bool


def write_letter(message: Message, sender: Address) -> Letter:
    """The mail of `message`. Raises Refused when it can not be one for exactly one person."""
    try:
        local, domain = split_address(message.to)
    except InvalidAddress as error:
        raise Refused(f"to: {error}") from None
    recipient = Address("", local, domain)
    utf8 = not (local.isascii() and sender.username.isascii())
    mail = EmailMessage(policy=SMTPUTF8 if utf8 else SMTP)
    mail["From"] = sender
    mail["To"] = recipient
    mail["Subject"] = one_line(message.subject)
    mail["Message-ID"] = _message_id(message, sender.domain)
    _add_headers(mail, message)
    mail.set_content(message.text, cte="quoted-printable")
    if message.html:
        mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return Letter(
        f"{sender.username}@{sender.domain}",
        f"{local}@{domain}",
        str(mail["Message-ID"]),
        mail.as_bytes(),
        utf8,
    )


def _message_id(message: Message, domain: str) -> str:
    # From the key alone, so that a repeated message can be known as such on its way.
    digest = sha256(f"{message.key}\n{message.to}".encode()).hexdigest()[:40]
    return f"<{digest}@{domain}>"


def _add_headers(mail: EmailMessage, message: Message) -> None:
    for name, value in message.headers.items():
        lower = name.lower()
        if not _NAME.match(name) or lower in RESERVED or lower.startswith("content-"):
            raise Refused(f"headers: '{one_line(name)[:80]}' can not be set by a message")
        if name in mail:
            raise Refused(f"headers: '{name}' is given twice")
        mail[name] = one_line(value)
    if "Auto-Submitted" not in mail and "List-Unsubscribe" not in mail:
        # A service mail answers a person's act: no robot should answer it.
        mail["Auto-Submitted"] = "auto-generated"
