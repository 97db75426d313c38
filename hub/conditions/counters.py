"""Registered counters: for each match the newest times, kept up by every event.

A published condition reads these instead of the person's history. The newest n times decide
"at least n times", whatever the window; "exactly n" and "at most n" need one more.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import islice
from zoneinfo import ZoneInfo

from hub.sdk.conditions import Condition, Context, DidLeaf
from hub.sdk.errors import HubError


class NotCounted(HubError):
    """A condition asks for a counter that was never registered and backfilled."""


class CounterFacts:
    """Facts over counters. `now` must lie after every counted event (see `window.settled`):
    a counter that is full of later events has forgotten the earlier ones."""

    def __init__(
        self,
        counters: Mapping[str, Sequence[int]],
        known: Mapping[str, int],
        traits: Mapping[str, object],
        *,
        zone: ZoneInfo,
        context: Context | None = None,
    ) -> None:
        """`known` maps the key of each backfilled counter to how many times it keeps."""
        self.zone = zone
        self.context = context or Context()
        self._counters = counters
        self._known = known
        self._traits = traits

    def trait(self, key: str) -> object:
        """The value of a trait, or None."""
        return self._traits.get(key)

    def times(self, leaf: DidLeaf) -> Sequence[int]:
        """The newest matching times; raises `NotCounted` rather than answer from too little."""
        key = leaf.key
        if self._known.get(key, 0) < leaf.keep:
            raise NotCounted(f"no counter of {leaf.keep} times for {leaf.match.event}; backfill it")
        return self._counters.get(key, ())


def walk(condition: Condition) -> Iterator[Condition]:
    """The condition and all conditions inside it."""
    yield condition
    for part in condition.parts():
        yield from walk(part)


def counter_leaves(*conditions: Condition) -> list[DidLeaf]:
    """The counters that the conditions need, one per key, each with the largest `keep`."""
    found: dict[str, DidLeaf] = {}
    for condition in conditions:
        for part in walk(condition):
            for leaf in part.counts():
                key = leaf.key
                if key not in found or found[key].keep < leaf.keep:
                    found[key] = leaf
    return list(found.values())


def observe(
    leaf: DidLeaf, name: str, at: int, properties: object, times: Sequence[int]
) -> Sequence[int]:
    """The counter after one event: `times` itself when the event does not change it.

    The order of arrival does not matter. An event must be shown once: equal times are two events.
    """
    if not leaf.match.matches(name, properties):
        return times
    spot = bisect_left(times, -at, key=lambda kept: -kept)
    if spot >= leaf.keep:
        return times
    return (*times[:spot], at, *times[spot : leaf.keep - 1])


def merge_times(lists: Iterable[Sequence[int]], keep: int) -> tuple[int, ...]:
    """The counter of a person made of several nodes."""
    return tuple(islice(merge(*lists, reverse=True), keep))
