"""Holds each quality.toml against what the tests of its plugin really showed.

Load it with `-p hub.sdk.testing.evidence`. A plugin is judged when all tests of its folder were
asked for: a run of one file, of `-k`, or of the tests that failed last time proves nothing and
fails nothing. Tests that `-m` left out are not held against it either. A skipped test shows
nothing: it fails the run, unless its entry says what it `needs`; then it is told of only. With
pytest-xdist the evidence comes together in the process that hands out the tests.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from hub.sdk.quality import FILE, InvalidSheet, Sheet, owns, read_sheet, rules_of, sheet_faults

__all__ = ["judge", "not_shown"]

DESELECTED = "hub_quality_deselected"
_LEFT_OUT = frozenset({"node_modules", "venv", "build", "dist", "__pycache__"})
_SKIPPED = ("was skipped", "was skipped in part")
_PARTIAL = ("keyword", "deselect", "lf", "last_failed", "stepwise", "ignore", "ignore_glob")


@dataclass(slots=True)
class Evidence:
    """What a run showed: the outcome of each test, and the tests that were left out by -m."""

    outcomes: dict[str, str] = field(default_factory=dict)
    deselected: set[str] = field(default_factory=set)

    def note(self, report: pytest.TestReport) -> None:
        """Take in one report: the worst of set-up, call and tear-down counts."""
        before = self.outcomes.get(report.nodeid)
        if report.outcome == "failed" or before == "failed":
            self.outcomes[report.nodeid] = "failed"
        elif report.outcome == "skipped" or before == "skipped":
            self.outcomes[report.nodeid] = "skipped"
        else:
            self.outcomes[report.nodeid] = "passed"

    def about(self, test: str) -> list[str]:
        """The outcomes of a test, of all its parameters, of a class or of a file."""
        return [outcome for node, outcome in self.outcomes.items() if _is_of(node, test)]


_KEY = pytest.StashKey[Evidence]()
_FAULTS = pytest.StashKey[list[str]]()
_UNSHOWN = pytest.StashKey[list[str]]()


def judge(folder: Path, root: Path, evidence: Evidence) -> list[str]:
    """What the sheet of a plugin claims and the run did not show, one sentence each."""
    found = sheet_faults(folder)
    try:
        sheet = read_sheet(folder)
    except InvalidSheet:
        return found
    base = _base(folder, root)
    for rule, entry in sheet.claims.items():
        for test in entry.tests:
            said = _against(f"{base}{test}", evidence)
            if said and not (said in _SKIPPED and _may_lack(entry.needs)):
                found.append(f"claims that {rule} is done, but {test} {said}")
    if not any("the ability" in fault for fault in found):
        found += _owned(sheet, base, evidence)
    return found


def not_shown(folder: Path, root: Path, evidence: Evidence) -> list[str]:
    """The claims whose tests were skipped because this machine lacks what they need."""
    try:
        claims = read_sheet(folder).claims
    except InvalidSheet:
        return []
    base = _base(folder, root)
    return [
        f"{rule}: {test} {said}; it needs {entry.needs}"
        for rule, entry in claims.items()
        for test in entry.tests
        if (said := _against(f"{base}{test}", evidence)) in _SKIPPED and _may_lack(entry.needs)
    ]


def _base(folder: Path, root: Path) -> str:
    base = folder.resolve().relative_to(root.resolve()).as_posix()
    return "" if base == "." else f"{base}/"


def _may_lack(needs: str) -> bool:
    """Whether a test with these needs may be skipped: not where what it needs is at hand."""
    return bool(needs.strip()) and not os.environ.get(needs)


def _owned(sheet: Sheet, base: str, evidence: Evidence) -> list[str]:
    """Rules that are exempt though the suite's own test found the ability and ran."""
    return [
        f"rules.{name}: says exempt, but {owns(rule)}"
        for name, rule in rules_of(sheet.kinds).items()
        if rule.ability and name in sheet.rules and sheet.rules[name].state == "exempt"
        and any(
            node.startswith(base) and node.endswith(f"::{rule.test}") and outcome != "skipped"
            for node, outcome in evidence.outcomes.items()
        )
    ]  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Begin with no evidence."""
    config.stash[_KEY] = Evidence()
    config.stash[_FAULTS] = []
    config.stash[_UNSHOWN] = []
    if config.pluginmanager.hasplugin("xdist") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_FromWorkers(config.stash[_KEY]), "hub-quality-workers")


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Remember what was left out: it was not asked to show anything."""
    for item in items:
        item.config.stash[_KEY].deselected.add(item.nodeid)


class _Listener:
    """Reads each report; hooks without a config need an object that knows it."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._evidence.note(report)


class _FromWorkers:
    """Takes over what each worker process was not asked to run."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker is done."""
        output = getattr(node, "workeroutput", None) or {}
        self._evidence.deselected |= set(output.get(DESELECTED, ()))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Listen from now on."""
    session.config.pluginmanager.register(_Listener(session.config.stash[_KEY]))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Judge, and fail the run when a sheet claims more than was shown."""
    config = session.config
    evidence = config.stash[_KEY]
    output = getattr(config, "workeroutput", None)
    if output is not None:
        output[DESELECTED] = sorted(evidence.deselected)
        return
    whole_run = exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
    if config.option.collectonly or not whole_run or session.shouldfail or session.shouldstop:
        return
    faults = config.stash[_FAULTS]
    for folder in _whole_folders(config):
        wrong = judge(folder, config.rootpath, evidence)
        faults += [f"{folder.name}/{FILE}: {fault}" for fault in wrong]
        unshown = not_shown(folder, config.rootpath, evidence)
        config.stash[_UNSHOWN] += [f"{folder.name}/{FILE}: {line}" for line in unshown]
    if faults and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what is claimed and was not shown."""
    faults, unshown = config.stash[_FAULTS], config.stash[_UNSHOWN]
    if unshown:
        terminalreporter.section("not shown here", yellow=True)
        for line in unshown:
            terminalreporter.line(line)
    if faults:
        terminalreporter.section("quality sheets claim more than the tests showed", red=True)
        for fault in faults:
            terminalreporter.line(fault)


def _against(node: str, evidence: Evidence) -> str:
    """Why a test shows nothing; "" when it does, or was not asked to."""
    outcomes = evidence.about(node)
    if "failed" in outcomes:
        return "failed"
    if any(_is_of(left_out, node) for left_out in evidence.deselected):
        return ""
    if not outcomes:
        return "did not run: there is no such test"
    if "skipped" not in outcomes:
        return ""
    return _SKIPPED[1] if "passed" in outcomes else _SKIPPED[0]


def _is_of(node: str, test: str) -> bool:
    """Whether a node is this test, a part of it, or, with `*`, one of several alike."""
    if "*" in test:
        return fnmatchcase(node, test) or fnmatchcase(node, f"{test}[[]*")
    return node == test or node.startswith((f"{test}::", f"{test}[", f"{test}/"))


def _whole_folders(config: pytest.Config) -> Iterator[Path]:
    """The folders with a sheet of which every test was asked for."""
    if any(getattr(config.option, name, None) for name in _PARTIAL):
        return
    seen: set[Path] = set()
    for arg in config.args:
        path = (config.invocation_params.dir / arg).resolve()
        if "::" in arg or not path.is_dir():
            continue
        own = [path, path.parent] if path.name == "tests" else [path]
        for folder in [*own, *_below(path)]:
            if folder not in seen and (folder / FILE).is_file():
                seen.add(folder)
                yield folder


def _below(path: Path) -> Iterator[Path]:
    for place, folders, _ in os.walk(path):
        folders[:] = [name for name in folders if name not in _LEFT_OUT and name[0] != "."]
        yield Path(place)
