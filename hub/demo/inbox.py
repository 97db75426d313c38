"""Where the demo's mail ends: a mail server on this machine that passes nothing on."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from typing import Any

import msgspec
from aiosmtpd.smtp import SMTP, Envelope, Session

from hub.sdk.clock import Clock

KEPT = 200
MAX_BYTES = 2 * 1024 * 1024
MAX_RECIPIENTS = 100


class Mail(msgspec.Struct, frozen=True):
    """One mail as it came in. `number` counts from 1 and is never used twice."""

    number: int
    received: datetime
    sender: str
    to: str
    subject: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]


class Inbox:
    """A mail server on a free port of 127.0.0.1; `mails` are the last ones, newest first."""

    def __init__(self, clock: Clock, keep: int = KEPT) -> None:
        self._clock = clock
        self._mails: deque[Mail] = deque(maxlen=keep)
        self._received = 0
        self._came = asyncio.Condition()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Inbox:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        """Listen; 0 takes any free port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, "127.0.0.1", port)

    async def stop(self) -> None:
        """Listen no more. The mails stay."""
        if self._server is not None:
            self._server.close()
            self._server = None

    @property
    def port(self) -> int:
        if self._server is None:
            raise RuntimeError("the inbox is not open")
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def mails(self) -> list[Mail]:
        return list(reversed(self._mails))

    def settings(self, sender: str) -> Mapping[str, Any]:
        """The hub's `smtp` settings with which its mail comes here."""
        return {"host": "127.0.0.1", "port": self.port, "security": "none", "sender": sender}

    def mails_to(self, address: str) -> list[Mail]:
        """The mails to one address, newest first."""
        return [mail for mail in self.mails if mail.to == address]

    def find(self, number: int) -> Mail | None:
        return next((mail for mail in self._mails if mail.number == number), None)

    def clear(self) -> None:
        self._mails.clear()

    async def waited_for(self, count: int, timeout: float = 10.0) -> list[Mail]:
        """The mails, once `count` have come in since the start. Raises TimeoutError."""
        async with asyncio.timeout(timeout), self._came:
            await self._came.wait_for(lambda: self._received >= count)
        return self.mails

    async def mail_to(self, address: str, timeout: float = 10.0) -> Mail:
        """The newest mail to an address, once there is one. Raises TimeoutError."""
        async with asyncio.timeout(timeout), self._came:
            await self._came.wait_for(lambda: bool(self.mails_to(address)))
        return self.mails_to(address)[0]

    async def handle_RCPT(
        self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Called by the mail server for each recipient."""
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:
        """Called by the mail server with a whole mail."""
        self._received += 1
        self._mails.append(read_mail(self._received, self._clock.now(), envelope))
        async with self._came:
            self._came.notify_all()
        return f"250 kept as {self._received}"

    def _session(self) -> SMTP:
        return SMTP(
            self, hostname="inbox.localhost", ident="inbox", data_size_limit=MAX_BYTES,
            enable_SMTPUTF8=True, loop=asyncio.get_running_loop(),
        )  # fmt: skip


def read_mail(number: int, received: datetime, envelope: Envelope) -> Mail:
    """A mail taken apart; what can not be read is shown as it came."""
    raw = envelope.content or b""
    data = raw.encode() if isinstance(raw, str) else raw
    message = message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    return Mail(
        number=number,
        received=received,
        sender=_header(message, "from") or str(envelope.mail_from),
        to=", ".join(envelope.rcpt_tos),
        subject=_header(message, "subject"),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        headers=_headers(message),
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except (MessageError, ValueError, IndexError):
        return ""


def _headers(message: EmailMessage) -> tuple[tuple[str, str], ...]:
    return tuple((name, _one(value)) for name, value in message.raw_items())


def _one(value: object) -> str:
    return " ".join(str(value).encode("utf-8", "replace").decode().split())


def _part(message: EmailMessage, kind: str) -> str:
    try:
        part = message.get_body((kind,))
        return "" if part is None else str(part.get_content())
    except (MessageError, ValueError, LookupError, AttributeError):
        return message.as_bytes().decode("utf-8", "replace") if kind == "plain" else ""
