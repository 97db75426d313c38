"""Facts from a person's own events: for drafts, explanations and what-if."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hub.sdk.conditions import Context, DidLeaf

PERSON_TRAITS = ("email", "name", "phone")


class EventRow(NamedTuple):
    """One event of the person, as conditions see it."""

    name: str
    at: int  # milliseconds since the epoch
    properties: Mapping[str, object]


def person_traits(
    traits: Mapping[str, object], *, email: object = None, name: object = None, phone: object = None
) -> dict[str, object]:
    """The traits of a person view: e-mail, name and phone are the person's own, if not empty."""
    own = zip(PERSON_TRAITS, (email, name, phone), strict=True)
    rest = {key: value for key, value in traits.items() if key not in PERSON_TRAITS}
    return rest | {key: value for key, value in own if value}


class EventFacts:
    """Facts over a list of events.

    "Order Completed", "Order Refunded" and "Order Cancelled" must come from the orders, once
    each per order, never from the log, where an order is seen many times.
    """

    def __init__(
        self,
        events: Iterable[EventRow],
        traits: Mapping[str, object],
        *,
        zone: ZoneInfo,
        context: Context | None = None,
    ) -> None:
        self.zone = zone
        self.context = context or Context()
        self._traits = traits
        self._by_name: dict[str, list[EventRow]] = {}
        self._times: dict[str, list[int]] = {}
        for row in events:
            self._by_name.setdefault(row.name, []).append(row)

    def trait(self, key: str) -> object:
        """The value of a trait, or None."""
        return self._traits.get(key)

    def times(self, leaf: DidLeaf) -> Sequence[int]:
        """All matching times, newest first."""
        key = leaf.key
        if key not in self._times:
            rows = self._by_name.get(leaf.match.event, ())
            found = (row.at for row in rows if leaf.match.matches(row.name, row.properties))
            self._times[key] = sorted(found, reverse=True)
        return self._times[key]
