"""A real mail server on this machine, told how to misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from hub_email.channel import EmailChannel

from hub.sdk.channel import Message

USER, PASSWORD = "shop", "pa55-geheim-4410"
Answer = str | None


class MailServer:
    """Takes mail into `letters`. `on_rcpt`, `on_data`, `on_mail` may answer something else."""

    def __init__(self) -> None:
        self.letters: list[Envelope] = []
        self.port = 0
        self.logins = 0
        self.on_mail: Callable[[str], Answer] = lambda _: None
        self.on_rcpt: Callable[[str], Answer] = lambda _: None
        self.on_data: Callable[[Envelope], Answer] = lambda _: None
        self.drop: Callable[[str], bool] = lambda _: False
        self._protocols: list[SMTP] = []

    def settings(self, **changes: Any) -> dict[str, object]:
        start: dict[str, object] = {"host": "127.0.0.1", "port": self.port, "security": "none"}
        return {**start, "sender": "Tëst shop <shop@example.com>", **changes}

    def channel(self, **changes: Any) -> EmailChannel:
        channel = EmailChannel(answer_seconds=5, data_seconds=5)
        channel.configure(self.settings(**changes))
        return channel

    async def handle_MAIL(
        self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.on_mail(address):
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self._drop(server, "rcpt")
        if answer := self.on_rcpt(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:
        if answer := self.on_data(envelope):
            return answer
        self.letters.append(envelope)
        self._drop(server, "data")
        return "250 queued as 4711"

    def authenticate(self, server: SMTP, _: Session, __: Envelope, how: str, given: Any) -> Any:
        self.logins += 1
        right = isinstance(given, LoginPassword) and given.password.decode() == PASSWORD
        if right:
            return AuthResult(success=True)
        said = given.password.decode() if isinstance(given, LoginPassword) else ""
        return AuthResult(success=False, handled=False, message=f"535 5.7.8 no: {said}")

    def _drop(self, server: SMTP, step: str) -> None:
        if self.drop(step):
            assert server.transport is not None
            server.transport.abort()


@contextlib.asynccontextmanager
async def serve(server: MailServer, **options: Any) -> AsyncIterator[MailServer]:
    """Run the server on a free port while the context lasts."""
    implicit: ssl.SSLContext | None = options.pop("implicit_tls", None)
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: SMTP(server, loop=loop, hostname="mail.test", **options),
        "127.0.0.1",
        0,
        ssl=implicit,
    )
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with serve(MailServer(), enable_SMTPUTF8=True) as running:
        yield running


@pytest.fixture
def message() -> Message:
    return Message(
        key="double-opt-in:7",
        to="anna@example.com",
        subject="Bevestig je aanmelding",
        text="Hallo\n.een punt\nhttps://shop.example/" + "x" * 300,
        html="<p>Hällo</p>",
        headers={"Date": "Mon, 23 Nov 2026 17:00:00 +0000"},
    )
