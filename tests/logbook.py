"""The log of the hub, caught as it would be written."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import orjson

from hub.web.logs import configure_logs


@dataclass
class Written:
    """What was logged since the start of the test."""

    stream: io.StringIO
    handler: logging.Handler

    def text(self) -> str:
        return self.stream.getvalue()

    def lines(self) -> list[dict[str, object]]:
        return [orjson.loads(line) for line in self.text().splitlines()]

    def only(self) -> dict[str, object]:
        (line,) = self.lines()
        return line


@contextmanager
def logging_to(kind: str) -> Iterator[Written]:
    """All that is logged within the block, as the hub writes it."""
    root, hub = logging.getLogger(), logging.getLogger("hub")
    output = logging.getLogger("hub.plugins.output")
    before = root.handlers[:], root.level, hub.level, output.level
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    stream = io.StringIO()
    handler = configure_logs("json" if kind == "json" else "text", stream)
    try:
        yield Written(stream, handler)
    finally:
        logging.captureWarnings(False)
        root.handlers[:], root.level = before[0], before[1]
        hub.setLevel(before[2])
        output.setLevel(before[3])
        sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
