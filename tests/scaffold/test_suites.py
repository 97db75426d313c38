"""A new plugin of each kind passes the contract suite of its kind, wherever its folder stands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub.scaffold.write import write_plugin
from hub.sdk.quality import KINDS


def run(*command: str, where: Path) -> subprocess.CompletedProcess[str]:
    """A command as an author types it: nothing of this test run reaches it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_"))}
    own = {"hub": ["-c", "from hub.cli import main; main()"]}
    return subprocess.run(
        [sys.executable, *own.get(command[0], ["-m", command[0]]), *command[1:]],
        cwd=where, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_a_new_plugin_passes_its_suite(tmp_path: Path) -> None:
    folder = write_plugin("widget", "suited", tmp_path / "plugins")
    for place, named in ((tmp_path, "plugins/hub_suited"), (folder, ".")):
        done = run("pytest", named, "-q", where=place)
        assert done.returncode == 0, done.stdout
        assert " passed" in done.stdout and "warning" not in done.stdout
    checked = run("hub", "dev", "check-plugin", str(folder), where=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "Shown by its tests" in checked.stdout
    assert "  - Links that run code or leave the web are refused\n" in checked.stdout


@pytest.mark.full
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_passes_its_suite(kind: str, tmp_path: Path) -> None:
    folder = write_plugin(kind, f"suited_{kind}", tmp_path)
    done = run("pytest", folder.name, "-q", where=tmp_path)
    assert done.returncode == 0, done.stdout
    checked = run("hub", "dev", "check-plugin", folder.name, where=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    types = run("mypy", "--strict", "-p", folder.name, where=tmp_path)
    assert types.returncode == 0, types.stdout


@pytest.mark.full
def test_a_fault_and_a_false_claim_fail_the_check(tmp_path: Path) -> None:
    folder = write_plugin("widget", "faulty", tmp_path)
    module = folder / "widget.py"
    module.write_text(module.read_text().replace('"Text"', '" "'))
    sheet = folder / "quality.toml"
    sheet.write_text(sheet.read_text().replace("readme = { state", "typo = { state"))
    checked = run("hub", "dev", "check-plugin", str(folder), where=tmp_path)
    assert checked.returncode == 1
    assert "test_every_field_is_documented" in checked.stdout
    assert "Missing in quality.toml: say done, todo or exempt (1):" in checked.stdout
    assert "typo is no rule of widget" in checked.stderr


def test_a_folder_that_is_no_plugin_is_named(tmp_path: Path) -> None:
    for command in ("plugin", "check-plugin"):
        checked = run("hub", "dev", command, "nowhere", where=tmp_path)
        assert checked.returncode == 1
        assert "nowhere is not a folder; hub new-plugin KIND NAME makes one" in checked.stderr
