"""import orders: past orders from a file into the log, whole order by whole order.

A file is known by its content and its settings. How far it came is a row, written after each batch,
so that a killed import goes on; what is in the hub already is compared, so that a repeat changes
nothing and a mended file replaces just the orders that differ.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from hub.catalogue.ranks import IMPORT
from hub.catalogue.sightings import sighting_entry
from hub.clock import to_ms
from hub.core import Hub
from hub.flows.memory import select_in
from hub.flows.sources import create_source
from hub.imports.csv_lines import Dialect
from hub.imports.errors_file import ErrorsFile
from hub.imports.orders import Found, Given, OrderReader, Problem
from hub.imports.table import Table
from hub.imports.values import Moments, Numbers
from hub.sdk.identifiers import clean_email, clean_id
from hub.sdk.records import Order
from hub.store.database import Entry

BATCH_LINES = 2000
BATCH_ORDERS = 500
SHOWN_PROBLEMS = 10
SOURCE_NAME = "Order import"
RUN_SQL = (
    "INSERT INTO import_run (digest, position, done, report, updated_at) VALUES (?,?,?,?,?) "
    "ON CONFLICT (digest) DO UPDATE SET position = excluded.position, done = excluded.done, "
    "report = excluded.report, updated_at = excluded.updated_at"
)
Progress = Callable[[int, int], None]  # lines done, lines in the file


class ImportStopped(Exception):
    """The import can not go on now; what was imported stays."""


class OrderFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of orders and how it is to be read."""

    path: Path
    mapping: dict[str, str]
    given: Given
    timezone: str
    date_format: str = ""
    decimal_comma: bool = False
    dialect: Dialect = Dialect()
    every_customer: bool = False  # take ids like 0 or "guest" for customers too

    def digest(self) -> str:
        """Changes with the content and with every setting that changes what is read."""
        with self.path.open("rb") as stream:
            content = hashlib.file_digest(stream, "blake2b").hexdigest()
        settings = (self.mapping, self.given, self.timezone, self.date_format, self.decimal_comma,
                    self.dialect, self.every_customer)  # fmt: skip
        text = content.encode() + msgspec.json.encode(settings, order="deterministic")
        return blake2b(text, digest_size=32).hexdigest()


class Report(msgspec.Struct):
    """lines = imported lines + lines put aside; orders = new + replaced + unchanged."""

    lines: int = 0
    orders: int = 0
    new: int = 0
    replaced: int = 0
    unchanged: int = 0
    orders_aside: int = 0
    lines_aside: int = 0
    emails_unusable: int = 0
    nobodys: int = 0  # orders of a customer id that stands for nobody, taken as guests'
    problems: list[Problem] = []  # the first ones
    errors_size: int = 0
    errors_path: str = ""  # where an erasure must look for people too
    position: int = 0  # first line of the last order that was dealt with
    resumed: bool = False
    repeated: bool = False

    def count(self, found: Found) -> None:
        """Add one order of the file."""
        self.lines += found.lines
        self.position = found.first
        if found.order is not None:
            self.orders += 1
            return
        self.orders_aside += 1
        self.lines_aside += found.lines
        self.problems.extend(found.problems[: SHOWN_PROBLEMS - len(self.problems)])


def dry_run(file: OrderFile, now: datetime, scratch: Path, progress: Progress) -> Report:
    """Read the whole file and count; nothing is stored. Raises BadFile."""
    report = Report()
    table = Table(file.path, file.mapping, file.dialect, scratch)
    try:
        for found in _reader(file, now, table).read(table.rows()):
            report.count(found)
            if report.lines % 1000 < found.lines:
                progress(report.lines, table.lines)
        progress(report.lines, table.lines)
    finally:
        table.close()
    return report


async def import_orders(
    hub: Hub, file: OrderFile, errors: ErrorsFile, progress: Progress
) -> Report:
    """Import the file, or the rest of it.

    Raises BadFile, NotOurs (errors), ImportStopped, StoreUnavailable; the same call then goes on.
    """
    scratch = hub.settings.data_dir / "import-scratch"
    shutil.rmtree(scratch, ignore_errors=True)  # of an import that was killed
    scratch.mkdir(mode=0o700)
    loop = asyncio.get_running_loop()
    # One thread reads, so that the table is closed only after its last read has ended.
    with ThreadPoolExecutor(1, thread_name_prefix="hub-import") as pool:
        try:
            digest = await loop.run_in_executor(pool, file.digest)
            report = await _begin(hub, digest)
            errors.start(report.errors_size)
            report.errors_path = str(errors.path.absolute())
            table = await loop.run_in_executor(
                pool, Table, file.path, file.mapping, file.dialect, scratch
            )
            try:
                orders = _reader(file, hub.clock.now(), table).read(table.rows(report.position))
                run = _Run(hub, file, digest, errors, report)
                run.source_id = await _source(hub, file.given.shop)
                batches = _batches(orders)
                progress(report.lines, table.lines)
                while batch := await loop.run_in_executor(pool, next, batches, None):
                    await run.take(batch)
                    progress(report.lines, table.lines)
                await run.finish()
            finally:
                await loop.run_in_executor(pool, table.close)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return report


class _Run:
    def __init__(
        self, hub: Hub, file: OrderFile, digest: str, errors: ErrorsFile, report: Report
    ) -> None:
        self._hub = hub
        self._file = file
        self._digest = digest
        self._errors = errors
        self._report = report
        self.source_id = 0
        self._seq = 0

    async def take(self, batch: list[Found]) -> None:
        """Store one batch durably, then how far we are."""
        report = self._report
        orders = [self._clean(found.order) for found in batch if found.order is not None]
        entries = await self._entries(orders)
        # The projector stays one batch behind: the file must not outrun it by gigabytes.
        await _projected(self._hub, self._seq)
        report.unchanged += len(orders) - len(entries)
        outcomes = await self._hub.writer.append([entry for entry, _ in entries])
        for outcome, (_, known) in zip(outcomes, entries, strict=True):
            self._seq = max(self._seq, outcome.seq)
            report.unchanged += outcome.duplicate
            report.replaced += known and not outcome.duplicate
            report.new += not known and not outcome.duplicate
        for found in batch:
            report.count(found)
            self._errors.add(found.problems)
        self._errors.flush()
        report.errors_size = self._errors.size
        await self._note(done=False)

    async def finish(self) -> None:
        await _projected(self._hub, self._seq)
        await self._note(done=True)

    def _clean(self, order: Order) -> Order:
        email = clean_email(order.email)
        customer = order.customer_id if self._file.every_customer else clean_id(order.customer_id)
        self._report.emails_unusable += bool(order.email and not email)
        self._report.nobodys += bool(order.customer_id and not customer)
        if (email, customer) == (order.email, order.customer_id):
            return order
        return msgspec.structs.replace(order, email=email, customer_id=customer)

    async def _entries(self, orders: list[Order]) -> list[tuple[Entry, bool]]:
        """Entries of the orders that are not in the hub just so, and whether it knew them."""
        sightings = await _sightings(self._hub, orders)
        now = to_ms(self._hub.clock.now())
        entries = []
        for order in orders:
            seq, before = sightings.get(order.order_id, (0, None))
            if before is not None and "updated_at" not in self._file.mapping:
                # Without a date of the vendor, what is imported later is the newer word.
                order = msgspec.structs.replace(
                    order, updated_at=max(order.placed_at, before.updated_at)
                )
            if order == before:
                continue
            entry = sighting_entry(
                order, None, source_id=self.source_id, received_at=now,
                every_customer=self._file.every_customer,
            )  # fmt: skip
            if before is not None and entry.dedupe is not None:
                # A return to an earlier content is news, and no duplicate of that time.
                salted = entry.dedupe + seq.to_bytes(8, "big")
                entry.dedupe = entry.dedupe[:7] + blake2b(salted, digest_size=16).digest()
            entries.append((entry, order.order_id in sightings))
        return entries

    async def _note(self, *, done: bool) -> None:
        report = self._report
        text = msgspec.json.encode(report).decode()
        now = to_ms(self._hub.clock.now())
        await self._hub.database.write(
            [(RUN_SQL, [(self._digest, report.position, done, text, now)])]
        )


class _Winner(msgspec.Struct):
    """The part of a stored order that says which sighting it was taken from."""

    version: tuple[int, int, int] = (0, 0, 0)


class _Body(msgspec.Struct):
    record: Order


async def _sightings(hub: Hub, orders: list[Order]) -> dict[str, tuple[int, Order | None]]:
    """Order id -> seq and content of the import that the order's present state was taken from; no
    content where a better source than an import told of it."""
    if not orders:
        return {}
    rows = await select_in(
        hub.database, "SELECT order_id, data FROM shop_order WHERE shop = ? AND order_id IN",
        [order.order_id for order in orders], (orders[0].shop,),
    )  # fmt: skip
    known: dict[str, tuple[int, Order | None]] = {}
    seqs: dict[int, str] = {}
    for order_id, data in rows:
        rank, _, seq = msgspec.json.decode(data, type=_Winner).version
        known[order_id] = (seq, None)
        if rank == IMPORT:
            seqs[seq] = order_id
    for seq, text in await select_in(hub.database, "SELECT seq, body FROM log WHERE seq IN", seqs):
        known[seqs[seq]] = (seq, msgspec.json.decode(text, type=_Body).record)
    return known


def _reader(file: OrderFile, now: datetime, table: Table) -> OrderReader:
    return OrderReader(
        table.fields,
        file.given,
        Numbers(decimal_comma=file.decimal_comma),
        Moments(ZoneInfo(file.timezone), now, file.date_format),
    )


def _batches(found: Iterable[Found]) -> Iterator[list[Found]]:
    batch: list[Found] = []
    lines = 0
    for one in found:
        batch.append(one)
        lines += one.lines
        if lines >= BATCH_LINES or len(batch) >= BATCH_ORDERS:
            yield batch
            batch, lines = [], 0
    if batch:
        yield batch


async def _begin(hub: Hub, digest: str) -> Report:
    """The report to go on with. What is in the log is projected first: it is compared with."""
    rows = await hub.database.fetch("SELECT COALESCE(MAX(seq), 0) FROM log")
    await _projected(hub, rows[0][0])
    runs = await hub.database.fetch(
        "SELECT done, report FROM import_run WHERE digest = ?", (digest,)
    )
    if not runs:
        return Report()
    done, text = runs[0]
    if done:
        return Report(repeated=True)
    report = msgspec.json.decode(text, type=Report)
    report.resumed = True
    return report


async def _projected(hub: Hub, seq: int) -> None:
    while True:
        try:
            await hub.views.reached(seq)
        except TimeoutError:
            if hub.views.stuck:
                raise ImportStopped(f"the projector can not go on {hub.views.stuck}") from None
        else:
            return


async def _source(hub: Hub, shop: str) -> int:
    for row in hub.sources.values():
        if (row.kind, row.shop, row.name) == ("import", shop, SOURCE_NAME):
            return row.id
    return (await create_source(hub, name=SOURCE_NAME, kind="import", shop=shop)).id
