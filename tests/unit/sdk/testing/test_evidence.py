"""A sheet that claims more than the tests showed fails the run; a part of a run fails nothing."""

from __future__ import annotations

import pytest

from hub.sdk.quality import RULES, starter_sheet

pytest_plugins = "pytester"
SUITE = "TestMine"
TESTS = "import pytest\nclass TestMine:\n" + "".join(
    f"    def {rule.test}(self):\n        pass\n" for rule in RULES["recommender"] if rule.test
)


@pytest.fixture
def plugin(pytester: pytest.Pytester) -> pytest.Pytester:
    """A plugin whose sheet is true."""
    folder = pytester.mkdir("mine")
    (folder / "tests").mkdir()
    (folder / "__init__.py").write_text('requires_sdk = ">=1.0,<2"\n')
    (folder / "README.md").write_text("# Mine\n" + "It does what it says. " * 20)
    write(pytester, starter_sheet("recommender", SUITE), TESTS)
    pytester.makeini(
        "[pytest]\naddopts = --import-mode=importlib -p no:cacheprovider -m 'not full'\n"
        "markers = full: long\nasyncio_default_fixture_loop_scope = function\n"
    )
    return pytester


def write(pytester: pytest.Pytester, sheet: str = "", tests: str = "") -> None:
    if sheet:
        (pytester.path / "mine" / "quality.toml").write_text(sheet)
    if tests:
        (pytester.path / "mine" / "tests" / "test_contract.py").write_text(tests)


def run(pytester: pytest.Pytester, *args: str) -> tuple[int, str]:
    result = pytester.runpytest_inprocess("-p", "hub.sdk.testing.evidence", *args)
    return int(result.ret), result.stdout.str()


def without(name: str) -> str:
    return TESTS.replace(f"def {name}(", "def another_thing(")


PURE = "test_the_same_facts_give_the_same_ranking"
CLAIM = f"claims that pure is done, but tests/test_contract.py::{SUITE}::{PURE}"


def test_a_true_sheet_passes(plugin: pytest.Pytester) -> None:
    code, said = run(plugin)
    assert code == 0
    assert "quality" not in said


@pytest.mark.parametrize(
    ("body", "words"),
    [("assert False", "failed"), ("pytest.skip('not today')", "was skipped")],
)
def test_a_claim_is_held_against_the_outcome(
    plugin: pytest.Pytester, body: str, words: str
) -> None:
    write(
        plugin,
        tests=TESTS.replace(f"{PURE}(self):\n        pass", f"{PURE}(self):\n        {body}"),
    )
    code, said = run(plugin)
    assert code == 1
    assert f"{CLAIM} {words}" in said


def test_one_passing_part_does_not_speak_for_the_skipped_ones(plugin: pytest.Pytester) -> None:
    whole = starter_sheet("recommender", SUITE).replace(f"::{SUITE}::{PURE}", "")
    write(plugin, whole, TESTS + "def test_more():\n    pytest.skip('no recordings')\n")
    code, said = run(plugin)
    assert code == 1
    assert "claims that pure is done, but tests/test_contract.py was skipped in part" in said


def test_what_a_machine_lacks_is_told_of_and_fails_nothing(
    plugin: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOME_RECORDINGS", raising=False)
    claim = f'test = "tests/test_contract.py::{SUITE}::{PURE}"'
    sheet = starter_sheet("recommender", SUITE)
    sheet = sheet.replace(claim, f'{claim}, needs = "SOME_RECORDINGS"')
    there = f"{PURE}(self):\n        "
    write(plugin, sheet, TESTS.replace(f"{there}pass", f"{there}pytest.skip('none')"))
    code, said = run(plugin)
    assert code == 0
    assert "not shown here" in said
    assert f"pure: tests/test_contract.py::{SUITE}::{PURE} was skipped; it needs SOME_REC" in said
    monkeypatch.setenv("SOME_RECORDINGS", "/srv/recordings")  # they are here: no excuse
    code, said = run(plugin)
    assert code == 1
    assert f"{CLAIM} was skipped" in said
    monkeypatch.delenv("SOME_RECORDINGS")
    write(plugin, tests=TESTS.replace(f"{there}pass", f"{there}assert False"))
    assert f"{CLAIM} failed" in run(plugin)[1]
    write(plugin, tests=without(PURE))
    assert f"{CLAIM} did not run" in run(plugin)[1]


def test_an_ability_that_the_suite_found_can_not_be_exempt(plugin: pytest.Pytester) -> None:
    rules = [rule for rule in RULES["connector"] if rule.test]
    tests = "class TestMine:\n" + "".join(
        f"    def {rule.test}(self):\n        pass\n" for rule in rules
    )
    sheet = starter_sheet("connector", SUITE, {"push_once": "it only reads"})
    write(plugin, sheet, tests)
    code, said = run(plugin)
    assert code == 1
    assert 'rules.push_once: says exempt, but the connector has the ability "push"' in said


def test_a_claim_without_a_test_fails(plugin: pytest.Pytester) -> None:
    write(plugin, tests=without(PURE))
    code, said = run(plugin, "mine")
    assert code == 1
    assert f"mine/quality.toml: {CLAIM} did not run: there is no such test" in said


def test_a_missing_and_an_unknown_rule_fail(plugin: pytest.Pytester) -> None:
    sheet = starter_sheet("recommender", SUITE)
    write(plugin, sheet.replace("pure =", "pvre ="))
    code, said = run(plugin)
    assert code == 1
    assert "pure is missing" in said
    assert "pvre is no rule" in said


def test_todo_and_exempt_need_no_test(plugin: pytest.Pytester) -> None:
    claim = f'state = "done", test = "tests/test_contract.py::{SUITE}::{PURE}"'
    sheet = starter_sheet("recommender", SUITE)
    write(plugin, sheet.replace(claim, 'state = "todo", reason = "soon"'), without(PURE))
    assert run(plugin)[0] == 0


@pytest.mark.parametrize(
    "part",
    [("-k", "hostile"), ("mine/tests/test_contract.py",), ("--deselect", "mine/tests/x.py"),
     (f"mine/tests/test_contract.py::{SUITE}",), ("--collect-only",)],
)  # fmt: skip
def test_a_part_of_the_tests_fails_nothing(plugin: pytest.Pytester, part: tuple[str, ...]) -> None:
    write(plugin, tests=without(PURE))
    assert run(plugin, *part)[0] == 0


def test_a_test_of_the_long_tier_is_held_against_nothing_in_the_short_one(
    plugin: pytest.Pytester,
) -> None:
    long = TESTS.replace(f"    def {PURE}", f"    @pytest.mark.full\n    def {PURE}")
    write(plugin, tests=long)
    assert run(plugin)[0] == 0
    broken = long.replace(f"{PURE}(self):\n        pass", f"{PURE}(self):\n        assert False")
    write(plugin, tests=broken)
    assert run(plugin)[0] == 0
    code, said = run(plugin, "-m", "")
    assert code == 1
    assert f"{CLAIM} failed" in said


def test_all_parameters_and_classes_behind_a_star_count(plugin: pytest.Pytester) -> None:
    two = TESTS + TESTS.replace("import pytest\n", "").replace(SUITE, "TestYours").replace(
        f"{PURE}(self):\n        pass", f"{PURE}(self):\n        assert False"
    )
    write(plugin, starter_sheet("recommender", "*"), two)
    code, said = run(plugin)
    assert code == 1
    assert f"tests/test_contract.py::*::{PURE} failed" in said


@pytest.mark.full
def test_several_processes_bring_their_evidence_together(plugin: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    options = ("-p", "hub.sdk.testing.evidence", "-n", "2")
    assert plugin.runpytest_subprocess(*options).ret == 0
    write(plugin, tests=without(PURE))
    result = plugin.runpytest_subprocess(*options)
    assert result.ret == 1
    assert f"{CLAIM} did not run" in result.stdout.str()
    long = TESTS.replace(f"    def {PURE}", f"    @pytest.mark.full\n    def {PURE}")
    write(plugin, tests=long)
    assert plugin.runpytest_subprocess(*options).ret == 0
