"""Loading the plugin of one folder, and naming the place of a fault in it."""

from __future__ import annotations

import importlib
import sys
import traceback
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Final

import msgspec

from hub.sdk.declared import SHAPES, faults
from hub.sdk.version import ATTRIBUTE, fit

HOOKS: Final = {
    "register_connectors": "connector",
    "register_widgets": "widget",
    "register_conditions": "condition",
    "register_recommenders": "recommender",
    "register_channels": "channel",
}


class NoPlugin(Exception):
    """The folder holds no plugin that can be used; the message says what is missing."""


class Fault(msgspec.Struct, frozen=True):
    """One fault of a plugin's code: what, where in the plugin's own files, and the way there."""

    what: str
    file: str = ""
    line: int = 0
    way: str = ""

    @property
    def place(self) -> str:
        """`connector.py, line 12`, or ""."""
        return f"{self.file}, line {self.line}" if self.file else ""


def plugin_folder(folder: Path) -> Path:
    """The absolute folder of a plugin. Raises NoPlugin."""
    found = folder.resolve()
    if not found.is_dir():
        raise NoPlugin(f"{folder} is not a folder; hub new-plugin KIND NAME makes one")
    if not (found / "__init__.py").is_file():
        raise NoPlugin(f"{folder} has no __init__.py, so it is not a plugin's folder")
    if not found.name.isidentifier():
        raise NoPlugin(f"'{found.name}' can not be imported: use letters, digits and _ only")
    return found


def load(folder: Path) -> ModuleType:
    """Import the package of the folder. Whatever it raises goes on to the caller."""
    sys.path.insert(0, str(folder.parent))
    module = importlib.import_module(folder.name)
    there = Path(str(module.__file__)).parent
    if there != folder:
        raise NoPlugin(f"another {folder.name} is installed in {there}: rename this folder")
    return module


def declared(module: ModuleType) -> list[tuple[str, Any]]:
    """What the plugin declares, as (kind, thing). Raises NoPlugin for a wrong declaration."""
    judged = fit(getattr(module, ATTRIBUTE, None))
    if judged.error:
        raise NoPlugin(f"it {judged.error}")
    found: list[tuple[str, Any]] = []
    for hook, kind in HOOKS.items():
        implementation = getattr(module, hook, None)
        if implementation is None:
            continue
        if not hasattr(implementation, "hub_impl"):
            raise NoPlugin(f"{hook} is not marked: write @hookimpl above it")
        for thing in implementation():
            if wrong := faults(hook, thing):
                raise NoPlugin(f"{hook}: {'; '.join(wrong)}")
            found.append((kind, thing))
    if not found:
        raise NoPlugin(f"it declares nothing: give __init__.py one of {', '.join(SHAPES)}")
    return found


def part_of(folder: Path, name: str) -> Any:
    """A module of the plugin's `tests` folder, such as `rig`."""
    if not (folder / "tests" / f"{name}.py").is_file():
        raise NoPlugin(f"tests/{name}.py is missing: hub new-plugin makes one to copy")
    return importlib.import_module(f"{folder.name}.tests.{name}")


def fault_of(error: BaseException, folder: Path) -> Fault:
    """The fault with its last place inside the plugin's folder."""
    what = str(error) if isinstance(error, NoPlugin) else f"{type(error).__name__}: {error}"
    if isinstance(error, NoPlugin):
        return Fault(what)
    if isinstance(error, SyntaxError) and error.filename:
        name = _inside(error.filename, folder) or error.filename
        return Fault(what, name, error.lineno or 0, _way(error))
    file, line = _place(error.__traceback__, folder)
    return Fault(what, file, line, _way(error))


def _place(trace: TracebackType | None, folder: Path) -> tuple[str, int]:
    found = ("", 0)
    for frame in traceback.extract_tb(trace):
        if name := _inside(frame.filename, folder):
            found = (name, frame.lineno or 0)
    return found


def _inside(filename: str, folder: Path) -> str:
    path = Path(filename)
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else ""


def _way(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))[-6000:]
