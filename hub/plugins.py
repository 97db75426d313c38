"""Finding and loading plugins: one by one, so that a broken one never stops the hub."""

from __future__ import annotations

import difflib
import importlib.util
import logging
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pluggy

from hub.conditions.parse import BUILT_IN
from hub.conditions.watched import watched
from hub.runner.loading import load_module
from hub.sdk import hookspecs
from hub.sdk.channel import Channel
from hub.sdk.conditions import Condition
from hub.sdk.connector import Connector
from hub.sdk.declared import faults, name_of
from hub.sdk.recommender import Recommender
from hub.sdk.version import ATTRIBUTE, fit, stated_range
from hub.sdk.widgets import InvalidContent, Scene, WidgetType
from hub.watch import PluginFault, PluginOff, Watch

log = logging.getLogger("hub.plugins")
GROUP = "hub"
IMPORT = "import"
IMPORT_SECONDS = 20.0
BUNDLED = {
    "email": "hub_email",
    "hubspot": "hub_hubspot",
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
    note: str = ""  # nothing is wrong


class Plugins:
    """The loaded plugins and what they declared. One per hub."""

    def __init__(
        self, enabled: Sequence[str] | None, paths: Sequence[Path] = (), watch: Watch | None = None
    ) -> None:
        self.watch = watch or Watch()
        self._owners: dict[tuple[str, str], str] = {}  # (hook, name of the thing) -> plugin
        self._manager = pluggy.PluginManager("hub")
        self._manager.add_hookspecs(hookspecs)
        self.report: list[LoadReport] = []
        found, skipped = _found(paths, enabled)
        for name, module, load in found:
            self._load(name, module, load)
        for line in self.report:
            if line.name in skipped:
                line.note = f"already installed, the folder {skipped[line.name]} is skipped"
                log.info("plugin %s: %s", line.name, line.note)
        self.connectors: dict[str, Connector] = self._ask("register_connectors")
        self.channels: dict[str, Channel] = self._ask("register_channels")
        widgets: dict[str, WidgetType] = self._ask("register_widgets")
        self.widgets = {name: self._watched(widget) for name, widget in widgets.items()}
        taken = [condition.kind for condition in BUILT_IN]
        asked: dict[str, type[Condition]] = self._ask("register_conditions", taken)
        self.conditions: list[type[Condition]] = [
            watched(condition, self.owner("condition", kind), self.watch)
            for kind, condition in asked.items()
        ]
        self.recommenders: dict[str, Recommender] = self._ask("register_recommenders")

    def owner(self, sort: str, name: str) -> str:
        """The plugin that declares this connector, channel, condition, recommender or widget."""
        return self._owners[f"register_{sort}s", name]

    def module(self, plugin: str) -> str:
        """Where the plugin is: a module's name or a folder's path."""
        return next(line.module for line in self.report if line.name == plugin)

    def _watched(self, widget: WidgetType) -> WidgetType:
        if type(widget) is WidgetType and widget.arrange is None:
            return widget  # data alone: nothing of the plugin runs
        values = {name: getattr(widget, name) for name in WidgetType.__struct_fields__}
        owner = self.owner("widget", widget.name)
        return _WatchedWidget(**values, inner=widget, plugin=owner, watch=self.watch)

    def _load(self, name: str, module: str, load: Callable[[], ModuleType]) -> None:
        line = LoadReport(name, module, True)
        self.report.append(line)
        try:
            _must_fit(stated_range(_init_file(module)))
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", DeprecationWarning)
                plugin = self._watched_load(name, load)
                fits = _must_fit(getattr(plugin, ATTRIBUTE, None))
                self._manager.register(plugin, name)
        except WrongVersion as error:
            log.error("plugin %s is not loaded: it %s", name, error)
            line.ok, line.error = False, str(error)
        except (PluginFault, PluginOff) as error:
            line.ok, line.error = False, getattr(error, "fault", str(error))
        except Exception as error:  # whatever a plugin does at import must not stop the hub
            log.exception("plugin %s could not be loaded", name)
            line.ok, line.error = False, f"{type(error).__name__}: {error}"
        else:
            line.warnings += [fits] if fits else []
            line.warnings += [str(w.message) for w in caught if w.category is DeprecationWarning]
            line.warnings += self._unknown_hooks(plugin)
            for text in line.warnings:
                log.warning("plugin %s: %s", name, text)

    def _watched_load(self, name: str, load: Callable[[], ModuleType]) -> ModuleType:
        off = self.watch.off.get(name, "")
        if off.startswith(IMPORT):  # it would hold up this start as it did the one before
            raise PluginOff(name, off)
        return self.watch.patient(name, IMPORT, IMPORT_SECONDS, IMPORT_SECONDS, load)

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
                    declared = self.watch.patient(
                        line.name, name, IMPORT_SECONDS, IMPORT_SECONDS, _all_of, caller
                    )
                except PluginFault as error:
                    line.ok, line.error = False, error.fault
                    continue
                except Exception as error:  # one bad declaration, one plugin off
                    log.exception("plugin %s failed in %s", line.name, name)
                    line.ok, line.error = False, f"{name}: {type(error).__name__}: {error}"
                    continue
                for thing in declared:
                    if _keep(line, hook, thing, found, taken):
                        self._owners[hook, name_of(hook, thing)] = line.name
        return found


class _WatchedWidget(WidgetType, frozen=True):
    """A kind of widget that cleans or arranges its texts with code of its own."""

    inner: Any = None
    plugin: str = ""
    watch: Any = None

    def clean(self, content: Mapping[str, Any]) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = self.watch.call(
                self.plugin, f"{self.name}.clean", self.inner.clean, content
            )
        except (PluginOff, PluginFault) as error:
            raise InvalidContent("type", str(error)) from None
        return cleaned

    def drawn(self, content: Mapping[str, Any], scene: Scene) -> tuple[str, dict[str, Any]] | None:
        """The layout of one page view. Raises PluginOff and PluginFault."""
        found: tuple[str, dict[str, Any]] | None = self.watch.call(
            self.plugin, f"{self.name}.arrange", self.inner.drawn, content, scene
        )
        return found


def _all_of(caller: Callable[[], Any]) -> list[object]:
    return [thing for answer in caller() for thing in answer]


def _keep(
    line: LoadReport, hook: str, thing: object, found: dict[str, Any], taken: Collection[str]
) -> bool:
    wrong = faults(hook, thing)
    name = name_of(hook, thing)
    if not wrong and (name in found or name in taken):
        wrong = [f"the name {name!r} is taken by another plugin or by the hub: rename one"]
    if not wrong:
        found[name] = thing
        return True
    line.ok, line.error = False, f"{hook}: {'; '.join(wrong)}"
    log.error("plugin %s: %s", line.name, line.error)
    return False


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


_Loads = list[tuple[str, str, Callable[[], ModuleType]]]


def _found(
    paths: Sequence[Path], enabled: Collection[str] | None
) -> tuple[_Loads, dict[str, Path]]:
    """The plugins to load, and the folders to skip by the installed plugin that they are."""
    every = {**BUNDLED, **{entry.name: entry.value for entry in entry_points(group=GROUP)}}
    plugins = {n: module for n, module in every.items() if enabled is None or n in enabled}
    packages = {module.partition(":")[0]: name for name, module in plugins.items()}
    skipped: dict[str, Path] = {}
    for path in paths:
        for file in sorted(path.absolute().glob("*/__init__.py")):
            folder, installed = file.parent, packages.get(file.parent.name, "")
            if installed and _same_files(_init_file(plugins[installed]).parent, folder):
                skipped[installed] = folder
            elif enabled is None or folder.name in enabled:
                plugins[folder.name] = str(folder)
    loads: _Loads = [
        (name, module, partial(load_module, name, module)) for name, module in plugins.items()
    ]
    return loads, skipped


def _same_files(installed: Path, folder: Path) -> bool:
    """Whether a folder is the installed plugin, or holds all its modules byte by byte."""
    if installed.resolve() == folder.resolve():
        return True
    modules = [file.relative_to(installed) for file in installed.rglob("*.py")]
    return bool(modules) and all(
        (folder / file).is_file()
        and (folder / file).read_bytes() == (installed / file).read_bytes()
        for file in modules
    )
