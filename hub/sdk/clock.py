"""The clock every part of the hub is given; nothing else reads the time."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The current moment, aware, UTC."""
        ...
