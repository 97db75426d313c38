"""What the hub and a runner say to each other: frames of msgpack, each after its length."""

from __future__ import annotations

import asyncio
import struct
from datetime import datetime
from typing import Any, Final

import msgspec

from hub.sdk.connector import CheckResult, HookReport
from hub.sdk.errors import (
    Broken,
    HubError,
    InvalidRecord,
    NeedsAttention,
    Refused,
    Retryable,
)
from hub.sdk.push import Erased, Pushed
from hub.sdk.records import (
    ConsentRecord,
    Customer,
    Deleted,
    Order,
    Product,
    RefundSighting,
)
from hub.sdk.webhooks import Forged

MAX_FRAME: Final = 12 * 1024 * 1024  # a webhook's body may have 8 MB
PART_BYTES: Final = 512 * 1024  # a page is told in parts of about this size
PART_RECORDS: Final = 200
MAX_RECORD: Final = 4 * 1024 * 1024

RECORDS: Final[dict[str, type[Any]]] = {
    "order": Order, "customer": Customer, "product": Product, "refunds": RefundSighting,
    "consent": ConsentRecord, "deleted": Deleted,
}  # fmt: skip
KINDS: Final = {kind: name for name, kind in RECORDS.items()}
# What the hub must do next, by name; the nearest ancestor of an error is the one that is told.
ERRORS: Final[dict[str, type[HubError]]] = {
    "forged": Forged, "attention": NeedsAttention, "retry": Retryable, "refused": Refused,
    "broken": Broken, "record": InvalidRecord, "other": HubError,
}  # fmt: skip
ANSWERS: Final[dict[str, Any]] = {
    "check": CheckResult, "after_connect": HookReport, "push": list[Pushed], "erase": Erased,
}  # fmt: skip


class FrameTooLarge(Exception):
    """The other side wants to say more at once than it may."""


class _Frame(msgspec.Struct, frozen=True, array_like=True):
    pass


class Start(_Frame, tag="start", frozen=True):
    """The first words: which connector, and all that it is given."""

    plugin: str
    module: str
    connector: str
    config: dict[str, str]
    secret: dict[str, str]
    shop: str
    private_hosts: list[str]
    path: list[str]  # where Python looks for modules
    hidden: list[str]  # files and folders that it has no business in
    memory_mb: int
    now: datetime
    ticks: bool  # False: the hub's clock stands still (a test), and so does this one


class Ask(_Frame, tag="ask", frozen=True):
    """Call a method. `body` are its arguments, as MessagePack."""

    method: str
    body: bytes
    now: datetime


class More(_Frame, tag="more", frozen=True):
    """The part was stored: go on."""

    now: datetime


class Told(_Frame, tag="told", frozen=True):
    """The answer to a Want: JSON, or None; or what went wrong."""

    id: int
    value: bytes | None = None
    wrong: str = ""


class Want(_Frame, tag="want", frozen=True):
    """The connector reads or changes its state: `method` with JSON arguments."""

    id: int
    method: str
    args: bytes


class Sight(_Frame, frozen=True):
    """One sighting: the kind of its record, the record and the vendor's own words."""

    kind: str
    record: msgspec.Raw
    raw: msgspec.Raw


class Wrong(_Frame, frozen=True):
    """One thing that could not be read."""

    id: str
    reason: str
    raw: bytes = b""


class Part(_Frame, tag="part", frozen=True):
    """A part of a page. The cursor (JSON) comes with the last one."""

    sights: list[Sight]
    wrong: list[Wrong]
    cursor: bytes | None = None
    done: int = 0
    total: int | None = None


class HookAnswer(_Frame, tag="hook", frozen=True):
    """What a delivery says."""

    kind: str
    sights: list[Sight]
    wrong: list[Wrong]
    dedupe_key: str = ""
    note: str = ""
    wants: tuple[str, ...] = ()


class Done(_Frame, tag="done", frozen=True):
    """The method came to its end; `body` is what it returned, as MessagePack."""

    body: bytes = b""


class Failed(_Frame, tag="failed", frozen=True):
    """The method raised. `kind`: a name of ERRORS, or "fault": the plugin's own."""

    kind: str
    message: str
    after: float | None = None


ToChild = Start | Ask | More | Told
ToHub = Want | Part | HookAnswer | Done | Failed
_encoder = msgspec.msgpack.Encoder()
to_child = msgspec.msgpack.Decoder(ToChild)
to_hub = msgspec.msgpack.Decoder(ToHub)


def framed(frame: ToChild | ToHub) -> bytes:
    """The frame as it goes over the wire. Raises FrameTooLarge."""
    body = _encoder.encode(frame)
    if len(body) > MAX_FRAME:
        raise FrameTooLarge(f"{len(body)} bytes at once")
    return struct.pack("!I", len(body)) + body


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """The next frame's body; FrameTooLarge before any of it is taken in."""
    (size,) = struct.unpack("!I", await reader.readexactly(4))
    if size > MAX_FRAME:
        raise FrameTooLarge(f"{size} bytes at once")
    return await reader.readexactly(size)


def failure(error: BaseException) -> Failed:
    """An error as it is told to the hub."""
    for name, kind in ERRORS.items():
        if isinstance(error, kind):
            after = error.after if isinstance(error, Retryable) else None
            return Failed(name, str(error)[:2000], after)
    return Failed("fault", f"{type(error).__name__}: {error}"[:500])
