"""What may stand in the repository: a tidy top level, and no address of a package registry."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOP = {
    "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "config", "hub", "plugins",
    "pyproject.toml", "tests", "widgets",
}  # fmt: skip
# Spelt backwards, so that this file does not name them either.
HOSTS = [name[::-1] for name in ("gro.ipyp", "detsohnohtyp", "sjmpn.yrtsiger", "gkpnray.yrtsiger")]
REGISTRIES = re.compile(
    "|".join(map(re.escape, HOSTS))
    + r"|--(?:extra-)?index-url|https?://\S+\.(?:whl|tgz)\b|https?://\S+/simple/"
)


def tracked() -> list[Path]:
    """The files of the commit; without git, those of the folder."""
    found = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if found.returncode:
        pytest.skip("not a git checkout")
    names = [name for name in found.stdout.decode().split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def addresses(text: str) -> list[str]:
    """Lines that tell where packages come from."""
    return [line.strip()[:120] for line in text.splitlines() if REGISTRIES.search(line)]


def resolved(text: str) -> list[str]:
    """Lines of an npm lock file with a download address."""
    return [line.strip()[:120] for line in text.splitlines() if '"resolved"' in line]


def test_the_top_level_is_tidy() -> None:
    names = {file.relative_to(ROOT).parts[0] for file in tracked()}
    assert {name for name in names if not name.startswith(".")} == TOP


def test_no_file_names_a_package_registry() -> None:
    wrong = []
    for file in tracked():
        if file == Path(__file__) or file.suffix in {".png", ".jpg", ".webp", ".parquet", ".mo"}:
            continue
        text = file.read_text(errors="replace")
        found = addresses(text) + (resolved(text) if file.name == "package-lock.json" else [])
        wrong += [f"{file.relative_to(ROOT)}: {line}" for line in found]
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    [
        '"resolved": "https://example.org/a.tgz"',
        "--extra-index-url https://packages.example.org",
        "https://packages.example.org/simple/left-pad",
        f"https://{HOSTS[0]}/project/left-pad",
    ],
)
def test_an_address_is_noticed(text: str) -> None:
    assert addresses(text) or resolved(text)
