"""Reading what changed, past the 10,000 rows of a search, and what lies in the recycle bin.

A run first asks for the newest change, by HubSpot's own clock, and then reads all rows changed
between the last run and that moment in the order of their ids: each page asks for ids above the
last one. So no page depends on a place in a list that moves, no query reaches 10,000 rows deep,
and a bulk change of any size is an ordinary stretch. A row that changes meanwhile leaves the
stretch and is in that of the next run. The index runs behind by seconds to minutes: the next
run begins OVERLAP before the end of this one.

The search does not know archived rows. They are listed apart, in no order of time: each run
reads the whole bin (HubSpot empties it after 90 days) and hands out what is new in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec

from hub.sdk.connector import Context, Cursor
from hub.sdk.errors import Broken
from hub_hubspot import api, mapping
from hub_hubspot.api import Raw

OVERLAP = 10 * 60 * 1000
BIN_OVERLAP = 24 * 60 * 60 * 1000  # this clock is ours, so more generous


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object: its name in paths, its time of change, what to ask for."""

    name: str
    changed: str
    properties: tuple[str, ...]


CONTACTS = Kind("contacts", "lastmodifieddate", mapping.CONTACT_PROPERTIES)
DEALS = Kind("deals", "hs_lastmodifieddate", mapping.DEAL_PROPERTIES)


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where to go on. `since` and `bin_since` last; the rest is of one run. Times are
    milliseconds; 0 is "from the beginning" and, for `until`, "not asked yet"."""

    since: int = 0
    bin_since: int = 0
    until: int = 0
    bin_until: int = 0
    last: int = 0  # read all ids up to here
    after: str = ""  # HubSpot's own place, where ids do not help
    binned: bool = False  # the search is read to its end


async def read(
    ctx: Context, kind: Kind, cursor: Cursor | None, size: int
) -> AsyncIterator[tuple[list[Raw], Cursor]]:
    """Rows and the cursor after them, until there are no more."""
    place = msgspec.convert(cursor or {}, Place)
    if not place.bin_until:
        began = mapping.millis(ctx.clock.now()) - BIN_OVERLAP
        until = await _newest(ctx, kind, place.since)
        place = msgspec.structs.replace(place, until=until, bin_until=began, binned=not until)
    while not place.binned:
        rows, place = await _changed(ctx, kind, place, size)
        yield rows, msgspec.to_builtins(place)
    more = True
    while more:
        rows, after = await api.archived(ctx, kind.name, kind.properties, place.after, size)
        rows = [row for row in rows if _is_news(row, place.bin_since)]
        more = bool(after)
        place = msgspec.structs.replace(place, after=after) if more else _ended(place)
        yield rows, msgspec.to_builtins(place)


def _ended(place: Place) -> Place:
    since = max(place.until - OVERLAP, place.since)
    return Place(since=since, bin_since=place.bin_until)


def _is_news(row: Raw, since: int) -> bool:
    at = mapping.archived_at(row)
    return at is None or at >= since


async def _changed(ctx: Context, kind: Kind, place: Place, size: int) -> tuple[list[Raw], Place]:
    """One page of the stretch between `since` and `until`, ids above `last`."""
    filters = [_filter(kind.changed, "LTE", place.until)]
    if place.since:
        filters.append(_filter(kind.changed, "GTE", place.since))
    if place.last:
        filters.append(_filter("hs_object_id", "GT", place.last))
    body: Raw = {"filterGroups": [{"filters": filters}], "sorts": [_sort("hs_object_id")]}
    body |= {"properties": list(kind.properties), "limit": size}
    rows, after = await api.search(ctx, kind.name, body | _from(place.after))
    ids = [int(row["id"]) for row in rows if str(row.get("id", "")).isdigit()]
    if ids and min(ids) <= place.last:
        raise Broken("HubSpot ignores the ids that its search was asked for.")
    if not after:
        return rows, msgspec.structs.replace(place, last=0, after="", binned=True)
    if ids:
        return rows, msgspec.structs.replace(place, last=max(ids), after="")
    # a page of rows that are gone by now: only HubSpot's own place leads past it
    return rows, msgspec.structs.replace(place, after=after)


async def _newest(ctx: Context, kind: Kind, since: int) -> int:
    """The newest time of change that the search knows; 0 when nothing changed."""
    body: Raw = {"sorts": [_sort(kind.changed, "DESCENDING")], "limit": 10}
    if since:
        body["filterGroups"] = [{"filters": [_filter(kind.changed, "GTE", since)]}]
    after = ""
    while True:
        rows, after = await api.search(ctx, kind.name, body | _from(after))
        stamps = [at for row in rows if (at := mapping.stamp(row, kind.changed)) is not None]
        if rows and not stamps:
            raise Broken("HubSpot's search names no time of change, so it cannot be read.")
        if stamps or not after:
            return max(stamps, default=0)


def _sort(name: str, direction: str = "ASCENDING") -> Raw:
    return {"propertyName": name, "direction": direction}


def _from(after: str) -> Raw:
    return {"after": after} if after else {}


def _filter(name: str, operator: str, value: int) -> Raw:
    return {"propertyName": name, "operator": operator, "value": str(value)}
