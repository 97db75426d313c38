"""Exceptions as the log writes them: where it happened, and words only of those who speak of
code. Any other text may quote what somebody sent, so it stays out."""

from __future__ import annotations

import traceback
from pathlib import PurePath

import msgspec

from hub.web.logs_redact import LEFT_OUT, one_line, redact

# Their texts name code, schemas and states of the machine, never values.
SPEAK_OF_CODE = {
    "builtins": {
        "AttributeError", "ImportError", "MemoryError", "ModuleNotFoundError", "NameError",
        "NotImplementedError", "RecursionError", "SyntaxError", "TimeoutError", "TypeError",
        "UnboundLocalError",
    },
    "sqlite3": {"OperationalError", "IntegrityError", "DatabaseError", "ProgrammingError"},
    "jinja2.exceptions": {"UndefinedError", "TemplateNotFound", "TemplateSyntaxError"},
    "hub.store.database": {"StoreUnavailable"},
    "hub.store.lanes": {"Overloaded"},
    "hub.settings": {"SettingsError"},
    "hub.flows.project": {"UnknownSource"},
}  # fmt: skip
CHAIN = 8
FRAMES = 30
TEXT = 500


class Fault(msgspec.Struct, frozen=True):
    """One exception of a chain; `at` has the frames, the innermost last."""

    type: str
    text: str
    at: list[str]


def words(error: BaseException) -> str:
    """An exception on one line, as far as it may be told."""
    text = _text(error)
    return f"{_name(error)}: {text}" if text else _name(error)


def faults(error: BaseException) -> list[Fault]:
    """The exception and what led to it, the last one first."""
    found: list[Fault] = []
    seen: set[int] = set()
    todo = [error]
    while todo and len(found) < CHAIN:
        one = todo.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        found.append(Fault(_name(one), _text(one), _frames(one)))
        if isinstance(one, BaseExceptionGroup):
            todo += one.exceptions
        led = one.__cause__ if one.__suppress_context__ else one.__cause__ or one.__context__
        if led is not None:
            todo.append(led)
    return found


def _name(error: BaseException) -> str:
    kind = type(error)
    place = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return place + kind.__qualname__


def _text(error: BaseException) -> str:
    kind = type(error)
    if isinstance(error, OSError) and not isinstance(error, TimeoutError):
        return one_line(redact(error.strerror or ""))[:TEXT] if error.errno else LEFT_OUT
    try:
        said = str(error)
    except Exception:  # an exception whose words fail has none
        return LEFT_OUT
    if not said:
        return ""
    if kind.__name__ in SPEAK_OF_CODE.get(kind.__module__, ()):
        return one_line(redact(said[: TEXT * 4]))[:TEXT]
    return LEFT_OUT


def _frames(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return [
        f"{'/'.join(PurePath(frame.filename).parts[-3:])}:{frame.lineno} in {frame.name}"
        for frame in frames
    ]
