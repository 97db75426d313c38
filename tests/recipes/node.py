"""Node, where it is installed: scripts that run in somebody's sandbox run here in a stand-in."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest


def node(*arguments: str) -> Any:
    """The JSON that a script prints last. Skips the test where there is no Node."""
    found = shutil.which("node")
    if not found:
        pytest.skip("there is no Node on this machine")
    done = subprocess.run(
        [found, *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
