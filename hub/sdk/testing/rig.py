"""What a connector's tests must set up: the connector and a stand-in of its vendor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from hub.sdk.connector import Connector, Context, Cursor, Page, WebhookResult
from hub.sdk.faults import Faults
from hub.sdk.push import Change
from hub.sdk.records import Identifier
from hub.sdk.secret import SecretText
from hub.sdk.testing.doubles import SteppingClock, Waits

__all__ = ["EraseRig", "PushRig", "Rig", "Sent", "pages", "receive"]


@dataclass(frozen=True, slots=True)
class Sent:
    """One webhook delivery as it comes in, at the address `url` of the hub."""

    headers: Mapping[str, str]
    body: bytes
    url: str = "https://hub.example/hooks/1"


class Rig(Protocol):
    """A connector, its stand-in vendor behind `faults`, and the settings that connect them."""

    connector: Connector
    faults: Faults
    clock: SteppingClock
    waits: Waits
    secrets: tuple[str, ...]  # every text that must never be seen
    webhook_secret: str
    unknown_field: tuple[str, str]  # (stream, a key of its raw JSON, at any depth)

    def context(self, *, secret: Mapping[str, SecretText] | None = None) -> Context:
        """A fresh context on the same vendor; `secret` replaces the right one."""
        ...

    def wrong_secret(self) -> Mapping[str, SecretText]:
        """A secret that the vendor refuses."""
        ...

    def holds(self) -> Mapping[str, int]:
        """How many things the vendor holds, by stream: all of them must be read."""
        ...

    def change(self) -> None:
        """Change the vendor's data: at least three things, each at its own second."""
        ...

    def deliveries(self) -> list[Sent]:
        """The signed webhook deliveries that are waiting; none where the vendor has none."""
        ...


class PushRig(Rig, Protocol):
    """What the tests of `push` need besides."""

    def changes(self) -> list[Change]:
        """At least two changes of people that the vendor knows."""
        ...

    def holdings(self) -> object:
        """What the vendor holds of what was pushed, to be compared with =="""
        ...


class EraseRig(Rig, Protocol):
    """What the tests of `erase` need besides."""

    def person(self) -> tuple[Identifier, ...]:
        """Somebody whom the vendor knows, by an e-mail address and whatever else it takes."""
        ...


async def pages(rig: Rig, ctx: Context, stream: str, cursor: Cursor | None = None) -> list[Page]:
    """Everything that a pull of one stream gives."""
    return [page async for page in rig.connector.pull(ctx, stream, cursor)]


def receive(rig: Rig, sent: Sent, secrets: list[str] | None = None) -> WebhookResult:
    """Hand one delivery to the connector, as the hub would."""
    ctx = rig.context()
    return rig.connector.webhook(
        ctx.config,
        [rig.webhook_secret] if secrets is None else secrets,
        sent.headers,
        sent.body,
        shop=ctx.shop,
        url=sent.url,
        received_at=rig.clock.now(),
    )
