"""Files and memory that may still name an erased person."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from hub.core import Hub
from hub.imports.errors_file import is_ours
from hub.privacy.anonymous import Scrubber


def clean_files(data_dir: Path, named: Iterable[Path], scrubber: Scrubber) -> int:
    """Take her lines out of the lists of import errors; answer how many went."""
    files = {*data_dir.glob("*.errors.csv"), *named}
    return sum(_clean(file, scrubber) for file in sorted(files) if file.is_file())


def _clean(file: Path, scrubber: Scrubber) -> int:
    if not is_ours(file):
        return 0
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    left = [row for row in rows if not scrubber.found("\n".join(row))]
    if len(left) == len(rows):
        return 0
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(left)
    fresh = file.with_name(file.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
        stream.write(text.getvalue())
        stream.flush()
        os.fsync(stream.fileno())
    _overwrite(file)
    fresh.replace(file)
    return len(rows) - len(left)


def _overwrite(file: Path) -> None:
    """What a file held stays on the disk when it is only replaced."""
    size = file.stat().st_size
    with file.open("r+b") as stream:
        stream.write(b"\0" * size)
        stream.flush()
        os.fsync(stream.fileno())


def clean_memory(hub: Hub, scrubber: Scrubber) -> None:
    """Samples of refused events and last errors that quote her."""
    for i, rejected in enumerate(hub.rejects.newest):
        if scrubber.found(rejected.sample) or scrubber.found(rejected.reason):
            hub.rejects.newest[i] = msgspec.structs.replace(
                rejected, sample="", reason=scrubber.text(rejected.reason)
            )
    for part, text in hub.attention.items():
        hub.attention[part] = scrubber.text(text)
