"""PHP, where it is installed: the plug-ins run in it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def php(*arguments: str) -> str:
    """What a PHP program prints. Skips the test where there is no PHP."""
    found = shutil.which("php")
    if not found:
        pytest.skip("there is no PHP on this machine; on Debian: apt-get install php-cli php-twig")
    done = subprocess.run(
        [found, "-d", "display_errors=stderr", "-d", "error_reporting=-1", *arguments],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stderr + done.stdout
    return done.stdout


def state_of(html: str) -> Any:
    """What the stand-in remembered, from the end of its page."""
    return json.loads(html.partition('id="state">')[2].partition("</script>")[0])


def calls_of(html: str) -> list[list[Any]]:
    """The calls that a page makes before the snippet is there."""
    lines = [line for line in html.splitlines() if line.strip().startswith("regulars.apply(null,")]
    return [json.loads(line.strip().removeprefix("regulars.apply(null,")[:-2]) for line in lines]
