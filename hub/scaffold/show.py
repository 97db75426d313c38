"""The child process of the preview: loads a plugin's folder, has it work once, and tells.

    python -m hub.scaffold.show FOLDER     writes one Report as JSON

A fresh process for each look: what was imported before is not in the way, and a plugin that hangs
or leaves takes nothing with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from hub.scaffold.load import Fault, declared, fault_of, load
from hub.scaffold.parts import Part, Report, Thing
from hub.scaffold.show_channel import show_channel
from hub.scaffold.show_condition import show_condition
from hub.scaffold.show_connector import show_connector
from hub.scaffold.show_recommender import show_recommender
from hub.scaffold.show_widget import show_widget

MAX_PRINTED = 4000
Show = Callable[[Any, Path, list[dict[str, Any]]], Awaitable[list[Part]]]
SHOW: dict[str, Show] = {
    "connector": show_connector,
    "widget": show_widget,
    "condition": show_condition,
    "recommender": show_recommender,
    "channel": show_channel,
}


async def look(folder: Path) -> Report:
    """The report on a plugin's folder; a fault of the plugin is a part of it."""
    decisions: list[dict[str, Any]] = []
    things: list[Thing] = []
    try:
        found = declared(load(folder))
    except (Exception, SystemExit) as error:  # whatever its code does is to be shown
        return Report(folder.name, fault=fault_of(error, folder))
    for kind, thing in found:
        try:
            parts = await SHOW[kind](thing, folder, decisions)
        except (Exception, SystemExit) as error:
            parts = [Part("It failed", good=False, fault=fault_of(error, folder))]
        name = str(getattr(thing, "name", "") or getattr(thing, "kind", ""))
        things.append(Thing(kind, name, str(getattr(thing, "title", name)), tuple(parts)))
    return Report(folder.name, tuple(things), tuple(decisions))


def main() -> None:
    """Print the report; what the plugin prints itself becomes a field of it."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        report = asyncio.run(look(Path(sys.argv[1])))
    text = printed.getvalue()[-MAX_PRINTED:]
    report = msgspec.structs.replace(report, printed=text)
    os.write(1, msgspec.json.encode(report))


def failed(folder: Path, what: str) -> Report:
    """The report on a plugin whose process ended without one."""
    return Report(folder.name, fault=Fault(what))


if __name__ == "__main__":
    main()
