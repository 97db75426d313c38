"""plugins/README.md, followed to the letter: commands are typed, code is put in its place."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest

from hub.plugins import Plugins
from hub.sdk import hookspecs, records
from hub.sdk.quality import KINDS
from hub.settings import Settings

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "plugins" / "README.md").read_text()
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall(PAGE)
# Commands in the middle of a sentence that this test leaves alone, and why.
NOT_TYPED = {
    'pip install "regulars[test]"': "it is installed here",
    "hub dev plugin hub_corner": "it stays open: tests/scaffold has its own test",
    "python -m hub_corner.tests.vendor": "it stays open",
    "pip wheel --no-deps ./hub_corner": "below, without the network",
}


def type_in(line: str, where: Path) -> subprocess.CompletedProcess[str]:
    """One command of the page, with the programs of this installation."""
    words = shlex.split(line)
    programs = {
        "hub": [sys.executable, "-c", "from hub.cli import main; main()"],
        "pytest": [sys.executable, "-m", "pytest"],
    }
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_"))}
    return subprocess.run(
        [*programs[words[0]], *words[1:]], cwd=where, env=environment, capture_output=True,
        text=True, check=False, timeout=180,
    )  # fmt: skip


def put(block: str, where: Path) -> None:
    """A code block into the file that its first line names: new, or at its end."""
    first, _, rest = block.partition("\n")
    found = re.fullmatch(r"# (\S+?)(, at the end)?", first)
    assert found, f"the first line of a block names its file: {first}"
    file = where / found[1]
    assert file.exists() is bool(found[2]), file
    file.write_text(file.read_text() + rest if found[2] else block)


def change(block: str, where: Path) -> None:
    """Lines with `-` become those with `+`, in the file that the first line names."""
    first, *lines = block.splitlines()
    file = where / first.removeprefix("# ")
    old = "".join(line[1:] + "\n" for line in lines if line[0] in " -")
    new = "".join(line[1:] + "\n" for line in lines if line[0] in " +")
    text = file.read_text()
    assert text.count(old) == 1, f"{file.name} does not hold these lines once:\n{old}"
    file.write_text(text.replace(old, new))


def follow(where: Path, blocks: list[tuple[str, str]]) -> list[subprocess.CompletedProcess[str]]:
    """Do what the blocks say, in their order; what the commands answered."""
    answers = []
    for kind, block in blocks:
        if kind == "python":
            put(block, where)
        elif kind == "diff":
            change(block, where)
        elif kind == "sh":
            answers += [type_in(line, where) for line in block.splitlines()]
    return answers


@pytest.mark.full
def test_the_page_leads_to_a_passing_suite(tmp_path: Path) -> None:
    answers = follow(tmp_path, BLOCKS)
    assert len(answers) == 4
    for answer in answers:
        assert answer.returncode == 0, answer.stdout + answer.stderr
    made, first, second, checked = answers
    assert "hub_corner" in made.stdout
    passed = [int(re.search(r"(\d+) passed", a.stdout)[1]) for a in (first, second)]  # type: ignore[index]
    assert passed[1] == passed[0] + 2, "the page's own tests ran too"
    assert "Shown by its tests" in checked.stdout


def test_the_first_steps_of_the_page(tmp_path: Path) -> None:
    """The same without the whole suite: what is written on the page fits together."""
    quick = [(kind, text) for kind, text in BLOCKS if kind != "sh"]
    (made,) = follow(tmp_path, [("sh", "hub new-plugin connector corner")])
    assert made.returncode == 0, made.stderr
    tests = tmp_path / "hub_corner" / "tests" / "test_points.py"
    put(next(text for kind, text in quick if kind == "python"), tmp_path)
    failing = type_in(f"pytest -q {tests}", tmp_path)
    assert failing.returncode == 1, "the page says that it fails until mapping.py is changed"
    tests.unlink()
    follow(tmp_path, quick)
    passing = type_in(f"pytest -q {tests}", tmp_path)
    assert passing.returncode == 0, passing.stdout
    loads_in_a_hub(tmp_path)


def loads_in_a_hub(where: Path) -> None:
    """The settings on the page are settings, and load the folder."""
    texts = [text for kind, text in BLOCKS if kind == "toml"]
    settings = msgspec.convert(tomllib.loads(texts[0]), Settings, dec_hook=lambda _, v: Path(v))
    assert settings.plugins_path and settings.private_hosts
    plugins = Plugins(["hub_corner"], [where])
    assert [line.ok for line in plugins.report] == [True], plugins.report
    assert "corner" in plugins.connectors
    made = tomllib.loads((where / "hub_corner" / "pyproject.toml").read_text())
    shown = tomllib.loads(texts[1])["project"]["entry-points"]
    assert made["project"]["entry-points"] == shown


@pytest.mark.full
def test_the_wheel_of_the_page_holds_the_package(tmp_path: Path) -> None:
    (made,) = follow(tmp_path, [("sh", "hub new-plugin connector corner")])
    assert made.returncode == 0, made.stderr
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    built = subprocess.run(
        command, cwd=tmp_path / "hub_corner", capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    listed = subprocess.run(
        [sys.executable, "-m", "zipfile", "-l", str(wheel)], capture_output=True, text=True,
        check=True,
    ).stdout  # fmt: skip
    assert "hub_corner/connector.py" in listed and "entry_points.txt" in listed
    assert "tests/" not in listed


def test_every_command_in_a_sentence_is_known() -> None:
    prose = BLOCK.sub("", PAGE)
    typed = re.findall(r"`((?:hub|pip|pytest|python) [^`]*)`", prose)
    known = {*NOT_TYPED, "pytest hub_corner", "pytest hub_corner -k cursor -x --pdb",
             "hub new-plugin KIND NAME", "hub plugins list --data FOLDER"}  # fmt: skip
    assert set(typed) <= known


def test_the_page_names_every_hook_kind_and_record() -> None:
    hooks = [name for name in vars(hookspecs) if name.startswith("register_")]
    current = [name for name in hooks if name not in hookspecs.RENAMED]
    assert len(current) >= 5
    assert [name for name in current if name not in PAGE] == []
    assert [kind for kind in KINDS if f"**{kind.capitalize()}**" not in PAGE] == []
    told = ("Customer", "Product", "Order", "RefundSighting", "Deleted")
    for name in told:
        record = getattr(records, name)
        (row,) = re.findall(rf"^\| `{name}` \| (.*?) \|", PAGE, re.MULTILINE)
        needed = {field.name for field in msgspec.structs.fields(record) if field.required}
        assert set(re.findall(r"`(\w+)`", row)) == needed - {"shop"}, name


def test_every_module_that_the_page_names_exists() -> None:
    for path in re.findall(r"`(hub/sdk/[\w/]*(?:\.py)?)`", PAGE):
        assert (ROOT / path).exists(), path
    for name in set(re.findall(r"`(hub\.sdk\.\w+)`", PAGE)):
        assert (ROOT / f"{name.replace('.', '/')}.py").exists(), name
