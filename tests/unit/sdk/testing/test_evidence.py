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
