"""What every channel must withstand, as a test class to inherit from.

class TestSms(ChannelContract):
    @pytest.fixture
    async def rig(self): ...   # yields a ChannelRig around a stand-in of the sending service
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import msgspec
import pytest

from hub.sdk.channel import Channel, Message
from hub.sdk.declared import faults
from hub.sdk.errors import HubError, NeedsAttention, Refused, Retryable

__all__ = ["Arrival", "ChannelContract", "ChannelRig", "Trouble"]

# later: come back. recipient: this address is not served. settings: we are not let in. lost: the
# line breaks after the message was taken. down: nobody answers. echo: refuses this address and
# repeats our secret in its answer.
Trouble = Literal["", "later", "recipient", "settings", "lost", "down", "echo"]
BREAKS = ("\r\n", "\n", "\r", "\0", "\u2028", "\x0b")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message as the other side took it. `key`: what it goes by there."""

    to: str
    text: str
    key: str


class ChannelRig(Protocol):
    """A channel with right settings, and the other side told how to behave."""

    channel: Channel
    idempotent: bool  # the other side knows a key again, and delivers it once
    secrets: tuple[str, ...]  # every text that must never be seen

    def message(self) -> Message:
        """A message that arrives."""
        ...

    def other_address(self) -> str:
        """Another address that works."""
        ...

    def arrived(self) -> Sequence[Arrival]:
        """Every message that was taken so far, once per recipient."""
        ...

    def make(self, trouble: Trouble) -> None:
        """Let the following messages meet this trouble; "" ends it."""
        ...

    def unset(self) -> Channel:
        """The channel before its settings."""
        ...

    def wrong_settings(self) -> Mapping[str, Mapping[str, object]]:
        """By the name of the setting at fault: settings that `configure` must refuse."""
        ...


class ChannelContract:
    """Inherit, give a `rig` fixture, and every test below runs against the channel."""

    def test_the_declaration_is_whole(self, rig: ChannelRig) -> None:
        assert faults("register_channels", rig.channel) == []

    async def test_a_message_arrives_once_and_whole(self, rig: ChannelRig) -> None:
        message = msgspec.structs.replace(rig.message(), text="Hällo\n.\n日本 💌\n" + "x" * 120)
        receipt = await rig.channel.send(message)
        assert receipt.state == "done"
        assert receipt.reference, "say what the other side calls it"
        (arrival,) = rig.arrived()
        assert arrival.to == message.to
        assert arrival.text.replace("\r\n", "\n").strip() == message.text

    async def test_the_same_key_is_known_again(self, rig: ChannelRig) -> None:
        message = rig.message()
        await rig.channel.send(message)
        await rig.channel.send(message)
        await rig.channel.send(msgspec.structs.replace(message, key="another key"))
        keys = [arrival.key for arrival in rig.arrived()]
        if rig.idempotent:
            assert len(keys) == 2, "the same key twice must arrive once"
        else:
            assert keys[0] == keys[1], "let the other side see that it is the same message"
        assert keys[0] != keys[-1]

    async def test_come_back_later_is_retryable(self, rig: ChannelRig) -> None:
        rig.make("later")
        with pytest.raises(Retryable):
            await rig.channel.send(rig.message())
        assert not rig.arrived()
        rig.make("")
        assert (await rig.channel.send(rig.message())).state == "done"
        assert len(rig.arrived()) == 1

    async def test_nobody_there_is_retryable(self, rig: ChannelRig) -> None:
        rig.make("down")
        with pytest.raises(Retryable):
            await rig.channel.send(rig.message())

    async def test_a_refused_address_is_refused_alone(self, rig: ChannelRig) -> None:
        rig.make("recipient")
        with pytest.raises(Refused):
            await rig.channel.send(rig.message())
        rig.make("")
        other = msgspec.structs.replace(rig.message(), key="k2", to=rig.other_address())
        assert (await rig.channel.send(other)).state == "done"
        assert [arrival.to for arrival in rig.arrived()] == [rig.other_address()]

    async def test_refused_settings_need_attention(self, rig: ChannelRig) -> None:
        rig.make("settings")
        with pytest.raises(NeedsAttention):
            await rig.channel.send(rig.message())
        assert not rig.arrived()

    async def test_an_unknown_fate_is_said(self, rig: ChannelRig) -> None:
        """A message that may have arrived is never reported as one that did not."""
        rig.make("lost")
        try:
            receipt = await rig.channel.send(rig.message())
        except Retryable:
            assert rig.idempotent, "trying again could reach the person twice: answer unknown"
        else:
            assert receipt.state == "unknown"
        assert len(rig.arrived()) == 1, "the rig must take the message before the line breaks"

    async def test_without_settings_a_person_is_asked(self, rig: ChannelRig) -> None:
        with pytest.raises(NeedsAttention):
            await rig.unset().send(rig.message())
        wrong = rig.wrong_settings()
        assert wrong, "name at least one setting that can be wrong"
        for setting, settings in wrong.items():
            with pytest.raises(NeedsAttention) as caught:
                rig.unset().configure(settings)
            assert setting in str(caught.value), "name the setting at fault"
        oddities: tuple[object, ...] = (None, 5, [], {}, "\x00", "x" * 10_000)
        for odd in oddities:
            names = ("host", "port", "user", "password", "key", "sender", *wrong)
            with pytest.raises(NeedsAttention):
                rig.unset().configure(dict.fromkeys(names, odd))

    @pytest.mark.parametrize("line_break", BREAKS, ids=[ascii(b) for b in BREAKS])
    @pytest.mark.parametrize("place", ["subject", "header", "header name", "text"])
    async def test_no_text_adds_a_recipient(
        self, rig: ChannelRig, place: str, line_break: str
    ) -> None:
        evil = f"Hi{line_break}Bcc: eve@example.net{line_break}To: eve@example.net"
        message = rig.message()
        changes: dict[str, dict[str, Any]] = {
            "subject": {"subject": evil},
            "header": {"headers": {"X-Note": evil}},
            "header name": {"headers": {evil: "x"}},
            "text": {"text": f"{evil}{line_break}.{line_break}RCPT TO:<eve@example.net>"},
        }
        try:
            await rig.channel.send(msgspec.structs.replace(message, **changes[place]))
        except (Refused, NeedsAttention):
            assert not rig.arrived()
        else:
            assert [arrival.to for arrival in rig.arrived()] == [message.to]

    @pytest.mark.parametrize("line_break", [*BREAKS, ",", " ", ";", ">", "\t"], ids=ascii)
    async def test_one_address_is_one_address(self, rig: ChannelRig, line_break: str) -> None:
        message, other = rig.message(), rig.other_address()
        for to in (f"{message.to}{line_break}{other}", f"{message.to}{line_break}", line_break, ""):
            try:
                await rig.channel.send(msgspec.structs.replace(message, to=to))
            except Refused:
                continue
            assert [arrival.to for arrival in rig.arrived()] in ([to], [to.strip()]), repr(to)

    async def test_messages_at_once_do_not_mix(self, rig: ChannelRig) -> None:
        wanted = {}
        for n in range(6):
            to = rig.message().to if n % 2 else rig.other_address()
            wanted[f"text number {n}"] = to
        sends = [
            rig.channel.send(msgspec.structs.replace(rig.message(), key=f"k{n}", to=to, text=text))
            for n, (text, to) in enumerate(wanted.items())
        ]
        assert {receipt.state for receipt in await asyncio.gather(*sends)} == {"done"}
        assert {arrival.text.strip(): arrival.to for arrival in rig.arrived()} == wanted

    async def test_no_secret_is_ever_shown(
        self, rig: ChannelRig, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        shown = [repr(rig.channel), str(rig.channel)]
        troubles: tuple[Trouble, ...] = ("echo", "settings", "later", "recipient", "down")
        for trouble in troubles:
            rig.make(trouble)
            with pytest.raises(HubError) as caught:
                await rig.channel.send(rig.message())
            shown += [repr(caught.value), str(caught.getrepr(showlocals=False))]
        ours = [
            r.getMessage() for r in caplog.records if not r.name.startswith(("uvicorn", "mail."))
        ]
        text = "\n".join([*shown, *ours])
        assert rig.secrets
        assert not [secret for secret in rig.secrets if secret in text]
