"""How many made-up stories a property is tried on: REGULARS_STORIES=10 tries ten times as many."""

from __future__ import annotations

import os


def stories(number: int) -> int:
    """So many, times what the environment asks for."""
    return max(1, int(number * float(os.environ.get("REGULARS_STORIES", "1"))))
