"""Each way a mail can end, against a real server on this machine."""

from __future__ import annotations

import asyncio
import logging
import traceback
from email import message_from_bytes
from email.policy import default

import msgspec
import pytest
from hub_email import register_channels
from hub_email.channel import EmailChannel

from hub.sdk.channel import Message
from hub.sdk.errors import NeedsAttention, Refused, Retryable

from .conftest import PASSWORD, USER, MailServer, serve


def login(server: MailServer, **changes: object) -> EmailChannel:
    return server.channel(user=USER, password=PASSWORD, **changes)


def test_the_plugin_offers_the_channel_email() -> None:
    assert [channel.name for channel in register_channels()] == ["email"]


async def test_a_mail_arrives_once_and_whole(server: MailServer, message: Message) -> None:
    receipt = await server.channel().send(message)
    assert receipt.state == "done"
    assert "queued as 4711" in receipt.reference
    (letter,) = server.letters
    assert letter.rcpt_tos == ["anna@example.com"]
    assert letter.mail_from == "shop@example.com"
    assert isinstance(letter.content, bytes)
    mail = message_from_bytes(letter.content, policy=default)
    assert mail["Message-ID"] in receipt.reference
    body = mail.get_body(("plain",))  # type: ignore[attr-defined]
    assert body.get_content().replace("\r\n", "\n").strip() == message.text


async def test_greylisted_means_later_and_later_it_goes(
    server: MailServer, message: Message
) -> None:
    answers = iter(["451 4.7.1 greylisted, come back", None])
    server.on_rcpt = lambda _: next(answers)
    channel = server.channel()
    with pytest.raises(Retryable, match="greylisted"):
        await channel.send(message)
    assert (await channel.send(message)).state == "done"
    assert len(server.letters) == 1


async def test_an_unknown_recipient_is_refused_alone(server: MailServer, message: Message) -> None:
    server.on_rcpt = lambda to: "550 5.1.1 no such user" if to.startswith("anna") else None
    channel = server.channel()
    with pytest.raises(Refused, match="no such user"):
        await channel.send(message)
    other = msgspec.structs.replace(message, to="bob@example.com")
    assert (await channel.send(other)).state == "done"


async def test_a_mail_taken_for_spam_is_refused(server: MailServer, message: Message) -> None:
    server.on_data = lambda _: "554 5.7.1 looks like spam"
    with pytest.raises(Refused, match="554"):
        await server.channel().send(message)


async def test_a_full_server_means_later(server: MailServer, message: Message) -> None:
    server.on_data = lambda _: "452 4.3.1 disk full"
    with pytest.raises(Retryable):
        await server.channel().send(message)


@pytest.mark.parametrize(
    "answer", ["554 5.7.1 Relay access denied", "530 5.7.0 log in first", "550 relaying denied"]
)
async def test_a_server_that_does_not_relay_for_us_needs_a_person(
    server: MailServer, message: Message, answer: str
) -> None:
    server.on_rcpt = lambda _: answer
    with pytest.raises(NeedsAttention):
        await server.channel().send(message)


async def test_a_refused_sender_needs_a_person(server: MailServer, message: Message) -> None:
    server.on_mail = lambda _: "553 5.7.1 not your address"
    with pytest.raises(NeedsAttention, match="the sender: 553"):
        await server.channel().send(message)


async def test_a_line_lost_after_the_mail_is_unknown(server: MailServer, message: Message) -> None:
    server.drop = lambda step: step == "data"
    receipt = await server.channel().send(message)
    assert receipt.state == "unknown"
    assert len(server.letters) == 1  # it was taken: a second try would be a double


async def test_a_line_lost_before_the_mail_is_harmless(
    server: MailServer, message: Message
) -> None:
    server.drop = lambda step: step == "rcpt"
    with pytest.raises(Retryable):
        await server.channel().send(message)
    assert not server.letters


async def test_a_server_that_falls_silent_after_the_mail_is_unknown(message: Message) -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mute\r\n")
        while line := await reader.readline():
            known = {b"DATA\r\n": b"354 go\r\n", b".\r\n": b""}
            if line[:4] in (b"EHLO", b"MAIL", b"RCPT"):
                writer.write(b"250 ok\r\n")
            writer.write(known.get(line, b""))
        writer.close()

    listening = await asyncio.start_server(mute, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    channel = EmailChannel(data_seconds=0.2)
    channel.configure(
        {"host": "127.0.0.1", "port": port, "security": "none", "sender": "s@example.com"}
    )
    assert (await channel.send(message)).state == "unknown"
    listening.close()


async def test_nobody_listening_means_later(message: Message) -> None:
    async with serve(MailServer()) as gone:
        channel = gone.channel()
    with pytest.raises(Retryable, match="can not be reached"):
        await channel.send(message)


async def test_without_settings_a_person_is_asked(message: Message) -> None:
    channel = EmailChannel()
    with pytest.raises(NeedsAttention, match="not set up"):
        await channel.send(message)
    with pytest.raises(NeedsAttention, match=r"smtp\.host"):
        channel.configure({})


async def test_the_right_login_is_taken(message: Message) -> None:
    server = MailServer()
    options = {"authenticator": server.authenticate, "auth_require_tls": False}
    async with serve(server, auth_required=True, **options):
        assert (await login(server).send(message)).state == "done"
        assert server.logins == 1


async def test_the_password_is_never_seen(
    message: Message, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither by a server that repeats it, nor in reprs, logs and tracebacks."""
    caplog.set_level(logging.DEBUG)
    server = MailServer()
    wrong = "falsch-geheim-9917"
    options = {"authenticator": server.authenticate, "auth_require_tls": False}
    async with serve(server, **options):
        channel = server.channel(user=USER, password=wrong)
        with pytest.raises(NeedsAttention, match=r"smtp\.user and smtp\.password") as caught:
            await channel.send(message)
        server.on_rcpt = lambda _: f"550 your password is {PASSWORD}"
        right = login(server)
        with pytest.raises(Refused) as refused:
            await right.send(message)
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith("mail.")]
    seen = [repr(channel), repr(right), str(vars(channel)), *ours]
    seen += traceback.format_exception(caught.value) + traceback.format_exception(refused.value)
    assert not any(wrong in text or PASSWORD in text for text in seen)
    assert "***" in str(refused.value)


async def test_a_server_without_login_is_named(server: MailServer, message: Message) -> None:
    with pytest.raises(NeedsAttention, match="takes no login"):
        await login(server).send(message)


async def test_a_recipient_in_another_script(server: MailServer, message: Message) -> None:
    message = msgspec.structs.replace(message, to="jörg@bücher.example")
    assert (await server.channel().send(message)).state == "done"
    assert server.letters[0].rcpt_tos == ["jörg@xn--bcher-kva.example"]


async def test_an_old_server_can_not_write_to_such_a_recipient(message: Message) -> None:
    async with serve(MailServer(), enable_SMTPUTF8=False, decode_data=False) as old:
        with pytest.raises(Refused, match="such letters"):
            await old.channel().send(msgspec.structs.replace(message, to="jörg@example.com"))


@pytest.mark.parametrize("what", ["subject", "header", "name"])
async def test_line_breaks_reach_one_recipient_only(
    server: MailServer, message: Message, what: str
) -> None:
    evil = "Hi\r\nBcc: eve@example.net\r\n.\r\nMAIL FROM:<eve@example.net>"
    if what == "subject":
        message = msgspec.structs.replace(message, subject=evil)
    elif what == "header":
        message = msgspec.structs.replace(message, headers={"X-Note": evil})
    else:
        message = msgspec.structs.replace(message, text=evil, html=evil)
    await server.channel().send(message)
    (letter,) = server.letters
    assert letter.rcpt_tos == ["anna@example.com"]
    assert isinstance(letter.content, bytes)
    assert "Bcc" not in message_from_bytes(letter.content, policy=default)


async def test_a_forged_recipient_reaches_nobody(server: MailServer, message: Message) -> None:
    evil = "anna@example.com>\r\nRCPT TO:<eve@example.net"
    with pytest.raises(Refused):
        await server.channel().send(msgspec.structs.replace(message, to=evil))
    assert not server.letters
