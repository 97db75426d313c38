"""The ledger of erasures: a file beside the database, so that an older backup meets it again.

One line of JSON per erasure or return; keyed hashes and times, no name.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from hub.clock import from_ms, to_ms
from hub.core import Hub
from hub.store.folder import LEDGER


class Line(msgspec.Struct, omit_defaults=True):
    """`out`: kind and hash of each identifier that was erased. `back`: hashes given back."""

    at: str
    out: list[tuple[str, str]] = []
    back: list[str] = []

    @property
    def at_ms(self) -> int:
        return to_ms(datetime.fromisoformat(self.at))


def note_erasure(hub: Hub, out: Sequence[tuple[str, str]], at: int) -> None:
    """Write down whom to keep out, durably. `at`: when it was asked, as in the database."""
    _append(hub, Line(from_ms(at).isoformat(), out=list(out)))


def note_return(hub: Hub, back: Sequence[str]) -> None:
    """Write down who came back by herself, durably."""
    _append(hub, Line(hub.clock.now().isoformat(), back=list(back)))


def read_ledger(path: Path) -> list[Line]:
    """All lines; the last one may be cut short by a crash and is then left out."""
    if not path.exists():
        return []
    lines = []
    for text in path.read_bytes().splitlines():
        try:
            lines.append(msgspec.json.decode(text, type=Line))
        except msgspec.DecodeError:
            continue
    return lines


def _append(hub: Hub, line: Line) -> None:
    path = hub.settings.data_dir / LEDGER
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(handle).st_size
        # After a line that a crash cut short, a new one must not run into it.
        cut = size and os.pread(handle, 1, size - 1) != b"\n"
        os.write(handle, (b"\n" if cut else b"") + msgspec.json.encode(line) + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)
