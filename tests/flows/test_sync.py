"""Reading a whole shop over HTTP: to the cent, again without effect, and after every fault."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from hub.catalogue.sightings import sighting_entry
from hub.clock import FixedClock
from hub.flows.sources_admin import change_source
from hub.flows.sync import start_sync, take_in
from hub.jobs.schedule import RETRY_MS, SYNC_EVERY_MS, Schedule
from hub.sdk.loopback import serving
from hub.sdk.records import Sighting
from tests.connected import NOW, PLUGINS, SECRET, Connected, connected_hub, open_connected, sums
from tests.shop import Shop, order, product


@pytest.fixture
async def woo(tmp_path: Path) -> AsyncIterator[Connected]:
    async with open_connected(tmp_path) as opened:
        yield opened


def later(woo: Connected, **by: float) -> None:
    woo.door.shop.later(**by)


async def test_the_books_agree_and_a_second_reading_changes_nothing(woo: Connected) -> None:
    await woo.save()
    row = await woo.sync()
    assert (row.status, row.last_error) == ("ready", "")
    progress = await woo.progress()
    assert set(progress) == {"products", "variations", "customers", "orders", "refunds"}
    assert all(line["state"] == "done" for line in progress.values())
    assert progress["orders"]["done"] == len(woo.shop.tables.orders)
    books = woo.books()
    assert len(books) > 10
    assert await woo.orders() == books
    assert sums(await woo.orders()) == sums(books)
    assert set(await woo.products()) == {str(key) for key in woo.shop.tables.products}
    seq = await woo.seq()
    for _ in range(2):
        later(woo, minutes=20)
        assert (await woo.sync()).last_error == ""
        assert await woo.seq() == seq
    assert row.last_sync_at < (await woo.row()).last_sync_at


def change(woo: Connected) -> None:
    """A busy hour in the shop."""
    shop = woo.shop
    ids = list(shop.tables.products)
    sold = [i for i in ids if shop.tables.products[i]["price"]]
    made = shop.create_order([(sold[0], 2), (sold[1], 1)], email="new@example.com")
    later(woo, seconds=10)
    old = next(row["id"] for row in shop.tables.orders.values() if row["status"] == "processing")
    shop.set_order_status(old, "completed")
    shop.refund(made["id"], "1.05", "scratched")
    shop.change_product(sold[0], price="12.34", regular_price="12.34")
    shop.change_product(sold[2], status="trash")
    other = shop.create_order([(sold[1], 1)], email="gone@example.com")
    later(woo, seconds=10)
    shop.set_order_status(other["id"], "trash")
    third = shop.create_order([(sold[0], 1)], email="back@example.com")
    later(woo, seconds=10)
    shop.refund(third["id"], third["total"])


async def state(woo: Connected) -> tuple[object, ...]:
    return await woo.orders(), await woo.products()


async def test_told_by_webhooks_or_found_by_reading_it_is_the_same_shop(tmp_path: Path) -> None:
    found = []
    for way in ("webhooks", "reading"):
        async with open_connected(tmp_path / way) as woo:
            await woo.save()
            await woo.sync()
            await woo.deliver()  # the pings
            later(woo, hours=1)
            change(woo)
            if way == "webhooks":
                answers = await woo.deliver()
                assert {answer.status_code for answer in answers} == {200}
                # What a webhook only hints at, refunds here, the next reading brings at once.
                assert woo.door.shop.hub.wanted == {woo.id}
                partly = await state(woo)
            later(woo, minutes=5)
            assert (await woo.sync()).last_error == ""
            found.append(await state(woo))
            assert await woo.orders() == woo.books()
            if way == "webhooks":
                # All but the refunds was known before the reading.
                assert partly[1] == found[0][1]
    assert found[0] == found[1]


@pytest.mark.full
@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_in_the_shop_the_books_agree(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    async with open_connected(tmp_path) as woo:
        await woo.save()
        await woo.sync()
        shop = woo.shop
        sold = [i for i, row in shop.tables.products.items() if row["price"]]
        for _ in range(8):
            for _ in range(chance.randrange(1, 8)):
                number = chance.choice(list(shop.tables.orders))
                match chance.randrange(4):
                    case 0:
                        shop.create_order([(chance.choice(sold), 2)], email="a@example.com")
                    case 1:
                        statuses = ["processing", "completed", "cancelled", "on-hold", "trash"]
                        shop.set_order_status(number, chance.choice(statuses))
                    case 2 if shop.tables.orders[number]["status"] in {"processing", "completed"}:
                        shop.refund(number, f"0.{chance.randrange(1, 99):02}")
                    case _:
                        shop.change_product(chance.choice(sold), price=f"{chance.randrange(99)}.10")
                later(woo, seconds=chance.choice([0, 0, 1, 400]))
            deliveries = shop.pending()
            chance.shuffle(deliveries)
            for delivery in deliveries[: chance.randrange(len(deliveries) + 1)]:
                await woo.door.http.post(
                    delivery.url, content=delivery.body, headers=delivery.headers
                )
            later(woo, seconds=chance.choice([1, 600]))
            await woo.sync()
            assert await woo.orders() == woo.books()


@pytest.fixture
async def small_steps(tmp_path: Path) -> AsyncIterator[Connected]:
    """The same shop, read three at a time."""
    async with open_connected(tmp_path, plugins_path=[PLUGINS / "swap"]) as opened:
        yield opened


async def test_a_broken_run_goes_on_where_it_was(small_steps: Connected) -> None:
    woo, hub = small_steps, small_steps.door.shop.hub
    await woo.save()
    # The shop falls ill in the middle of its list of orders.
    woo.weather.instead, woo.weather.path = (500, "text/plain", b"oops"), "/orders"
    woo.weather.after = 3
    row = await woo.sync()
    assert (row.last_sync_at, "500" in row.last_error) == (0, True)
    assert 0 < len(await woo.orders()) < len(woo.books())
    seq = await woo.seq()
    woo.weather.clear()
    row = await woo.sync()
    assert (row.status, row.last_error) == ("ready", "")
    assert await woo.orders() == woo.books()
    # Nothing that was stored by the broken run was stored again.
    sql = "SELECT COUNT(*), COUNT(DISTINCT body) FROM log WHERE name = 'order' AND seq > ?"
    ((n, different),) = await hub.database.fetch(sql, (seq,))
    assert n == different < len(woo.books())
    sql = "SELECT COUNT(*) FROM log WHERE name = 'product' AND seq > ?"
    assert await hub.database.fetch(sql, (seq,)) == [(0,)]


async def test_a_run_that_is_stopped_goes_on_after_a_restart(tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    async with open_connected(tmp_path / "a", clock) as woo:
        await woo.save()
        woo.weather.asked.clear()
        assert await start_sync(woo.door.shop.hub, woo.id)
        assert not await start_sync(woo.door.shop.hub, woo.id)
        while (await woo.progress()).get("products", {}).get("state") != "done":
            pass
        await woo.door.shop.hub.runs.close()  # type: ignore[attr-defined]
        row = await woo.row()
        assert (row.status, "goes on" in row.last_error, row.last_sync_at) == ("ready", True, 0)
        woo.weather.asked.clear()
        later(woo, minutes=2)
        await Schedule(woo.door.shop.hub).sync_due()
        runs = woo.door.shop.hub.runs
        await asyncio.gather(*runs._tasks.values())  # type: ignore[attr-defined]
        await woo.seq()
        assert (await woo.row()).last_error == ""
        assert await woo.orders() == woo.books()


@pytest.mark.parametrize(
    ("instead", "status", "words"),
    [
        ((500, "text/plain", b"oops"), "ready", "500"),
        ((503, "text/html", b"<h1>Maintenance</h1>"), "ready", "503"),
        ((200, "text/html", b"<html>Please log in</html>"), "ready", "web page"),
        ((401, "application/json", b'{"code":"x","message":"No"}'), "attention", "401"),
        ((200, "application/json", b'{"a":1}'), "ready", "answered"),
    ],
)
async def test_a_sick_shop_is_described_and_recovers(
    woo: Connected, instead: tuple[int, str, bytes], status: str, words: str
) -> None:
    await woo.save()
    before = await woo.seq()
    woo.weather.instead = instead
    row = await woo.sync()
    assert (row.status, words in row.last_error) == (status, True), row.last_error
    assert_plain(row.last_error)
    assert (row.last_sync_at, await woo.seq()) == (0, before)
    woo.weather.clear()
    row = await woo.sync()
    assert (row.status, row.last_error) == ("ready", "")
    assert await woo.orders() == woo.books()


def assert_plain(words: str) -> None:
    """Words for a person: no secret, no stack, no page of HTML."""
    assert words
    for wrong in (SECRET, "Traceback", "<html", "<h1", "Error(", "object at", "oauth_signature"):
        assert wrong not in words, words


async def test_a_shop_that_is_gone_is_left_in_peace_and_comes_back(tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    async with open_connected(tmp_path, clock) as woo:
        await woo.save()
        number = woo.id
        port = int(woo.address.rpartition(":")[2])
    async with connected_hub(tmp_path, clock) as door:
        gone = Connected(door, woo.shop, woo.weather, woo.address, number)
        row = await gone.sync()
        assert (row.status, "again" in row.last_error) == ("ready", True)
        assert_plain(row.last_error)
        started: list[int] = []
        door.shop.hub.runs = _Counting(started)
        schedule = Schedule(door.shop.hub)
        for _ in range(20):
            await schedule.sync_due()
            door.shop.later(seconds=5)
        assert len(started) == 2  # at once, and after a minute
        door.shop.later(milliseconds=RETRY_MS)
        await schedule.sync_due()
        assert len(started) == 3
        async with serving(woo.weather, port):
            assert (await gone.sync()).last_error == ""
            assert await gone.orders() == gone.books()
        await schedule.sync_due()
        assert len(started) == 3  # just read
        door.shop.later(milliseconds=SYNC_EVERY_MS + 1)
        await schedule.sync_due()
        assert len(started) == 4


class _Counting:
    """Notes which syncs would start."""

    def __init__(self, started: list[int]) -> None:
        self.started = started
        self.busy = False

    def start(self, connection_id: int) -> bool:
        if not self.busy:
            self.started.append(connection_id)
        return not self.busy

    async def close(self) -> None:
        pass


async def test_a_wish_during_a_run_is_kept_for_the_next(woo: Connected) -> None:
    await woo.save()
    await woo.sync()
    hub = woo.door.shop.hub
    runs = _Counting([])
    hub.runs = runs
    schedule = Schedule(hub)
    hub.wanted, runs.busy = {woo.id}, True
    await schedule.sync_due()
    runs.busy = False
    await schedule.sync_due()
    await schedule.sync_due()
    assert runs.started == [woo.id]


async def test_closing_lets_a_tick_end(lite: Shop) -> None:
    """A mail that was handed over just now must be noted as sent before the hub leaves."""
    schedule = Schedule(lite.hub)
    schedule.start()
    begun, go_on, done = asyncio.Event(), asyncio.Event(), []

    async def tick() -> None:
        begun.set()
        await go_on.wait()
        done.append("noted")
        raise ValueError("and a fault at its end harms nobody")

    running = asyncio.create_task(_awaited(schedule.guarded(tick)))
    await begun.wait()
    closing = asyncio.create_task(schedule.close())
    await lite.hub.database.fetch("SELECT 1")
    assert not closing.done()
    go_on.set()
    await closing
    await running
    assert done == ["noted"]


async def _awaited(run: Callable[[], Awaitable[None]]) -> None:
    await run()


async def test_a_full_disk_during_a_run(woo: Connected) -> None:
    await woo.save()
    await woo.door.fill_disk()
    assert await start_sync(woo.door.shop.hub, woo.id)
    runs = woo.door.shop.hub.runs
    await asyncio.gather(*runs._tasks.values())  # type: ignore[attr-defined]
    await woo.door.free_disk()
    row = await woo.sync()
    assert (row.status, row.last_error) == ("ready", "")
    assert await woo.orders() == woo.books()


async def test_a_source_that_is_switched_off_is_not_read(woo: Connected) -> None:
    await woo.save()
    hub = woo.door.shop.hub
    source = (await woo.row()).source_id
    await change_source(hub, source, identify="claim", enabled=False)
    woo.weather.asked.clear()
    await Schedule(hub).sync_due()
    row = await woo.sync()
    assert (woo.weather.asked, "switched off" in row.last_error) == ([], True)
    await change_source(hub, source, identify="claim", enabled=True)
    assert (await woo.sync()).last_error == ""
    assert await woo.orders() == woo.books()


async def test_a_return_to_an_earlier_state_is_news(shop: Shop) -> None:
    """Within one second: paid, cancelled, paid again. The vendor's date is the same each time."""
    source = shop.sources["connector"].id
    paid, cancelled = order("o1"), order("o1", status="cancelled")
    older = order("o1", status="pending", updated_at=paid.placed_at.replace(year=2020))
    stored = []
    for record, status in (
        (older, "pending"), (paid, "paid"), (cancelled, "cancelled"), (cancelled, "cancelled"),
        (paid, "paid"), (paid, "paid"), (older, "paid"), (cancelled, "cancelled"), (paid, "paid"),
    ):  # fmt: skip
        stored.append(await take_in(shop.hub, source, [Sighting(record)], ()))
        await shop.settle()
        ((found,),) = await shop.hub.database.fetch("SELECT status FROM shop_order")
        assert found == status
    # Again what is in force, or older than it: not stored a second time.
    assert stored == [1, 2, 3, 3, 4, 4, 1, 5, 6]
    both = [Sighting(cancelled), Sighting(paid), Sighting(paid), Sighting(cancelled)]
    assert await take_in(shop.hub, source, both, ()) == 9
    price = [product("p1", price=100 + n % 2) for n in range(3)]
    await take_in(shop.hub, source, [Sighting(p) for p in price], ())
    await shop.settle()
    state = shop.hub.catalogue.get("linen", "p1")
    assert state is not None and state.product.price == 100
    ((rows,),) = await shop.hub.database.fetch("SELECT COUNT(*) FROM log")
    ((keys,),) = await shop.hub.database.fetch("SELECT COUNT(*) FROM dedupe")
    assert (rows, keys) == (12, 3 + 2 + 2)  # contents, and one row for each thing


async def test_two_hands_at_once_store_one_sighting(shop: Shop) -> None:
    source = shop.sources["connector"].id
    a, b = order("o1"), order("o1", status="cancelled")
    for record in (a, b):
        await take_in(shop.hub, source, [Sighting(record)], ())
    entry = sighting_entry(a, None, source_id=source, received_at=shop.now)
    outcomes = await asyncio.gather(*(shop.hub.writer.append([entry]) for _ in range(20)))
    assert sorted({outcome.seq for (outcome,) in outcomes}) == [3]
    assert sum(not outcome.duplicate for (outcome,) in outcomes) == 1
