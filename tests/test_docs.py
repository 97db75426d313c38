"""The README and the settings file say what is true."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from hub.cli import cli
from hub.decisions.widget import read_text, write_text
from hub.settings import PluginLimits, Retention, Settings, Smtp

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "hub/web/README.md"])
def test_every_file_that_a_page_names_exists(page: str) -> None:
    text = (ROOT / page).read_text()
    named = re.findall(r"`((?:hub|tests|config|plugins|widgets)/[\w./-]+)`", text)
    assert [name for name in named if not (ROOT / name).exists()] == []


GROUPS = {"dev", "import", "person", "audit"}


def test_every_hub_command_in_the_readme_exists() -> None:
    words = set(re.findall(r"(?:bin/|`)hub ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?", README))
    assert len(words) >= 10
    for first, second in words:
        path = [first, second] if second and first in GROUPS else [first]
        result = CliRunner().invoke(cli, [*path, "--help"])
        assert result.exit_code == 0, f"hub {' '.join(path)}: {result.output}"


def test_pictures_and_folders_of_the_readme_exist() -> None:
    for picture in re.findall(r"\]\((config/pictures/[^)]+)\)", README):
        assert (ROOT / picture).is_file(), picture
    for folder in re.findall(r"^\| `([a-z]+)/` \|", README, re.MULTILINE):
        assert (ROOT / folder).is_dir(), folder


def test_the_settings_file_shows_every_setting_with_its_default() -> None:
    text = (ROOT / "config" / "hub.toml").read_text()
    for without_default in ("plugins", "backup_dir"):
        assert f"# {without_default} = " in text
        text = text.replace(f"# {without_default} = ", f"{without_default} = ")
    shown = tomllib.loads(text)
    tables = {"smtp": Smtp(), "plugin_limits": PluginLimits(), "retention": Retention()}
    for name, defaults in tables.items():
        assert shown.pop(name) == msgspec.to_builtins(defaults), name
    names = {field.name for field in msgspec.structs.fields(Settings)} - {"data_dir", *tables}
    assert set(shown) == names
    default = msgspec.to_builtins(Settings(), builtin_types=(Path,), enc_hook=str)
    for name in names - {"plugins", "backup_dir"}:
        assert shown[name] == default[name], name


def test_the_example_widgets_are_those_of_the_demo() -> None:
    examples = {f.name: f.read_text() for f in (ROOT / "config" / "seed").glob("*.yaml")}
    packaged = {f.name: f.read_text() for f in (ROOT / "hub" / "demo" / "widgets").glob("*.yaml")}
    assert examples and examples == packaged
    for name, text in examples.items():
        assert write_text(read_text(text)) == text, f"{name} is not in the canonical form"
