"""`hub bench`: each benchmark may have options of its own."""

from __future__ import annotations

import importlib

import pytest
from click.testing import CliRunner

from hub.cli import cli

MODULE = '''
def run(quick, kills=0, database=""):
    """Says what it was given."""
    if database == "none":
        raise ValueError("database: there is no such thing")
    return [{"name": f"{quick} {kills} {database}", "value": 1, "unit": "", "control": "",
             "target": 0, "met": True}]
'''


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("tests") / "benchmarks"
    folder.mkdir()
    (folder / "bench_made.py").write_text(MODULE)
    monkeypatch.setattr(importlib.import_module("hub.cli.bench"), "FOLDER", folder)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["made", "--quick", "--json"], "True 0 "),
        (["made", "--json", "--kills", "7"], "False 7 "),
        (["made", "--database", "sqlite", "--kills", "2", "--json"], "False 2 sqlite"),
        (["made", "--kills", "many"], "--kills: 'many' is not a number"),
        (["made", "--kills"], "--kills: '' is not a number"),
        (["made", "--deaths", "7"], "made has no option '--deaths': there are --kills, --database"),
        (["made", "7"], "made has no option '7'"),
        (["made", "--database", "none"], "database: there is no such thing"),
        (["other"], "no benchmark 'other': there are made"),
    ],
)
def test_options_reach_the_benchmark(told: None, words: list[str], said: str) -> None:
    result = CliRunner().invoke(cli, ["bench", *words])
    assert said in result.output
    assert (result.exit_code == 0) == ("--json" in words)
