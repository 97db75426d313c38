"""Answers of the real HubSpot, recorded by others; they are not part of this folder.

REGULARS_RECORDINGS names the folder that holds `fixtures/`; without it, it is the folder
`shared` beside the checkout. Tests that need it are skipped where it is missing.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve()


def recordings() -> Path:
    """The folder of recorded answers, or skip the test."""
    own = HERE.parents[4] / "shared" if len(HERE.parents) > 4 else HERE.parent
    folder = Path(os.environ.get("REGULARS_RECORDINGS", str(own))) / "fixtures"
    if not folder.is_dir():
        pytest.skip(f"no recorded answers in {folder}: set REGULARS_RECORDINGS")
    return folder


@cache
def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def exchanges(ending: str, status: int = 200) -> list[dict[str, Any]]:
    """The recorded exchanges whose path ends so, with this status."""
    file = recordings() / "hubspot" / "grouparoo_recorded_http.jsonl"
    if not file.is_file():
        pytest.skip(f"{file} is missing")
    return [
        one
        for one in _lines(file)
        if one["path"].upper().endswith(ending.upper()) and one["status"] == status
    ]


def vectors() -> list[dict[str, Any]]:
    """Known signatures of HubSpot."""
    file = recordings() / "signature_vectors.json"
    if not file.is_file():
        pytest.skip(f"{file} is missing")
    return [one for one in json.loads(file.read_text()) if one["vendor"] == "hubspot"]
