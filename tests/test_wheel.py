"""What a shop installs: the product, whole, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[1]
PLUGINS = {folder.parent.name for folder in (ROOT / "plugins").glob("*/__init__.py")}
TOP = {"hub", "hub_widgets"} | PLUGINS
NEEDED_AT_RUN_TIME = {".html", ".css", ".js", ".mo", ".json", ".yaml", ".txt", ".sql", ".svg"}
ONLY_FOR_WORK = {"tests", "node_modules", "__pycache__"}
SOURCES_OF_ISLANDS = "hub/web/admin/ui/"


def names_in(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def is_for_work(name: str) -> bool:
    """Whether only people who work on the product need it. A scaffold's tests are its templates."""
    folders = set(PurePosixPath(name).parts[:-1])
    return name.startswith(SOURCES_OF_ISLANDS) or (
        bool(ONLY_FOR_WORK & folders) and not name.startswith("hub/scaffold/")
    )


def faults(names: list[str], wanted: set[str]) -> list[str]:
    """What is there and should not be, and what is missing."""
    inside = {name for name in names if ".dist-info/" not in name}
    wrong = [f"foreign: {name}" for name in sorted(inside) if name.split("/")[0] not in TOP]
    wrong += [f"only for work: {name}" for name in sorted(inside) if is_for_work(name)]
    return wrong + [f"missing: {name}" for name in sorted(wanted - inside)]


def wanted_files() -> set[str]:
    """Every tracked file that the product reads when it runs, by its place in the wheel."""
    listed = subprocess.run(
        ["git", "ls-files", "hub", "plugins", "widgets/hub_widgets"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    ).stdout.split("\n")  # fmt: skip
    found = set()
    for name in filter(None, listed):
        if is_for_work(name):
            continue
        whole = name.startswith(("hub/scaffold/", "hub/recipes/"))  # templates of any ending
        if PurePosixPath(name).suffix in NEEDED_AT_RUN_TIME | {".py"} or whole:
            found.add(re.sub(r"^(plugins|widgets)/", "", name))
    return found


@pytest.mark.full
def test_the_wheel_holds_the_product_and_nothing_else(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(ROOT)],
        check=True, timeout=300,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    assert faults(names_in(wheel), wanted_files()) == []


def test_a_foreign_a_needless_and_a_missing_file_are_noticed() -> None:
    names = ["hub/core.py", "tests/shop.py", "hub_email/tests/test_x.py", "hub/web/admin/ui/a.ts"]
    found = faults(names, {"hub/core.py", "hub/web/templates/page.html"})
    assert [line.split(":")[0] for line in found] == [
        "foreign", "only for work", "only for work", "only for work", "missing",
    ]  # fmt: skip
