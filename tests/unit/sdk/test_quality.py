"""Quality sheets: read strictly, each fault named; starters are whole."""

from __future__ import annotations

from pathlib import Path

import pytest

import hub.sdk.testing
from hub.sdk.quality import (
    FILE,
    KINDS,
    LOOKED_UP,
    RULES,
    InvalidSheet,
    missing_rules,
    read_sheet,
    rules_of,
    sheet_faults,
    starter_sheet,
)

ROOT = Path(__file__).parents[3]
SUITES = {kind: getattr(hub.sdk.testing, f"{kind.title()}Contract") for kind in KINDS}


def plugin(tmp_path: Path, sheet: str) -> Path:
    (tmp_path / "__init__.py").write_text('requires_sdk = ">=1.0,<2"\n')
    (tmp_path / "README.md").write_text("# Mine\n" + "It does what it says. " * 20)
    (tmp_path / FILE).write_text(sheet)
    return tmp_path


@pytest.mark.parametrize("kind", KINDS)
def test_a_starter_sheet_is_whole(tmp_path: Path, kind: str) -> None:
    folder = plugin(tmp_path, starter_sheet(kind, "TestMine"))
    assert sheet_faults(folder) == []
    left = {missing.rule for missing in missing_rules(folder)}
    assert left == {r.id for r in RULES[kind] if not r.test and r.id not in LOOKED_UP}


@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_is_one_sentence_and_its_test_is_in_the_suite(kind: str) -> None:
    rules = RULES[kind]
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        assert not rule.says[0].islower()
        assert not rule.says.endswith(".")
        assert not rule.test or callable(getattr(SUITES[kind], rule.test)), rule.id


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("kinds =", "kind ="), "unknown field `kind`"),
        (('kinds = ["condition"]', "kinds = []"), "'' is not one of connector"),
        (('["condition"]', '["song"]'), "kinds: 'song' is not one of connector"),
        (("no_clock =", "no_watch ="), "no_clock is missing (It reads no clock)"),
        (("no_clock =", "no_watch ="), "no_watch is no rule of condition; use [own]"),
        (('state = "done", test = "tests/test_contract.py::T::test_it_reads_no_clock"',
          'state = "done"'), "rules.no_clock: done needs test"),
        (('state = "done", test = "tests/test_contract.py::T::test_it_reads_no_clock"',
          'state = "todo"'), "rules.no_clock: todo needs a reason"),
        (('state = "done", test = "tests/test_contract.py::T::test_it_reads_no_clock"',
          'state = "fine"'), "Invalid enum value 'fine'"),
        (("tests/test_contract.py::T::test_it_reads", "../other.py::T::test_it_reads"),
         "outside the plugin's folder"),
        (("[rules]", "[rules"), FILE),
        (("[rules]", "[own.x]\nstate = 'todo'\nreason = 'r'\n[rules]"), "own.x: add says"),
    ],
)  # fmt: skip
def test_a_fault_of_a_sheet_is_named(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    folder = plugin(tmp_path, starter_sheet("condition", "T").replace(*change))
    assert words in "\n".join(sheet_faults(folder))


def test_needs_belongs_to_what_is_done(tmp_path: Path) -> None:
    sheet = starter_sheet("connector", "T").replace('written yet"', 'written yet", needs = "DATA"')
    faults = "\n".join(sheet_faults(plugin(tmp_path, sheet)))
    assert "rules.recorded: needs belongs to done only, not to todo" in faults


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ('abilities = ("push", "erase")', {"push_once", "erase_leaves_nothing"}),
        ('abilities: tuple[Ability, ...] = ("erase",)', {"erase_leaves_nothing"}),
        ("abilities = ()", set()),
        ("abilities: tuple[str, ...]", set()),
        ("", set()),
    ],
)
def test_who_has_an_ability_is_not_exempt_from_its_rules(
    tmp_path: Path, line: str, wrong: set[str]
) -> None:
    reasons = {"push_once": "it only reads", "erase_leaves_nothing": "it only reads"}
    folder = plugin(tmp_path, starter_sheet("connector", "T", reasons))
    (folder / "connector.py").write_text(f"class Corner:\n    name = 'corner'\n    {line}\n")
    found = {fault.partition(":")[0] for fault in sheet_faults(folder) if "the ability" in fault}
    assert found == {f"rules.{name}" for name in wrong}


def test_what_can_be_looked_up_is_looked_up(tmp_path: Path) -> None:
    folder = plugin(tmp_path, starter_sheet("condition", "T"))
    (folder / "README.md").write_text("# Mine")
    (folder / "__init__.py").write_text("")
    faults = "\n".join(sheet_faults(folder))
    assert "rules.readme: says done, but README.md is missing or says next to nothing" in faults
    assert "rules.sdk_range: says done, but names no SDK version" in faults


def test_no_sheet_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidSheet, match="there is none"):
        read_sheet(tmp_path)
    assert "there is none" in sheet_faults(tmp_path)[0]


def test_every_bundled_plugin_has_a_sheet_without_faults() -> None:
    folders = [folder for folder in (ROOT / "plugins").iterdir() if folder.name[:4] == "hub_"]
    folders.append(ROOT / "widgets" / "hub_widgets")
    assert len(folders) >= 5
    for folder in folders:
        assert sheet_faults(folder) == [], folder.name
        assert set(rules_of(read_sheet(folder).kinds)), folder.name
