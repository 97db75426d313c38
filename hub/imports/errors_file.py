"""The lines that were not imported, in a file that a person can open, mend and import again."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import orjson

from hub.imports.orders import Problem

HEADER = ("line", "reason", "row")


class NotOurs(Exception):
    """A file of that name exists and is no list of errors: it is not overwritten."""


class ErrorsFile:
    """Made with the first problem. `size` tells where to go on after a killed run."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path = path
        self._columns = tuple(columns)
        self._waiting = io.StringIO()
        self._writer = csv.writer(self._waiting, lineterminator="\n")
        self.size = 0

    def start(self, size: int = 0) -> None:
        """Begin anew, or cut off what was written after `size`. Raises NotOurs."""
        if self.path.exists():
            if not is_ours(self.path):
                raise NotOurs(
                    f"{self.path}: exists and is no list of import errors: move it away, or name "
                    "another file with --errors"
                )
            if size:
                os.truncate(self.path, size)
            else:
                self.path.unlink()
        self.size = size if self.path.exists() else 0

    def add(self, problems: Iterable[Problem]) -> None:
        """Note problems; `flush` puts them on the disk."""
        for problem in problems:
            # JSON, so that a spreadsheet takes no cell of a customer for a formula.
            row = orjson.dumps(dict(zip(self._columns, problem.values, strict=True))).decode()
            self._writer.writerow((problem.line, problem.reason, row))

    def flush(self) -> None:
        """Write what waits, durably. Only the owner may read the file: it holds customer data."""
        text = self._waiting.getvalue()
        if not text:
            return
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8", newline="") as stream:
            if not self.size:
                stream.write(",".join(HEADER) + "\n")
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
            self.size = os.fstat(stream.fileno()).st_size
        self._waiting.seek(0)
        self._waiting.truncate()


def is_ours(path: Path) -> bool:
    """Whether the file is empty or begins as a list of errors does."""
    start = (",".join(HEADER) + "\n").encode()
    with path.open("rb") as stream:
        return stream.read(len(start)) in (b"", start)
