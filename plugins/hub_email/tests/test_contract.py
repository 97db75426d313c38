"""E-mail withstands what every channel must."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.smtp import Envelope
from hub_email.channel import EmailChannel

from hub.sdk.channel import Channel, Message
from hub.sdk.testing import Arrival, ChannelContract, Trouble

from .conftest import PASSWORD, USER, MailServer, serve


class EmailRig:
    """See hub.sdk.testing.ChannelRig."""

    idempotent = False  # SMTP can not know a mail again; the Message-ID says that it is the same
    secrets = (PASSWORD,)

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self.channel: Channel = server.channel(user=USER, password=PASSWORD)
        self._right = server.settings(user=USER, password=PASSWORD)

    def message(self) -> Message:
        return Message(key="order:7", to="anna@example.com", subject="Hallo", text="Hallo")

    def other_address(self) -> str:
        return "bob@example.com"

    def arrived(self) -> Sequence[Arrival]:
        return [
            arrival for letter in self._server.letters for arrival in _arrivals(letter)
        ]  # fmt: skip

    def make(self, trouble: Trouble) -> None:
        server = self._server
        words = {"recipient": "550 5.1.1 no such user", "echo": f"550 {PASSWORD} is no user",
                 "later": "451 4.7.1 come back"}  # fmt: skip
        server.on_rcpt = lambda _: words.get(trouble)
        server.on_mail = lambda _: "553 5.7.1 not your address" if trouble == "settings" else None
        server.drop = lambda step: step == {"lost": "data", "down": "rcpt"}.get(trouble)

    def unset(self) -> Channel:
        return EmailChannel(answer_seconds=5, data_seconds=5)

    def wrong_settings(self) -> Mapping[str, Mapping[str, object]]:
        wrong: dict[str, object] = {
            "host": "",
            "port": "x",
            "security": "none!",
            "sender": "nobody",
        }
        return {f"smtp.{name}": {**self._right, name: value} for name, value in wrong.items()}


def _arrivals(letter: Envelope) -> list[Arrival]:
    assert isinstance(letter.content, bytes)
    mail = message_from_bytes(letter.content, policy=default)
    body = mail.get_body(("plain",))  # type: ignore[attr-defined]
    text, key = body.get_content(), str(mail["Message-ID"])
    return [Arrival(to, text, key) for to in letter.rcpt_tos]


@pytest.fixture
async def rig() -> AsyncIterator[EmailRig]:
    server = MailServer()
    options = {"authenticator": server.authenticate, "auth_require_tls": False}
    async with serve(server, enable_SMTPUTF8=True, **options):
        yield EmailRig(server)


class TestEmail(ChannelContract):
    pass
