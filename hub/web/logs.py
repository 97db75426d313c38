"""How the hub writes its log: text for people or JSON for a collector, never personal data."""

from __future__ import annotations

import logging
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, TextIO

import msgspec
import orjson

from hub.web.logs_faults import Fault, faults, words
from hub.web.logs_redact import LEFT_OUT, one_line, redact
from hub.web.request_id import current

# What `extra=` may add to a line; everything else is left out.
ALLOWED = ("route", "status", "connection", "plugin", "seq", "outbox", "job", "ms", "count")
MESSAGE = 2000


class Record(msgspec.Struct, omit_defaults=True):
    """One line of the log."""

    time: str
    level: str
    logger: str
    message: str
    request_id: str = ""
    more: dict[str, int | float | bool | str] = {}
    error: list[Fault] = []


class JsonLines(logging.Formatter):
    """Each record as one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        line = msgspec.to_builtins(read(record))
        return orjson.dumps({**line.pop("more", {}), **line}).decode()


class TextLines(logging.Formatter):
    """Each record on one line; where it failed stands below, indented."""

    def format(self, record: logging.LogRecord) -> str:
        line = read(record)
        request = f" [{line.request_id}]" if line.request_id else ""
        more = "".join(f" {name}={value}" for name, value in line.more.items())
        text = f"{line.time} {line.level} {line.logger}{request} {line.message}{more}"
        for fault in line.error:
            text += f"\n    {fault.type}{': ' if fault.text else ''}{fault.text}"
            text += "".join(f"\n      {frame}" for frame in fault.at)
        return text


class Quiet(logging.StreamHandler[TextIO]):
    """A line that can not be written is named, not quoted."""

    def handleError(self, record: logging.LogRecord) -> None:
        try:
            self.stream.write(f"a line of {record.name} could not be logged\n")
        except Exception:  # there is nobody left to tell
            return


def read(record: logging.LogRecord) -> Record:
    """What may be told of a record."""
    moment = datetime.fromtimestamp(record.created, UTC)
    more = {name: record.__dict__[name] for name in ALLOWED if name in record.__dict__}
    error = record.exc_info[1] if record.exc_info else None
    return Record(
        time=moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        level=record.levelname,
        logger=record.name,
        message=_message(record),
        request_id=current.get(),
        more={name: _plain(value) for name, value in more.items()},
        error=faults(error) if error is not None else [],
    )


def _message(record: logging.LogRecord) -> str:
    try:
        text = str(record.msg)
        if record.args:
            text %= _told(record.args)
    except Exception:  # a fault in the call must not hide that something was to be said
        text = f"{record.msg if isinstance(record.msg, str) else LEFT_OUT} (badly formatted)"
    if isinstance(record.msg, BaseException):
        text = words(record.msg)
    if record.name.partition(".")[0] == "asyncio":
        text = text.partition("\n")[0]  # below stands the task, with the words of its exception
    return one_line(redact(text[: MESSAGE * 2]))[:MESSAGE]


def _told(args: Any) -> Any:
    if isinstance(args, dict):
        return {name: _argument(value) for name, value in args.items()}
    return tuple(_argument(value) for value in args)


def _argument(value: object) -> object:
    return words(value) if isinstance(value, BaseException) else value


def _plain(value: object) -> int | float | bool | str:
    return value if isinstance(value, int | float) else one_line(redact(str(value)[:200]))


def configure_logs(kind: Literal["text", "json"], stream: TextIO | None = None) -> logging.Handler:
    """Send everything that this process logs through one handler, faults of threads included."""
    handler = Quiet(stream or sys.stderr)
    handler.setFormatter(JsonLines() if kind == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("hub").setLevel(logging.INFO)
    # What plugins print may be anything, people included; `hub dev plugin` shows it.
    logging.getLogger("hub.plugins.output").setLevel(logging.WARNING)
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda found: _lost(found.exc_value)
    sys.unraisablehook = lambda found: _lost(found.exc_value)
    return handler


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("hub").critical("the program stopped", exc_info=(kind, error, trace))


def _lost(error: BaseException | None) -> None:
    logging.getLogger("hub").error("a fault that nobody caught", exc_info=error)
