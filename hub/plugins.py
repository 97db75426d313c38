"""Finding and loading plugins: one by one, so that a broken one never stops the hub."""

from __future__ import annotations

import difflib
import importlib.util
import logging
import sys
import warnings
from collections.abc import Callable, Collection, Sequence
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pluggy

from hub.conditions.parse import BUILT_IN
from hub.sdk import hookspecs
from hub.sdk.channel import Channel
from hub.sdk.conditions import Condition
from hub.sdk.connector import Connector
from hub.sdk.declared import faults, name_of
from hub.sdk.recommender import Recommender
from hub.sdk.version import ATTRIBUTE, fit, stated_range
from hub.sdk.widgets import WidgetType

log = logging.getLogger("hub.plugins")
GROUP = "hub"
BUNDLED = {
    "email": "hub_email",
    "recommend": "hub_recommend",
    "visit": "hub_visit",
    "widgets": "hub_widgets",
    "woocommerce": "hub_woocommerce",
}


class WrongVersion(Exception):
    """The plugin was written for another version of the SDK."""


class LoadReport(msgspec.Struct):
    """What became of one plugin, for the health page."""

    name: str
    module: str
    ok: bool
    error: str = ""
    warnings: list[str] = msgspec.field(default_factory=list)  # it works, but mend it


class Plugins:
    """The loaded plugins and what they declared. One per hub."""

    def __init__(self, enabled: Sequence[str] | None, paths: Sequence[Path] = ()) -> None:
        self._manager = pluggy.PluginManager("hub")
        self._manager.add_hookspecs(hookspecs)
        self.report: list[LoadReport] = []
        for name, module, load in _found(paths):
            if enabled is None or name in enabled:
                self._load(name, module, load)
        self.connectors: dict[str, Connector] = self._ask("register_connectors")
        self.channels: dict[str, Channel] = self._ask("register_channels")
        self.widgets: dict[str, WidgetType] = self._ask("register_widgets")
        taken = [condition.kind for condition in BUILT_IN]
        asked: dict[str, type[Condition]] = self._ask("register_conditions", taken)
        self.conditions: list[type[Condition]] = list(asked.values())
        self.recommenders: dict[str, Recommender] = self._ask("register_recommenders")

    def _load(self, name: str, module: str, load: Callable[[], ModuleType]) -> None:
        line = LoadReport(name, module, True)
        self.report.append(line)
        try:
            _must_fit(stated_range(_init_file(module)))
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", DeprecationWarning)
                plugin = load()
                fits = _must_fit(getattr(plugin, ATTRIBUTE, None))
                self._manager.register(plugin, name)
        except WrongVersion as error:
            log.error("plugin %s is not loaded: it %s", name, error)
            line.ok, line.error = False, str(error)
        except Exception as error:  # whatever a plugin does at import must not stop the hub
            log.exception("plugin %s could not be loaded", name)
            line.ok, line.error = False, f"{type(error).__name__}: {error}"
        else:
            line.warnings += [fits] if fits else []
            line.warnings += [str(w.message) for w in caught if w.category is DeprecationWarning]
            line.warnings += self._unknown_hooks(plugin)
            for text in line.warnings:
                log.warning("plugin %s: %s", name, text)

    def _unknown_hooks(self, plugin: ModuleType) -> list[str]:
        known = [name for name in vars(self._manager.hook) if name.startswith("register_")]
        callers = self._manager.get_hookcallers(plugin) or []
        names = [caller.name for caller in callers if not caller.has_spec()]
        known = sorted(set(known) - set(names))
        found = []
        for name in names:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            found.append(f"{name} is no hook and is never called: {hint}")
        return found

    def _ask(self, hook: str, taken: Collection[str] = ()) -> dict[str, Any]:
        """What all plugins declare, by name; a wrong declaration is left out and reported."""
        found: dict[str, Any] = {}
        hooks = [hook, *(old for old, new in hookspecs.RENAMED.items() if new == hook)]
        for line in [line for line in self.report if line.ok]:
            plugin = self._manager.get_plugin(line.name)
            others = [p for p in self._manager.get_plugins() if p is not plugin]
            for name in hooks:
                try:
                    caller = self._manager.subset_hook_caller(name, others)
                    declared = [thing for answer in caller() for thing in answer]
                except Exception as error:  # one bad declaration, one plugin off
                    log.exception("plugin %s failed in %s", line.name, name)
                    line.ok, line.error = False, f"{name}: {type(error).__name__}: {error}"
                    continue
                for thing in declared:
                    _keep(line, hook, thing, found, taken)
        return found


def _keep(
    line: LoadReport, hook: str, thing: object, found: dict[str, Any], taken: Collection[str]
) -> None:
    wrong = faults(hook, thing)
    name = name_of(hook, thing)
    if not wrong and (name in found or name in taken):
        wrong = [f"the name {name!r} is taken by another plugin or by the hub: rename one"]
    if not wrong:
        found[name] = thing
        return
    line.ok, line.error = False, f"{hook}: {'; '.join(wrong)}"
    log.error("plugin %s: %s", line.name, line.error)


def _must_fit(wanted: object) -> str:
    """What to warn of; raises WrongVersion."""
    judged = fit(wanted)
    if judged.error:
        raise WrongVersion(judged.error)
    return judged.warning


def _init_file(module: str) -> Path:
    """The first file of a plugin: of a folder, or of a package that can be imported."""
    if (folder := Path(module)).is_absolute() or folder.is_dir():
        return folder / "__init__.py"
    spec = importlib.util.find_spec(module.partition(":")[0])
    return Path(spec.origin if spec is not None and spec.origin else module)


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
