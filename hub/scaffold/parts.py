"""What the preview page shows of a plugin: plain data from the child process to the page."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.scaffold.load import Fault


class Twin(msgspec.Struct, frozen=True):
    """One thing of a vendor beside what became of it; `error` when it could not be read."""

    title: str
    raw: str
    mapped: str = ""
    error: str = ""


class Frame(msgspec.Struct, frozen=True):
    """One shop page with a widget on it."""

    title: str
    locale: str
    dark: bool
    width: int
    decision: int  # which of the report's decisions it is given


class Part(msgspec.Struct, frozen=True):
    """One section of the page. `good`: a verdict; None where there is none."""

    heading: str
    text: str = ""
    good: bool | None = None
    code: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    twins: tuple[Twin, ...] = ()
    frames: tuple[Frame, ...] = ()
    fault: Fault | None = None


class Thing(msgspec.Struct, frozen=True):
    """One declared connector, widget, ..."""

    kind: str
    name: str
    title: str
    parts: tuple[Part, ...]


class Report(msgspec.Struct, frozen=True):
    """Everything about one folder at one moment. `fault`: it could not be loaded."""

    folder: str
    things: tuple[Thing, ...] = ()
    decisions: tuple[dict[str, Any], ...] = ()
    fault: Fault | None = None
    printed: str = ""
