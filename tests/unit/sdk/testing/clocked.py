"""A condition that reads the clock, in a file of its own because the whole file is looked at."""

from __future__ import annotations

from datetime import datetime

from hub.sdk.conditions import Facts, Verdict
from tests.unit.sdk.testing.points import Points


class Clocked(Points):
    __slots__ = ()

    def evaluate(self, facts: Facts, now: int) -> Verdict:
        return Verdict(datetime.now().year > 2000, self)
