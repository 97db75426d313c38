"""What is inside a backup: a head, then tables row by row, then how many rows there were.

Frames of MessagePack, compressed, sealed. Rows and not pages, so that a backup of SQLite can be
restored into PostgreSQL and the other way round, and nothing unencrypted touches the disk.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from hub.store.recovery_key import RecoveryKey
from hub.store.sealed import Damaged, SealedWriter, open_sealed

BLOCK = 1000
_FRAME_LIMIT = 1 << 30


class Head(msgspec.Struct, tag="head"):
    """`steps`: the migrations the tables had; `numbers`: the last id given out, by table."""

    version: str
    made_at: str
    dialect: str
    steps: list[str]
    files: dict[str, bytes]
    numbers: dict[str, int]


class Table(msgspec.Struct, tag="table"):
    name: str
    columns: list[str]


class Rows(msgspec.Struct, tag="rows"):
    """Rows of the table named last."""

    rows: list[Any]


class End(msgspec.Struct, tag="end"):
    counts: dict[str, int]


Frame = Head | Table | Rows | End


class ArchiveWriter:
    """Takes frames, counts rows."""

    def __init__(self, stream: BinaryIO, public: bytes) -> None:
        self._sealed = SealedWriter(stream, public)
        self._squeeze = zlib.compressobj(level=1)
        self._encoder = msgspec.msgpack.Encoder()
        self._table = ""
        self.counts: dict[str, int] = {}

    def add(self, frame: Frame) -> None:
        if isinstance(frame, Table):
            self._table = frame.name
            self.counts[frame.name] = 0
        elif isinstance(frame, Rows):
            self.counts[self._table] += len(frame.rows)
        data = self._encoder.encode(frame)
        self._sealed.write(self._squeeze.compress(len(data).to_bytes(4, "big") + data))

    def close(self) -> None:
        """Note the counts and end the file."""
        self.add(End(self.counts))
        self._sealed.write(self._squeeze.flush())
        self._sealed.close()


def read_archive(stream: BinaryIO, key: RecoveryKey) -> Iterator[Frame]:
    """The frames in order; the last one is End. Raises Damaged, OtherKey."""
    inflate = zlib.decompressobj()
    decoder = msgspec.msgpack.Decoder(Frame)
    waiting = bytearray()
    frame: Frame | None = None
    for plain in open_sealed(stream, key):
        waiting += inflate.decompress(plain)
        start = 0
        while len(waiting) - start >= 4:
            size = int.from_bytes(waiting[start : start + 4], "big")
            if size > _FRAME_LIMIT:
                raise Damaged("the backup holds a part that is too long")
            if len(waiting) - start - 4 < size:
                break
            frame = decoder.decode(memoryview(waiting)[start + 4 : start + 4 + size].tobytes())
            start += 4 + size
            yield frame
        del waiting[:start]
    if waiting or not isinstance(frame, End):
        raise Damaged("the backup ends in the middle of a table")
