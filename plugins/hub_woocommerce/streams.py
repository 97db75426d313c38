"""Reading each stream from where the last run ended.

A run is given the time up to which everything is known (`since`) and reads what changed after
it. It ends with a new `since`: the newest change it saw, never later than its own start. The
next run begins a little before that, because a row may be written after it was stamped.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from hub.sdk.client import Answered
from hub.sdk.connector import Cursor, Invalid, Page
from hub.sdk.errors import InvalidRecord
from hub.sdk.money import currency_code
from hub.sdk.paging import Listing, Row, Slice, by_change, by_id
from hub.sdk.records import Record, Sighting
from hub_woocommerce import mapping
from hub_woocommerce.client import ChangedRows, MissingRoute, Shop, row_id

OVERLAP = timedelta(minutes=5)
# "any" leaves out the others, and naming them beside it does not help: one by one.
ORDER_STATUSES = ("any", "checkout-draft", "trash")
PRODUCT_STATUSES = ("any", "trash")

Result = tuple[list[Sighting], list[Invalid]]


class Run(msgspec.Struct, frozen=True):
    """Where a run is; an interrupted one goes on from it."""

    since: datetime | None = None  # everything up to here is known
    started: datetime | None = None  # None: no run is open
    phase: int = 0
    after: datetime | None = None
    newest: datetime | None = None

    def cursor(self) -> Cursor:
        """As JSON."""
        data: Cursor = msgspec.to_builtins(self)
        return data


def open_run(cursor: Cursor | None, now: datetime) -> Run:
    """The run to go on with, or a new one. A cursor that is not understood (an older
    version's) means reading everything again, which is always safe."""
    try:
        run = msgspec.convert(cursor or {}, Run)
    except msgspec.ValidationError:
        run = Run()
    if run.started is not None:
        return run
    after = run.since - OVERLAP if run.since else None
    return Run(since=run.since, started=now, after=after)


async def read_changed(
    shop: Shop,
    path: str,
    statuses: Sequence[str],
    cursor: Cursor | None,
    read: Callable[[list[Row]], Any],
    *,
    created: bool = False,
) -> AsyncIterator[Page]:
    """Every changed row of a list, status by status, as pages."""
    run = open_run(cursor, shop.ctx.clock.now())
    first = run.since - OVERLAP if run.since else None
    done = 0
    while run.phase < len(statuses):
        status = statuses[run.phase]
        source = ChangedRows(shop, path, {"status": status} if status else {}, created=created)
        async for piece in by_change(source, run.after):
            run = msgspec.structs.replace(
                run, after=piece.after, newest=_newest(run, source, piece)
            )
            sightings, invalid = await read(piece.rows)
            done += len(piece.rows)
            total = None if piece.remaining is None else done + piece.remaining
            yield Page(tuple(sightings), run.cursor(), tuple(invalid), done, total)
        run = msgspec.structs.replace(run, phase=run.phase + 1, after=first)
    yield Page((), Run(since=_known(run)).cursor(), (), done, done)


def _newest(run: Run, source: ChangedRows, piece: Slice) -> datetime | None:
    """The newest change seen in the first phase: what later phases show may be newer than
    something that the first one has not shown."""
    if run.phase:
        return run.newest
    stamps = [stamp for row in piece.rows if (stamp := source.stamp(row))]
    return max([*stamps, *([run.newest] if run.newest else [])], default=None)


def _known(run: Run) -> datetime | None:
    if run.newest is None or run.started is None:
        return run.since
    newest = min(run.newest, run.started)
    return max(newest, run.since) if run.since else newest


def mapped(rows: list[Row], read: Callable[[Row], Record]) -> Result:
    """Each row as a sighting, or as an invalid one with its reason."""
    sightings: list[Sighting] = []
    invalid: list[Invalid] = []
    for row in rows:
        try:
            sightings.append(Sighting(read(row), row))
        except InvalidRecord as error:
            invalid.append(Invalid(str(row.get("id", "")), str(error), row))
    return sightings, invalid


async def orders(shop: Shop, cursor: Cursor | None) -> AsyncIterator[Page]:
    """Orders of every status."""

    async def read(rows: list[Row]) -> Result:
        return mapped(rows, lambda row: mapping.order(row, shop.name))

    async for page in read_changed(shop, "/orders", ORDER_STATUSES, cursor, read):
        yield page


async def products(shop: Shop, cursor: Cursor | None) -> AsyncIterator[Page]:
    """Products, the variable ones with all their variations."""
    began = shop.ctx.clock.now()
    currency = await shop_currency(shop)

    async def read(rows: list[Row]) -> Result:
        return await _with_variations(shop, rows, currency)

    async for page in read_changed(shop, "/products", PRODUCT_STATUSES, cursor, read):
        yield page
    if cursor is None:
        await shop.ctx.state.put("products_read_from", began.isoformat())


async def variations(shop: Shop, cursor: Cursor | None) -> AsyncIterator[Page]:
    """Products of which a variation changed: that need not touch the product itself."""
    currency = await shop_currency(shop)
    if cursor is None:
        # the first reading of the products brought all variations along
        began = await shop.ctx.state.get("products_read_from")
        cursor = {"since": began} if began else None

    async def read(rows: list[Row]) -> Result:
        parents = sorted(
            {row["parent_id"] for row in rows if isinstance(row.get("parent_id"), int)}
        )
        if not parents:
            return [], []
        found = await _included(shop, "/products", parents, {"status": "any"})
        return await _with_variations(shop, found, currency)

    try:
        async for page in read_changed(shop, "/variations", ("",), cursor, read):
            yield page
    except MissingRoute:
        # before WooCommerce had this list: look at every variable product
        async for page in _all_variable(shop, currency):
            yield page


async def customers(shop: Shop, cursor: Cursor | None) -> AsyncIterator[Page]:
    """All registered customers, each time: WooCommerce cannot say which of them changed (it
    ignores modified_after here). The cursor only lets an interrupted scan go on."""
    position, last = _scan(cursor)

    async def fetch(offset: int, limit: int) -> Listing:
        return await shop.by_offset("/customers", {"role": "all"}, offset, limit)

    scan = by_id(fetch, row_id, size=shop.page_size, position=position, last=last)
    async for piece, position, last in scan:
        sightings, invalid = mapped(piece.rows, lambda row: mapping.customer(row, shop.name))
        total = None if piece.remaining is None else position + piece.remaining
        at = {"position": position, "last": last}
        yield Page(tuple(sightings), at, tuple(invalid), position, total)
    yield Page((), {}, (), position, position)


async def refunds(shop: Shop, cursor: Cursor | None) -> AsyncIterator[Page]:
    """Refunds, told order by order: each sighting names all refunds of its order."""

    async def read(rows: list[Row]) -> Result:
        return await _refunds_by_order(shop, rows)

    async for page in read_changed(shop, "/refunds", ("",), cursor, read, created=True):
        yield page


STREAMS: Mapping[str, Callable[[Shop, Cursor | None], AsyncIterator[Page]]] = {
    "products": products,
    "variations": variations,
    "customers": customers,
    "orders": orders,
    "refunds": refunds,
}


async def shop_currency(shop: Shop) -> str:
    """The currency that product prices are in; products do not say it."""
    data = await shop.one("/data/currencies/current")
    return currency_code(data.get("code"), "code")


async def _with_variations(shop: Shop, rows: list[Row], currency: str) -> Result:
    parts: dict[int, list[Row]] = {}
    for row in rows:
        if mapping.is_variable(row) and row_id(row):
            read = await _variations_of(shop, row_id(row))
            if read is not None:
                parts[row_id(row)] = read
    sightings, invalid = mapped(
        rows, lambda row: mapping.product(row, shop.name, currency, parts.get(row_id(row)))
    )
    return [_with_raw(sighting, parts) for sighting in sightings], invalid


def _with_raw(sighting: Sighting, parts: dict[int, list[Row]]) -> Sighting:
    raw = sighting.raw or {}
    own = parts.get(row_id(raw))
    return sighting if own is None else Sighting(sighting.record, {**raw, "_variations": own})


async def _variations_of(shop: Shop, product: int) -> list[Row] | None:
    """All variations of a product; None when it went away meanwhile."""

    try:
        return await shop.every(f"/products/{product}/variations", {"status": "any"})
    except Answered as error:
        if error.status == 404:
            return None
        raise


async def _all_variable(shop: Shop, currency: str) -> AsyncIterator[Page]:
    async def fetch(offset: int, limit: int) -> Listing:
        return await shop.by_offset("/products", {"type": "variable"}, offset, limit)

    position = 0
    async for piece, position, _ in by_id(fetch, row_id, size=shop.page_size):
        sightings, invalid = await _with_variations(shop, piece.rows, currency)
        total = None if piece.remaining is None else position + piece.remaining
        yield Page(tuple(sightings), {}, tuple(invalid), position, total)
    yield Page((), {}, (), position, position)


async def _included(
    shop: Shop, path: str, ids: Sequence[int], params: Mapping[str, str]
) -> list[Row]:
    rows: list[Row] = []
    for start in range(0, len(ids), shop.page_size):
        some = ",".join(map(str, ids[start : start + shop.page_size]))
        asked = {**params, "include": some, "per_page": str(shop.page_size)}
        rows += (await shop.listing(path, asked)).rows
    return rows


async def _refunds_by_order(shop: Shop, rows: list[Row]) -> Result:
    at_hand: dict[int, dict[int, Row]] = {}
    for row in rows:
        if isinstance(order := row.get("parent_id"), int):
            at_hand.setdefault(order, {})[row_id(row)] = row
    fields = {"status": "any", "_fields": "id,currency,refunds"}
    found = await _included(shop, "/orders", sorted(at_hand), fields) if at_hand else []
    found += [row for row in await _others(shop, set(at_hand) - {row_id(r) for r in found})]
    sightings: list[Sighting] = []
    invalid: list[Invalid] = []
    for order in found:
        try:
            sightings.append(await _refunds_of(shop, order, at_hand[row_id(order)]))
        except InvalidRecord as error:
            invalid.append(Invalid(str(order.get("id", "")), str(error), order))
    return sightings, invalid


async def _others(shop: Shop, ids: set[int]) -> list[Row]:
    """Orders that a list of `any` status leaves out, such as those in the trash."""
    rows: list[Row] = []
    for order in sorted(ids):
        try:
            rows.append(await shop.one(f"/orders/{order}", {"_fields": "id,currency,refunds"}))
        except Answered as error:
            if error.status != 404:  # deleted meanwhile: its refunds went with it
                raise
    return rows


async def _refunds_of(shop: Shop, order: Row, at_hand: dict[int, Row]) -> Sighting:
    """All refunds of the order; those read on other pages are fetched again."""
    number = row_id(order)
    named = {row_id(entry) for entry in order.get("refunds") or [] if isinstance(entry, dict)}
    rows = list(at_hand.values())
    if not named <= set(at_hand):
        rows = await shop.every(f"/orders/{number}/refunds", {})
    currency = currency_code(order.get("currency"), "currency")
    record = mapping.refunds(rows, str(number), currency, shop.name)
    return Sighting(record, {"order": order, "refunds": rows})


def _scan(cursor: Cursor | None) -> tuple[int, int]:
    place = (cursor or {}).get("position"), (cursor or {}).get("last")
    position, last = (value if isinstance(value, int) and value >= 0 else 0 for value in place)
    return position, last
