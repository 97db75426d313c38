"""Past orders from a file: whole orders, repeats, mended files, kills, better sources."""

from __future__ import annotations

import csv
from datetime import UTC, datetime

import msgspec
import pytest

from hub.clock import to_ms
from hub.flows import import_orders as flow
from hub.flows.sources import create_source
from hub.flows.sync import take_in
from hub.imports.errors_file import NotOurs
from hub.sdk.records import Order, OrderLine, Sighting
from hub.store.database import StoreUnavailable
from tests.flows.imports.shop_files import NOW, counts, opened, order_file, take, write
from tests.postgres import fresh_database, postgres_url

LINES = [
    "A,2010-01-01 10:00,7,Ann@x.nl,p1,2,1.50",
    "B,2010-01-02 10:00,,,p1,1,1.50",
    "A,2010-01-01 10:01,7,ann@x.nl,p2,1,0.255",
    "C,2010-01-03 10:00,,bob@x.nl,p3,-1,2",
]


async def orders(hub):
    rows = await hub.database.fetch(
        "SELECT order_id, total, status, placed_at FROM shop_order ORDER BY order_id"
    )
    return {row[0]: row[1:] for row in rows}


async def log_size(hub):
    return (await hub.database.fetch("SELECT COUNT(*) FROM log"))[0][0]


async def test_orders_lines_and_people(tmp_path):
    async with opened(tmp_path / "d") as hub:
        report = await take(hub, write(tmp_path / "f.csv", LINES))
        assert counts(report) == (3, 0, 0, 0)
        assert report.lines == 4
        placed = to_ms(datetime(2010, 1, 1, 10, tzinfo=UTC))
        assert (await orders(hub))["A"] == (326, "fulfilled", placed)
        lines = await hub.database.fetch(
            "SELECT position, product_id, quantity, unit_price, l.total FROM order_line l "
            "JOIN shop_order o ON o.id = order_pk WHERE order_id = 'A' ORDER BY position"
        )
        assert lines == [(0, "p1", 2, "1.50", 300), (1, "p2", 1, "0.255", 26)]
        people = await hub.database.fetch(
            "SELECT email, trusted, orders FROM person ORDER BY email"
        )
        assert [tuple(row) for row in people] == [("ann@x.nl", 1, 1), ("bob@x.nl", 1, 1)]
        assert not list((tmp_path / "d").glob("import-scratch"))


async def test_orders_alone_give_no_consent(tmp_path):
    async with opened(tmp_path / "d") as hub:
        await take(hub, write(tmp_path / "f.csv", LINES))
        assert await hub.database.fetch("SELECT * FROM consent") == []
        assert await hub.database.fetch("SELECT * FROM outbox") == []


async def test_a_repeat_changes_nothing(tmp_path):
    async with opened(tmp_path / "d") as hub:
        path = write(tmp_path / "f.csv", LINES)
        await take(hub, path)
        before, size = await orders(hub), await log_size(hub)
        report = await take(hub, path)
        assert counts(report) == (0, 0, 3, 0)
        assert report.repeated
        assert (await orders(hub), await log_size(hub)) == (before, size)


async def test_a_mended_file_replaces_what_differs_and_can_be_taken_back(tmp_path):
    first = write(tmp_path / "first.csv", LINES)
    # The mended order lies earlier than before: it must count all the same.
    mended = write(
        tmp_path / "mended.csv", ["A,2009-12-31 10:00,7,ann@x.nl,p1,1,1.50", *LINES[1:2]]
    )
    async with opened(tmp_path / "d") as hub:
        await take(hub, first)
        assert counts(await take(hub, mended)) == (0, 1, 1, 0)
        assert (await orders(hub))["A"][0] == 150
        lines = await hub.database.fetch("SELECT COUNT(*) FROM order_line")
        assert lines == [(3,)]
        assert counts(await take(hub, first)) == (0, 1, 2, 0)
        assert (await orders(hub))["A"][0] == 326
        assert counts(await take(hub, mended)) == (0, 1, 1, 0)
        assert counts(await take(hub, mended)) == (0, 0, 2, 0)


async def test_a_connector_knows_better_than_a_file(tmp_path):
    async with opened(tmp_path / "d") as hub:
        source = await create_source(hub, name="W", kind="connector", shop="shop")
        known = Order(
            "shop", "A", "refunded", NOW, NOW, "EUR", 999, (OrderLine("p", 1, "9.99", 999),)
        )
        await hub.views.reached(await take_in(hub, source.id, [Sighting(known)], []))
        path = write(tmp_path / "f.csv", LINES)
        await take(hub, path)
        assert (await orders(hub))["A"][:2] == (999, "refunded")
        assert counts(await take(hub, path)) == (0, 0, 3, 0)


async def test_a_broken_order_is_put_aside_whole_and_comes_in_once_mended(tmp_path):
    broken = write(tmp_path / "f.csv", [*LINES[:2], "A,2010-01-01 10:01,7,,p2,many,1", LINES[3]])
    async with opened(tmp_path / "d") as hub:
        report = await take(hub, broken)
        assert counts(report) == (2, 0, 0, 1)
        assert (report.lines, report.lines_aside) == (4, 2)
        assert set(await orders(hub)) == {"B", "C"}
        rows = list(csv.DictReader((tmp_path / "f.csv.errors.csv").open()))
        assert [row["line"] for row in rows] == ["2", "4"]
        assert rows[1]["reason"] == "quantity: 'many' is not a number"
        assert msgspec.json.decode(rows[1]["row"])["product_id"] == "p2"
        assert counts(await take(hub, write(tmp_path / "f.csv", LINES))) == (1, 0, 2, 0)
        assert not (tmp_path / "f.csv.errors.csv").exists()


async def test_a_list_of_errors_never_overwrites_another_file(tmp_path):
    (tmp_path / "f.csv.errors.csv").write_text("precious\n")
    async with opened(tmp_path / "d") as hub:
        with pytest.raises(NotOurs):
            await take(hub, write(tmp_path / "f.csv", LINES))
        assert await log_size(hub) == 0


async def test_ids_that_stand_for_nobody_do_not_make_one_giant(tmp_path):
    lines = [f"{i},2010-01-01,{who},,p,1,1" for i, who in enumerate(["0", "guest", "NULL", "0.0"])]
    async with opened(tmp_path / "d") as hub:
        report = await take(hub, write(tmp_path / "f.csv", lines))
        assert report.nobodys == 4
        assert await hub.database.fetch("SELECT id FROM person") == []
        report = await take(hub, tmp_path / "f.csv", every_customer=True)
        assert counts(report) == (0, 4, 0, 0)
        assert len(await hub.database.fetch("SELECT id FROM person")) == 3


async def test_an_unusable_address_is_counted_and_left_out(tmp_path):
    async with opened(tmp_path / "d") as hub:
        report = await take(hub, write(tmp_path / "f.csv", ["A,2010-01-01,7,not an address,p,1,1"]))
        assert (report.new, report.emails_unusable) == (1, 1)
        assert await hub.database.fetch("SELECT email FROM person") == [("",)]


class Killed(Exception):
    """Stands for the death of the process."""


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(flow, "BATCH_ORDERS", 2)


async def test_a_killed_import_goes_on(tmp_path, small_batches):
    lines = [f"O{i},2010-01-01,c{i % 3},,p,{'x' if i in (1, 7) else i},1" for i in range(9)]
    path = write(tmp_path / "f.csv", lines)
    seen = []

    def die(done, total):
        seen.append(done)
        if done >= 4:
            raise Killed

    async with opened(tmp_path / "d") as hub:
        errors = flow.ErrorsFile(tmp_path / "f.csv.errors.csv", tuple(order_file(path).mapping))
        with pytest.raises(Killed):
            await flow.import_orders(hub, order_file(path), errors, die)
    assert seen == [0, 2, 4]
    async with opened(tmp_path / "d") as hub:
        report = await take(hub, path)
        assert report.resumed
        assert counts(report) == (7, 0, 0, 2)
        assert report.lines == 9
        assert len(await orders(hub)) == 7
        assert await log_size(hub) == 7
        rows = list(csv.DictReader((tmp_path / "f.csv.errors.csv").open()))
        assert [row["line"] for row in rows] == ["3", "9"]


async def test_killed_between_the_orders_and_the_note_of_them(tmp_path, small_batches):
    path = write(tmp_path / "f.csv", [f"O{i},2010-01-01,c,,p,1,1" for i in range(5)])
    async with opened(tmp_path / "d") as hub:
        plain = hub.database.write

        async def full(writes):
            if writes[0][0] == flow.RUN_SQL:
                raise StoreUnavailable("the disk is full")
            await plain(writes)

        hub.database.write = full
        with pytest.raises(StoreUnavailable):
            await take(hub, path)
    async with opened(tmp_path / "d") as hub:
        report = await take(hub, path)
        assert counts(report) == (3, 0, 2, 0)
        assert await log_size(hub) == 5


async def test_other_settings_read_the_file_anew(tmp_path):
    path = write(tmp_path / "f.csv", LINES)
    async with opened(tmp_path / "d") as hub:
        await take(hub, path)
        report = await take(hub, path, timezone="America/New_York")
        assert (report.repeated, report.replaced) == (False, 3)


async def test_dates_of_the_vendor_decide_when_there_are_some(tmp_path):
    mapping = {"order_id": "no", "placed_at": "at", "updated_at": "who", "status": "mail",
               "product_id": "what", "quantity": "n", "unit_price": "each"}  # fmt: skip
    async with opened(tmp_path / "d") as hub:
        new = write(tmp_path / "new.csv", ["A,2010-01-01,2010-03-01,refunded,p,1,1"])
        await take(hub, new, mapping=mapping)
        old = write(tmp_path / "old.csv", ["A,2010-01-01,2010-02-01,paid,p,1,1"])
        await take(hub, old, mapping=mapping)
        assert (await orders(hub))["A"][1] == "refunded"


async def test_postgresql_takes_the_same_file(tmp_path):
    path = write(tmp_path / "f.csv", [*LINES, "D,never,7,,p,1,1"])
    mended = write(tmp_path / "m.csv", ["A,2009-12-31 10:00,7,ann@x.nl,p1,1,1.50"])
    url = fresh_database(postgres_url())
    async with opened(tmp_path / "d", database_url=url) as hub:
        assert counts(await take(hub, path)) == (3, 0, 0, 1)
        assert counts(await take(hub, path)) == (0, 0, 3, 1)
        assert counts(await take(hub, mended)) == (0, 1, 0, 0)
        assert (await orders(hub))["A"][0] == 150
