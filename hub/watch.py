"""Calls into plugins that run in the hub's own process: timed, counted, and ended when stuck.

A plugin that raises, or computes for longer than it may, has a fault; so many faults in a row and
it is switched off. A busy machine convicts nobody: what counts is the time that the thread itself
computed, not the time that went by. A call that never comes back is interrupted, which works for
Python code; a hang inside a C library can only be named.
"""

from __future__ import annotations

import ctypes
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from hub.sdk.errors import Broken, HubError

log = logging.getLogger("hub.plugins")
P = ParamSpec("P")
T = TypeVar("T")
SLOW_SECONDS = 0.05
STUCK_SECONDS = 2.0
LOOK_SECONDS = 0.25


class PluginOff(Broken):
    """The plugin is switched off; it is not asked."""

    def __init__(self, plugin: str, reason: str) -> None:
        super().__init__(f"the plugin {plugin} is switched off: {reason}")
        self.plugin = plugin


class PluginFault(Broken):
    """The plugin failed by a fault of its own: it raised, hung, crashed or took too much."""

    def __init__(self, plugin: str, fault: str) -> None:
        super().__init__(f"the plugin {plugin} failed: {fault}")
        self.plugin = plugin
        self.fault = fault


class Stuck(BaseException):
    """Thrown into a call that does not end. Not an Exception: `except Exception` lets it pass."""


@dataclass(slots=True, eq=False)
class _Call:
    plugin: str
    what: str
    thread: int
    since: float
    patience: float
    interrupted: int = 0


class Watch:
    """The plugins of one hub: who is switched off and why, and how many faults in a row."""

    def __init__(self, faults: int = 5, off: Mapping[str, str] | None = None) -> None:
        self._budget = max(1, faults)
        self._calls: dict[int, _Call] = {}  # thread -> the call under way in it
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self.faults: dict[str, int] = {}  # in a row
        self.total: dict[str, int] = {}  # since the start
        self.last: dict[str, str] = {}  # the newest fault of each plugin
        self.off: dict[str, str] = dict(off or {})  # plugin -> why
        self.on_change: Callable[[str], None] = lambda plugin: None

    def call(self, plugin: str, what: str, act: Callable[P, T], *a: P.args, **k: P.kwargs) -> T:
        """Call into a plugin. Raises PluginOff, PluginFault, or a HubError of the plugin's own."""
        if plugin in self.off:
            raise PluginOff(plugin, self.off[plugin])
        return self.patient(plugin, what, STUCK_SECONDS, SLOW_SECONDS, act, *a, **k)

    def patient(
        self, plugin: str, what: str, stuck: float, slow: float,
        act: Callable[P, T], *a: P.args, **k: P.kwargs,
    ) -> T:  # fmt: skip
        """The same with other limits and whether it is switched off or not: for loading."""
        call = _Call(plugin, what, threading.get_ident(), time.monotonic(), stuck)
        before = self._begin(call)
        wall, computed = time.perf_counter(), time.thread_time()
        try:
            try:
                answer = act(*a, **k)
            finally:
                self._end(call, before)
        except Stuck:
            self._surely_end(call, before)
            reason = f"{what} did not come back within {stuck:g} seconds"
            self.switch_off(plugin, reason)
            raise PluginFault(plugin, reason) from None
        except HubError:
            raise
        except (Exception, SystemExit) as error:  # whatever it is, it must not reach the hub
            log.exception("plugin %s failed in %s", plugin, what)
            fault = f"{what} raised {type(error).__name__}: {str(error)[:200]}"
            self.fault(plugin, fault)
            raise PluginFault(plugin, fault) from error
        computed, wall = time.thread_time() - computed, time.perf_counter() - wall
        if computed > slow and wall > slow:
            self.fault(plugin, f"{what} computed for {computed * 1000:.0f} ms")
        elif self.faults:
            self.fine(plugin)
        return answer

    def fault(self, plugin: str, reason: str) -> None:
        """Count a fault; the last one that is allowed switches the plugin off."""
        count = self.faults[plugin] = self.faults.get(plugin, 0) + 1
        self.total[plugin] = self.total.get(plugin, 0) + 1
        self.last[plugin] = reason
        told = _told(reason)
        log.warning("plugin %s: %s (fault %s of %s)", plugin, told, count, self._budget)
        if count >= self._budget:
            times = f", {count} faults in a row" if count > 1 else ""
            self.switch_off(plugin, f"{reason}{times}")

    def fine(self, plugin: str) -> None:
        """A call went well: faults are counted anew."""
        self.faults.pop(plugin, None)

    def switch_off(self, plugin: str, reason: str) -> None:
        """Ask the plugin nothing more, until a person switches it on again."""
        if plugin not in self.off:
            log.error("plugin %s is switched off: %s", plugin, _told(reason))
            self.off[plugin] = reason
            self.on_change(plugin)

    def switch_on(self, plugin: str) -> None:
        """Give it another chance."""
        self.faults.pop(plugin, None)
        self.last.pop(plugin, None)
        if self.off.pop(plugin, None) is not None:
            self.on_change(plugin)

    @property
    def hanging(self) -> list[str]:
        """Calls that do not end although they were interrupted: their code is not Python's."""
        calls = list(self._calls.values())
        return [f"{call.plugin}: {call.what}" for call in calls if call.interrupted > 1]

    def close(self) -> None:
        """End the watching thread."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()

    def _begin(self, call: _Call) -> _Call | None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._look, name="hub-watch", daemon=True)
            self._thread.start()
        before = self._calls.get(call.thread)
        self._calls[call.thread] = call
        return before

    def _end(self, call: _Call, before: _Call | None) -> None:
        with self._lock:
            # One plugin's call may lie inside another's: a rule of rules.
            if before is None:
                self._calls.pop(call.thread, None)
            else:
                before.since += time.monotonic() - call.since
                self._calls[call.thread] = before
            if call.interrupted:  # what was thrown and has not arrived must not hit the hub
                _throw(call.thread, None)

    def _surely_end(self, call: _Call, before: _Call | None) -> None:
        while self._calls.get(call.thread) is call:
            try:
                self._end(call, before)
            except Stuck:
                continue

    def _look(self) -> None:
        while not self._closing.wait(LOOK_SECONDS):
            now = time.monotonic()
            with self._lock:
                for call in list(self._calls.values()):
                    if now - call.since > call.patience * (1 + call.interrupted):
                        self._interrupt(call)

    def _interrupt(self, call: _Call) -> None:
        call.interrupted += 1
        log.error("plugin %s: %s does not come back; it is interrupted", call.plugin, call.what)
        _throw(call.thread, Stuck)


def _told(reason: str) -> str:
    """For the log: without the words of an exception, which may quote a person."""
    return reason.partition(": ")[0]


def _throw(thread: int, what: type[BaseException] | None) -> None:
    thrown = ctypes.py_object(what) if what is not None else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), thrown)
