"""A disk that remembers every write and sync of SQLite, and what it would hold had the power failed
at any moment: what was synced stays; of the rest any part may be there, and torn."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import apsw

from hub.store import sqlite as driver

SECTOR = 512
Op = tuple[Any, ...]  # ("write", file, offset, bytes), ("truncate", file, size), (verb, file)
Image = dict[str, bytearray]


class Recorder(apsw.VFS):
    """The usual files, with every change of them written down in `ops`."""

    def __init__(self, name: str) -> None:
        self.ops: list[Op] = []
        self.left = 0  # ops until the one that fails; 0: none does
        self.failed = ""
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
        return _File(self, name, flags)

    def turn(self, what: str) -> None:
        """Raises when this op is the one that fails."""
        mine = self.left == 1
        self.left = max(0, self.left - 1)
        if mine:
            self.failed = what
            raise apsw.IOError(f"the disk refused to {what}")

    def xDelete(self, name: str, sync: bool) -> None:
        super().xDelete(name, sync)
        self.ops.append(("delete", Path(name).name))


class _File(apsw.VFSFile):
    def __init__(self, disk: Recorder, name: Any, flags: list[int]) -> None:
        full = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._disk, self._ops = disk, disk.ops
        self._name = Path(full or "temporary").name
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.turn("write")
        super().xWrite(data, offset)
        self._ops.append(("write", self._name, offset, bytes(data)))

    def xTruncate(self, size: int) -> None:
        self._disk.turn("truncate")
        super().xTruncate(size)
        self._ops.append(("truncate", self._name, size))

    def xSync(self, flags: int) -> None:
        self._disk.turn("sync")
        self._ops.append(("sync", self._name))  # the real one would only cost time


class _Connection(apsw.Connection):
    """As far as the store uses a connection of sqlite3."""

    careless = False  # as if somebody had set synchronous=NORMAL for speed

    def execute(self, sql: str, *args: Any, **kwargs: Any) -> Any:
        if self.careless and sql == "PRAGMA synchronous=FULL":
            sql = "PRAGMA synchronous=NORMAL"
        try:
            return super().execute(sql, *args, **kwargs)
        except apsw.Error as error:
            raise sqlite3.OperationalError(str(error)) from error

    def close(self, *args: Any) -> None:
        with suppress(apsw.Error):  # sqlite3 says nothing of what fails after the last commit
            super().close(*args)

    def rollback(self) -> None:
        if self.in_transaction:
            self.execute("ROLLBACK")


@contextmanager
def recording(name: str, *, careless: bool = False) -> Iterator[Recorder]:
    """The hub's own store writes to a disk that remembers, while the block runs."""
    vfs = Recorder(name)

    def connect(address: str, **_: Any) -> _Connection:
        flags = apsw.SQLITE_OPEN_URI | apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        connection = _Connection(address, flags=flags, vfs=name)
        connection.careless = careless
        return connection

    with patch.object(driver, "sqlite3", SimpleNamespace(**vars(sqlite3) | {"connect": connect})):
        yield vfs
    vfs.unregister()


def after_cuts(ops: Sequence[Op], moments: Sequence[int], seed: int) -> Iterator[tuple[int, Image]]:
    """For each moment (so many ops were done, in rising order): what the disk may hold then."""
    draw = random.Random(seed)
    disk: Image = {}
    loose: list[Op] = []  # written and not yet synced
    done = 0
    for moment in moments:
        for op in ops[done:moment]:
            if op[0] == "sync":
                for old in loose:
                    if old[1] == op[1]:
                        _apply(disk, old)
                loose = [old for old in loose if old[1] != op[1]]
            elif op[0] == "delete":
                loose = [old for old in loose if old[1] != op[1]]
                disk.pop(op[1], None)
            else:
                loose.append(op)
        done = moment
        image = {file: bytearray(content) for file, content in disk.items()}
        share = draw.choice((0.0, 0.3, 0.7, 1.0))
        for op in loose:
            if draw.random() < share:
                _apply(image, _torn(op, draw))
        yield moment, image


def _torn(op: Op, draw: random.Random) -> Op:
    if op[0] != "write" or len(op[3]) <= SECTOR or draw.random() > 0.3:
        return op
    kept = SECTOR * draw.randint(1, len(op[3]) // SECTOR)
    return (*op[:3], op[3][:kept])


def _apply(image: Image, op: Op) -> None:
    content = image.setdefault(op[1], bytearray())
    if op[0] == "truncate":
        del content[op[2] :]
        return
    _, _, offset, data = op
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data
