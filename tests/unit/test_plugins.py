"""Loading: each plugin alone, and a person is told what is wrong and what to do."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.plugins import LoadReport, Plugins
from hub.sdk.version import VERSION

HEAD = 'from hub.sdk.hookspecs import hookimpl\nrequires_sdk = ">=1.0,<2"\n'
RECOMMENDER = """
class Newest:
    name, title, needs_visitor = "{name}", "Newest", False
    def rank(self, visit, shop):
        return []

@hookimpl
def register_recommenders():
    return [Newest()]
"""
OLD_WIDGET = """
from hub.sdk.widgets import ContentField, WidgetType

@hookimpl
def register_widget_types():
    return [WidgetType("stripe", "Stripe", (ContentField("title", "Title", required=True),),
                       layout="banner", sample={"title": "Hi"})]
"""


@pytest.fixture(autouse=True)
def _modules_as_before() -> Iterator[None]:
    """A folder takes the place of a module of its name, here until the test ends."""
    before = dict(sys.modules)
    yield
    for name in [name for name in sys.modules if name.startswith(("hub_", "trial"))]:
        if name in before:
            sys.modules[name] = before[name]
        elif name.partition(".")[0] not in before:
            del sys.modules[name]


def load(folder: Path, **plugins: str) -> Plugins:
    for name, text in plugins.items():
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(text)
    return Plugins(list(plugins), [folder])


def line_of(plugins: Plugins, name: str) -> LoadReport:
    return next(line for line in plugins.report if line.name == name)


def test_the_bundled_plugins_load_without_a_word(tmp_path: Path) -> None:
    plugins = Plugins(None)
    assert [(line.name, line.error, line.warnings) for line in plugins.report] == [
        (name, "", [])
        for name in ("email", "hubspot", "recommend", "visit", "widgets", "woocommerce")
    ]
    assert {condition.kind for condition in plugins.conditions} == {
        "page", "device", "campaign", "locale",
    }  # fmt: skip


def test_a_plugin_for_another_version_is_not_even_imported(tmp_path: Path) -> None:
    text = 'requires_sdk = ">=7,<8"\nfrom hub.sdk.hookspecs import a_name_of_tomorrow\n'
    ran = f'requires_sdk = ">=7,<8"\nopen({str(tmp_path / "ran")!r}, "w")\n'
    plugins = load(
        tmp_path, trial_future=text, trial_ran=ran, trial_ok=HEAD + RECOMMENDER.format(name="a")
    )
    line = line_of(plugins, "trial_future")
    assert not line.ok
    assert line.error == f"needs SDK >=7,<8, this hub has {VERSION}: " + (
        "upgrade the hub, or install an older version of the plugin"
    )
    assert not (tmp_path / "ran").exists()
    assert list(plugins.recommenders) == ["a"]


def test_a_range_made_at_run_time_is_judged_too(tmp_path: Path) -> None:
    plugins = load(tmp_path, trial_made='requires_sdk = ">=" + "7"\n')
    assert "needs SDK >=7" in line_of(plugins, "trial_made").error


def test_a_plugin_that_names_no_version_is_warned_of(tmp_path: Path) -> None:
    text = HEAD.splitlines()[0] + RECOMMENDER.format(name="unversioned")
    plugins = load(tmp_path, trial_bare=text)
    line = line_of(plugins, "trial_bare")
    assert line.ok
    assert "requires_sdk" in line.warnings[0]
    assert "unversioned" in plugins.recommenders


def test_a_deprecated_hook_works_and_names_its_replacement(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plugins = load(tmp_path, trial_old=HEAD + OLD_WIDGET)
    line = line_of(plugins, "trial_old")
    assert line.ok
    assert line.warnings == ["register_widget_types is deprecated: rename it to register_widgets"]
    assert "stripe" in plugins.widgets
    assert "plugin trial_old: register_widget_types is deprecated" in caplog.text


def test_a_misspelled_hook_is_named(tmp_path: Path) -> None:
    text = HEAD + "@hookimpl\ndef register_recomenders():\n    return []\n"
    plugins = load(tmp_path, trial_typo=text)
    (warning,) = line_of(plugins, "trial_typo").warnings
    assert warning.endswith("never called: did you mean register_recommenders?")


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ("register_recommenders():\n    return [object()]", "a object: name is nothing"),
        ("register_recommenders():\n    return [type('X', (), {'name': 'none'})()]", "'none'"),
        ("register_recommenders():\n    return [type('X', (), {'name': 'x'})()]", "no title"),
        ("register_recommenders():\n    return 5", "TypeError"),
        ("register_widgets():\n    return ['banner']", "a str is not a WidgetType"),
        ("register_conditions():\n    return [object()]", "declare the class itself"),
        ("register_conditions():\n    return [type('C', (), {'kind': 'c'})]", "no parse()"),
        ("register_connectors():\n    return [type('C', (), {'name': 'c'})]", "an instance"),
        ("register_channels():\n    return [type('C', (), {'name': 'c'})()]", "no configure()"),
        ("register_channels():\n    raise RuntimeError('no')", "RuntimeError: no"),
    ],
)
def test_a_wrong_declaration_costs_its_own_plugin_only(
    tmp_path: Path, declared: str, words: str
) -> None:
    bad = f"{HEAD}@hookimpl\ndef {declared}\n"
    plugins = load(tmp_path, trial_bad=bad, trial_good=HEAD + RECOMMENDER.format(name="good"))
    line = line_of(plugins, "trial_bad")
    assert not line.ok
    assert words in line.error
    assert list(plugins.recommenders) == ["good"]


def test_a_taken_name_is_refused_and_the_first_one_stays(tmp_path: Path) -> None:
    first, second = (HEAD + RECOMMENDER.format(name="mine") for _ in range(2))
    built_in = HEAD + (
        "from hub_visit.conditions import Device\n"
        "class Mine(Device):\n    __slots__ = ()\n    kind = 'not'\n"
        "@hookimpl\ndef register_conditions():\n    return [Mine]\n"
    )
    plugins = load(tmp_path, trial_a=first, trial_b=second, trial_c=built_in)
    assert line_of(plugins, "trial_a").ok
    assert "'mine' is taken" in line_of(plugins, "trial_b").error
    assert "'not' is taken" in line_of(plugins, "trial_c").error
    assert plugins.conditions == []


def test_a_folder_of_a_plugin_that_is_installed_is_skipped(tmp_path: Path) -> None:
    bundled = Path(__file__).parents[2] / "plugins"
    shutil.copytree(bundled / "hub_visit", tmp_path / "hub_visit")
    for place in (bundled, tmp_path):  # the very same folder, and a copy of it
        plugins = Plugins(["visit", "hub_visit"], [place])
        assert [(line.name, line.ok, line.error) for line in plugins.report] == [
            ("visit", True, "")
        ]
        folder = place / "hub_visit"
        assert plugins.report[0].note == f"already installed, the folder {folder} is skipped"


def test_a_changed_copy_of_an_installed_plugin_is_not_taken_for_it(tmp_path: Path) -> None:
    changed = HEAD + RECOMMENDER.format(name="mine")
    for name in ("hub_visit", "hub_email"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(changed)
    plugins = Plugins(["visit", "hub_visit"], [tmp_path])
    assert [line.name for line in plugins.report] == ["visit", "hub_visit"]
    assert not any(line.note for line in plugins.report)
    assert list(Plugins(["hub_email"], [tmp_path]).recommenders) == ["mine"]
