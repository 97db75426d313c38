"""Frames come out as they went in, and a backup that stops early is not taken for whole."""

from __future__ import annotations

import io

import pytest

from hub.store.archive import ArchiveWriter, End, Head, Rows, Table, read_archive
from hub.store.recovery_key import new_key
from hub.store.sealed import Damaged

KEY = new_key()
HEAD = Head("0.1.0", "2026-11-23", "sqlite", ["0001_first"], {"hub.toml": b"\0\xff"}, {"a": 3})
ROWS = [[1, "é\t\n", None, b"\0\xff", True, 1.5, -(2**62)], [2, "", "x" * 5000, b"", False, 0.0, 0]]


def test_frames_come_out_as_they_went_in() -> None:
    stream = io.BytesIO()
    writer = ArchiveWriter(stream, KEY.public)
    frames = [HEAD, Table("a", ["x"]), Rows(ROWS), Table("b", []), Table("c", []), Rows(ROWS * 700)]
    for frame in frames:
        writer.add(frame)
    writer.close()
    stream.seek(0)
    assert list(read_archive(stream, KEY)) == [*frames, End({"a": 2, "b": 0, "c": 1400})]


def test_a_backup_without_its_end_is_refused() -> None:
    stream = io.BytesIO()
    writer = ArchiveWriter(stream, KEY.public)
    writer.add(HEAD)
    writer._sealed.write(writer._squeeze.flush())
    writer._sealed.close()  # whole for the seal, but the archive has no end
    stream.seek(0)
    with pytest.raises(Damaged, match="middle"):
        list(read_archive(stream, KEY))
