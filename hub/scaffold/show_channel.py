"""A channel at work: its settings, a sample message, and what arrived at its stand-in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from hub.scaffold.load import part_of
from hub.scaffold.parts import Part
from hub.scaffold.show_connector import pretty
from hub.sdk.channel import Channel, Message
from hub.sdk.errors import HubError


async def show_channel(channel: Channel, folder: Path, _: list[Any]) -> list[Part]:
    """Settings that are wrong, then a message, then the same one again."""
    parts = [_without_settings(channel)]
    async with part_of(folder, "rig").open_rig() as rig:
        message = rig.message()
        for heading in ("A message", "The same message once more: it must not arrive twice"):
            parts.append(await _send(rig, message, heading))
        if hasattr(rig, "arrived"):
            parts.append(Part("What arrived", code=pretty(rig.arrived())))
    return parts


def _without_settings(channel: Channel) -> Part:
    try:
        channel.configure({})
    except HubError as error:
        return Part("Without settings", str(error))
    return Part("Without settings", "It starts without any.")


async def _send(rig: Any, message: Message, heading: str) -> Part:
    try:
        receipt = await rig.channel.send(message)
    except HubError as error:
        return Part(heading, f"{type(error).__name__}: {error}", False, pretty(message))
    told = {"sent": msgspec.to_builtins(message), "receipt": msgspec.to_builtins(receipt)}
    return Part(heading, f"Receipt: {receipt.state}", receipt.state == "done", pretty(told))
