"""What the hub counts of itself while it works: plain numbers, read when somebody asks for them."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

# Seconds. A decision takes well under a millisecond, a commit some milliseconds.
BOUNDS = (
    0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
)  # fmt: skip


class Timing:
    """How often something took how long."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float] = BOUNDS) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)  # the last one: longer than all bounds
        self.total = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.total += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """Cumulative counts by upper bound, as Prometheus writes a histogram."""
        reached = 0
        found = []
        for bound, count in zip((*map(str, self.bounds), "+Inf"), self.counts, strict=True):
            reached += count
            found.append((bound, float(reached)))
        return found


class RouteMeter:
    """The answers of one kind of public request, and how long the hub took for them."""

    __slots__ = ("statuses", "timing")

    def __init__(self) -> None:
        self.statuses: dict[int, int] = {}
        self.timing = Timing()

    def done(self, status: int, seconds: float) -> None:
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.timing.add(seconds)


class Meters:
    """The counters of one hub since its start. Every key comes from a fixed, short list."""

    def __init__(self) -> None:
        self.routes: dict[str, RouteMeter] = {}
        self.rejected: Counter[str] = Counter()  # events, by the field they failed at
        self.decisions: Counter[str] = Counter()  # by how much of the visitor was used
        self.widgets_shown = 0
        self.decisions_empty = 0
        self.syncs: Counter[tuple[str, str]] = Counter()  # (connector, outcome)

    def route(self, name: str) -> RouteMeter:
        return self.routes.setdefault(name, RouteMeter())

    def decided(self, basis: str, shown: int) -> None:
        """`basis`: known, page (nothing but the page was used) or paused."""
        self.decisions[basis] += 1
        self.widgets_shown += shown
        self.decisions_empty += not shown
