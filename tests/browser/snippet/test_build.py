"""The committed files: their size, their origin, and what the widgets declare."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from pathlib import Path

import hub_widgets
import pytest

ROOT = Path(__file__).parents[3]
SOURCES = ROOT / "widgets" / "snippet"


def test_the_whole_snippet_fits_its_budget(static: Path) -> None:
    assert len(gzip.compress((static / "s.js").read_bytes(), 9)) <= 7_300


def test_the_readers_of_consent_tools_fit_theirs(static: Path) -> None:
    assert len(gzip.compress((static / "consent.js").read_bytes(), 9)) <= 1_500


def test_the_built_files_run_no_text_as_code(static: Path) -> None:
    for name in ("s.js", "s.whole.js", "consent.js", "preview.js"):
        text = (static / name).read_text()
        for word in ("eval(", "new Function", "innerHTML", "document.write", "document.cookie"):
            assert word not in text, (name, word)


def test_the_lock_file_names_no_host() -> None:
    assert "http" not in (SOURCES / "package-lock.json").read_text()


@pytest.mark.full
def test_building_again_gives_the_committed_bytes(static: Path, tmp_path: Path) -> None:
    node = shutil.which("node")
    if not node:
        pytest.skip("there is no Node on this machine to build the browser files with")
    if not (SOURCES / "node_modules").exists():
        pytest.fail("type: cd widgets/snippet && npm ci", pytrace=False)
    done = subprocess.run(
        [node, "build.mjs", str(tmp_path)], cwd=SOURCES, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["core_gzip"] <= 3_100
    for built in tmp_path.iterdir():
        assert built.read_bytes() == (static / built.name).read_bytes(), built.name


def test_every_widget_declares_a_sample_it_accepts() -> None:
    declared = hub_widgets.register_widgets()
    assert [widget.name for widget in declared] == ["banner", "popup", "recommendations"]
    for widget in declared:
        assert widget.clean(widget.sample) == widget.sample
