"""The committed islands: of our own origin, and the same when they are built again."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "hub" / "web" / "admin" / "ui"
BUILT = ROOT / "hub" / "web" / "static" / "ui"
ISLANDS = re.findall(
    r'"(\w+)"', re.search(r"const islands = \[(.*?)\]", (SOURCES / "build.mjs").read_text())[1]  # type: ignore[index]
)  # fmt: skip


def test_each_island_has_its_files_and_no_other_is_left() -> None:
    named = {f"{name}.{kind}" for name in ISLANDS for kind in ("js", "css")}
    assert {file.name for file in BUILT.iterdir()} == {*named, "LICENSES.txt"}


def test_the_islands_run_no_text_as_code_and_call_nobody() -> None:
    for file in BUILT.glob("*.js"):
        text = file.read_text()
        for word in ("eval(", "new Function", "document.write", "document.cookie", "sourceMapping"):
            assert word not in text, (file.name, word)
        # Names of markup languages, and where the framework explains its faults: never called.
        known = (
            "http://www.w3.org/",
            "https://svelte.dev/e/",
            "https://github.com/sveltejs/svelte",
        )
        assert [u for u in re.findall(r"https?://[^\"'`]+", text) if not u.startswith(known)] == []
    for file in BUILT.glob("*.css"):
        assert not re.search(r"url\(|@import", file.read_text()), file.name


def test_the_licence_of_each_bundled_package_is_there() -> None:
    text = (BUILT / "LICENSES.txt").read_text()
    wanted = json.loads((SOURCES / "package.json").read_text())["devDependencies"]
    for name in ("svelte", "uplot"):
        assert f"{name} {wanted[name]}\n" in text


def test_the_lock_file_names_no_host() -> None:
    assert "http" not in (SOURCES / "package-lock.json").read_text()


@pytest.mark.full
def test_building_again_gives_the_committed_bytes(tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if not npm:
        pytest.skip("there is no npm on this machine to build the islands with")
    # Built elsewhere: the place of the checkout must not be in the bytes.
    copy = tmp_path / "ui"
    shutil.copytree(SOURCES, copy, ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run([npm, "ci", "--silent", "--no-audit", "--no-fund"], cwd=copy, check=True)
    subprocess.run([npm, "run", "--silent", "types"], cwd=copy, check=True)
    built = tmp_path / "static"
    subprocess.run([npm, "run", "--silent", "build", "--", str(built)], cwd=copy, check=True)
    names = sorted(file.name for file in BUILT.iterdir())
    assert sorted(file.name for file in built.iterdir()) == names
    for name in names:
        assert (built / name).read_bytes() == (BUILT / name).read_bytes(), name
