"""`hub new-plugin`: names, places, and what is in the folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.cli import cli
from hub.scaffold.load import declared, load
from hub.scaffold.write import CanNotWrite, check_name, write_plugin
from hub.sdk.quality import KINDS, sheet_faults

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("my-shop", "such as my_shop"),
        ("My Shop", "such as my_shop"),
        ("2shop", "such as shop"),
        ("class", ""),
        ("shop_", "such as shop"),
        ("", ""),
        ("x", ""),
        ("a" * 37, "such as aaa"),
        ("../shop", "such as shop"),
        ("shop\n", "such as shop"),
        ("日本", ""),
    ],
)
def test_a_bad_name_is_refused_with_one_that_would_do(name: str, hint: str, tmp_path: Path) -> None:
    with pytest.raises(CanNotWrite, match="can not be the name of a plugin") as caught:
        write_plugin("connector", name, tmp_path)
    assert hint in str(caught.value)
    assert ("such as" in str(caught.value)) is bool(hint)
    assert list(tmp_path.iterdir()) == []


def test_the_hint_is_a_name_that_is_taken() -> None:
    for name in ("my-shop", "My Shop", "2shop", "a" * 60, "shop__"):
        with pytest.raises(CanNotWrite) as caught:
            check_name(name)
        check_name(str(caught.value).rpartition("such as ")[2])


def test_nothing_is_written_over(tmp_path: Path) -> None:
    folder = write_plugin("widget", "twice", tmp_path)
    (folder / "widget.py").write_text("# mine\n")
    with pytest.raises(CanNotWrite, match="exists already"):
        write_plugin("connector", "hub_twice", tmp_path)
    assert (folder / "widget.py").read_text() == "# mine\n"


def test_a_plugin_that_is_installed_is_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(CanNotWrite, match="hub_woocommerce is installed here already"):
        write_plugin("connector", "woocommerce", tmp_path)


def test_the_command_says_what_comes_next(tmp_path: Path) -> None:
    place = tmp_path / "with space"
    said = CliRunner().invoke(cli, ["new-plugin", "channel", "pigeon", "--in", str(place)])
    assert said.exit_code == 0, said.output
    folder = place / "hub_pigeon"
    for command in ("pytest", "hub dev plugin", "hub dev check-plugin"):
        assert f"  {command} '{folder}'\n" in said.output
    again = CliRunner().invoke(cli, ["new-plugin", "channel", "pigeon", "--in", str(place)])
    assert again.exit_code == 1
    assert again.output.startswith("Error: ") and "exists already" in again.output


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_loaded_and_reads_well(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    folder = write_plugin(kind, f"new_{kind[:4]}", tmp_path)
    assert [found for found, _ in declared(load(folder))] == [kind]
    assert sheet_faults(folder) == []
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    needed = {"__init__.py", f"{kind}.py", "README.md", "quality.toml", "pyproject.toml",
              "tests/test_contract.py"}  # fmt: skip
    assert needed <= names
    assert not [path for path in folder.rglob("*") if "{{" in path.name or ".jinja" in path.name]
    command = [sys.executable, "-m", "ruff"]
    settings = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", str(folder)]
    checks = ([*command, "check"], [*command, "format", "--check"])
    for check in checks:
        done = subprocess.run([*check, *settings], check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
