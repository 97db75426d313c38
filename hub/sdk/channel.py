"""What a channel is: one way to send one message to one person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

import msgspec


class Message(msgspec.Struct, frozen=True):
    """One message, ready to go. Sending the same `key` twice must reach the person once, if the
    channel can promise that; else the hub never sends a key whose fate it does not know."""

    key: str
    to: str  # an address of this channel
    subject: str
    text: str
    html: str = ""
    headers: Mapping[str, str] = {}


class Receipt(msgspec.Struct, frozen=True):
    """What the channel answered. `unknown`: it may or may not have gone out."""

    state: Literal["done", "unknown"]
    reference: str = ""


class Channel(Protocol):
    """Raises Retryable, Refused (this address only) or NeedsAttention (settings are wrong)."""

    @property
    def name(self) -> str:
        """`email`, `sms`, ..."""
        ...

    def configure(self, settings: Mapping[str, object]) -> None:
        """Take over the channel's settings at start; raises NeedsAttention naming a wrong one."""
        ...

    async def send(self, message: Message) -> Receipt: ...
