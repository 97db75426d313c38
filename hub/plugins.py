"""Finding and loading plugins: one by one, so that a broken one never stops the hub."""

from __future__ import annotations

import importlib.util
import logging
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pluggy

from hub.sdk import hookspecs
from hub.sdk.channel import Channel
from hub.sdk.conditions import Condition
from hub.sdk.connector import Connector
from hub.sdk.widgets import WidgetType

log = logging.getLogger("hub.plugins")
GROUP = "hub"
BUNDLED = {"email": "hub_email", "woocommerce": "hub_woocommerce", "widgets": "hub_widgets"}


class LoadReport(msgspec.Struct):
    """What became of one plugin, for the health page."""

    name: str
    module: str
    ok: bool
    error: str = ""


class Plugins:
    """The loaded plugins and what they declared. One per hub."""

    def __init__(self, enabled: Sequence[str] | None, paths: Sequence[Path] = ()) -> None:
        self._manager = pluggy.PluginManager("hub")
        self._manager.add_hookspecs(hookspecs)
        self.report: list[LoadReport] = []
        for name, module, load in _found(paths):
            if enabled is None or name in enabled:
                self._load(name, module, load)
        self.connectors = {c.name: c for c in self._ask("register_connectors", Connector)}
        self.channels = {c.name: c for c in self._ask("register_channels", Channel)}
        self.widgets = {w.name: w for w in self._ask("register_widgets", WidgetType)}
        self.conditions: list[type[Condition]] = list(self._ask("register_conditions", type))

    def _load(self, name: str, module: str, load: Callable[[], ModuleType]) -> None:
        try:
            self._manager.register(load(), name)
        except Exception as error:  # whatever a plugin does at import must not stop the hub
            log.exception("plugin %s could not be loaded", name)
            self.report.append(LoadReport(name, module, False, f"{type(error).__name__}: {error}"))
        else:
            self.report.append(LoadReport(name, module, True))

    def _ask(self, hook: str, _kind: Any) -> list[Any]:
        found: list[Any] = []
        for plugin in self._manager.get_plugins():
            name = self._manager.get_name(plugin) or ""
            others = [p for p in self._manager.get_plugins() if p is not plugin]
            try:
                caller = self._manager.subset_hook_caller(hook, others)
                for declared in caller():
                    found.extend(declared)
            except Exception as error:  # one bad declaration, one plugin off
                log.exception("plugin %s failed in %s", name, hook)
                for line in self.report:
                    if line.name == name:
                        line.ok, line.error = False, f"{hook}: {error}"
        return found


def _found(paths: Sequence[Path]) -> list[tuple[str, str, Callable[[], ModuleType]]]:
    plugins: dict[str, tuple[str, Callable[[], ModuleType]]] = {}
    for name, module in BUNDLED.items():
        entry = EntryPoint(name, module, GROUP)
        plugins[name] = (module, entry.load)
    for entry in entry_points(group=GROUP):
        plugins[entry.name] = (entry.value, entry.load)
    for folder in paths:
        for file in sorted(folder.glob("*/__init__.py")):
            plugins[file.parent.name] = (str(file.parent), _folder_loader(file))
    return [(name, module, load) for name, (module, load) in plugins.items()]


def _folder_loader(file: Path) -> Callable[[], ModuleType]:
    def load() -> ModuleType:
        name = file.parent.name
        spec = importlib.util.spec_from_file_location(
            name, file, submodule_search_locations=[str(file.parent)]
        )
        if spec is None or spec.loader is None:
            raise ImportError(f"{file} can not be imported")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module

    return load
