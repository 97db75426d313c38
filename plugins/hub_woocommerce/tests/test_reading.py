"""Reading the stand-in over real HTTP: moving lists, cursors, variations, refunds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hub_woocommerce import shapes
from hub_woocommerce.connector import WooCommerce
from hub_woocommerce.standin import StandIn
from starlette.responses import JSONResponse

from hub.sdk.loopback import serving
from hub.sdk.records import Customer, Order, Product, RefundSighting
from hub.sdk.testing import pull_all

from .conftest import KEY, SECRET, WooRig, pages, records


async def test_all_of_the_recorded_shop_is_read(rig: WooRig) -> None:
    sightings, _ = await pull_all(rig.connector, rig.context())
    found = [sighting.record for sighting in sightings]
    orders = {r.order_id: r for r in found if isinstance(r, Order)}
    assert len(orders) == 34
    assert orders["16"].status == "pending"  # a draft: "any" leaves it out
    assert orders["15"].deleted  # in the trash: "any" leaves it out
    assert {r.product_id for r in found if isinstance(r, Product)} == {"10", "11", "48"}
    assert "1" in {r.customer_id for r in found if isinstance(r, Customer)}  # role=all
    assert [r.order_id for r in found if isinstance(r, RefundSighting)] == ["41"]
    shirt = next(r for r in found if isinstance(r, Product) and r.product_id == "48")
    assert [v.variant_id for v in shirt.variants or ()] == ["49"]


async def test_times_are_sent_as_naive_gmt_with_the_flag(rig: WooRig) -> None:
    _, cursors = await pull_all(rig.connector, rig.context())
    rig.faults.log.clear()
    await pages(rig, "orders", cursors["orders"])
    asked = [line for line in rig.faults.log if "modified_after" in line]
    assert asked
    # five minutes before the newest recorded change, at 16:58:18 GMT
    assert "modified_after=2026-11-23T16%3A53%3A18&" in asked[0]
    for line in asked:
        assert "dates_are_gmt=true" in line
        assert "Z&" not in line.partition("modified_after=")[2][:30]  # would be shifted twice


async def test_no_page_is_larger_than_allowed(rig: WooRig) -> None:
    big = WooCommerce()
    found = [page async for page in big.pull(rig.context(), "orders", None)]
    assert len(records(found)) == 34
    assert all("per_page=100" in line for line in rig.faults.log)


async def test_an_order_changed_while_reading_is_not_skipped(rig: WooRig) -> None:
    got: list[Any] = []
    async for page in rig.connector.pull(rig.context(), "orders", None):
        got += [s.record for s in page.sightings]
        if len(got) < 30:  # an early row leaves the pages that come
            rig.clock.advance(1)
            rig.shop.set_order_status(int(got[0].order_id), "trash")
            rig.shop.set_order_status(int(got[1].order_id), "completed")
    assert {r.order_id for r in got} == {str(n) for n in rig.shop.tables.orders}


async def test_customers_deleted_while_reading_hide_no_other(rig: WooRig) -> None:
    wanted = {str(n) for n in rig.shop.tables.customers}
    got: set[str] = set()
    async for page in rig.connector.pull(rig.context(), "customers", None):
        got |= {s.record.customer_id for s in page.sightings}  # type: ignore[union-attr]
        if len(got) == 10:
            for number in (1, 3, 4, 60, 61):
                rig.shop.delete_customer(number)
    assert got == wanted


async def test_an_import_of_one_second_is_read_whole(rig: WooRig) -> None:
    for number in range(1000, 1087):
        row = shapes.order(number, [], rig.clock.now(), email=f"i{number}@example.test")
        rig.shop.tables.orders[number] = row
    found = records(await pages(rig, "orders"))
    assert {r.order_id for r in found} == {str(n) for n in rig.shop.tables.orders}
    assert len(found) == len(rig.shop.tables.orders)  # and nothing twice


async def test_a_row_that_was_written_late_is_read_next_time(rig: WooRig) -> None:
    cursor = (await pages(rig, "orders"))[-1].cursor
    late = datetime(2026, 11, 23, 16, 57, tzinfo=UTC)  # before the newest that was read
    rig.shop.tables.orders[900] = shapes.order(900, [], late, email="l@example.test")
    assert "900" in {r.order_id for r in records(await pages(rig, "orders", cursor))}


async def test_a_shop_whose_clock_runs_ahead_loses_nothing(rig: WooRig) -> None:
    ahead = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
    rig.shop.tables.orders[900] = shapes.order(900, [], ahead, email="a@example.test")
    cursor = (await pages(rig, "orders"))[-1].cursor
    assert datetime.fromisoformat(cursor["since"]) == rig.clock.now()  # the run's own start
    rig.clock.advance(600)
    rig.shop.create_order([(10, 1)], email="b@example.test")
    found = {r.order_id for r in records(await pages(rig, "orders", cursor))}
    assert {"900", "901"} <= found


async def test_a_cursor_of_another_time_reads_everything(rig: WooRig) -> None:
    for cursor in ({"since": "soon"}, {"page": 3}, {"position": -4, "last": "x"}):
        assert len(records(await pages(rig, "orders", cursor))) == 34
        assert len(records(await pages(rig, "customers", cursor))) == 18


async def test_one_bad_order_is_put_aside(rig: WooRig) -> None:
    rig.shop.tables.orders[20]["currency"] = None
    rig.shop.tables.orders[21]["total"] = "n/a"
    found = await pages(rig, "orders")
    invalid = {i.id: i.reason for page in found for i in page.invalid}
    assert set(invalid) == {"20", "21"}
    assert "currency" in invalid["20"]
    assert len(records(found)) == 32


async def test_a_changed_variation_brings_its_product(rig: WooRig) -> None:
    rig.clock.advance(3600)
    rig.shop.change_product(10, price="9.95")
    _, cursors = await pull_all(rig.connector, rig.context())
    rig.clock.advance(3600)
    rig.shop.change_variation(49, price="25.00", stock_status="outofstock")
    assert "48" not in {
        r.product_id for r in records(await pages(rig, "products", cursors["products"]))
    }
    products = records(await pages(rig, "variations", cursors["variations"]))
    assert [(v.price, v.stock) for v in products[0].variants] == [(2500, "no")]


async def test_the_first_reading_does_not_read_all_variations_twice(rig: WooRig) -> None:
    ctx = rig.context()
    rig.clock.advance(3600)
    await pages(rig, "products", ctx=ctx)
    assert records(await pages(rig, "variations", ctx=ctx)) == []


async def test_an_older_shop_without_the_list_of_variations(rig: WooRig) -> None:
    class Older:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if scope["path"].endswith("/v3/variations"):
                missing = shapes.recorded("route_unknown")
                answer = JSONResponse(missing["body"], missing["status"])
                await answer(scope, receive, send)
            else:
                await rig.shop.app(scope, receive, send)

    async with serving(Older()) as url:
        found = await pages(rig, "variations", ctx=rig.context(url=url))
    assert {r.product_id for r in records(found)} == {"48"}


async def test_refunds_are_told_whole_however_they_are_paged(rig: WooRig) -> None:
    cursor = (await pages(rig, "refunds"))[-1].cursor
    for _ in range(12):
        rig.clock.advance(400)
        rig.shop.refund(35, "1.00")
        rig.shop.refund(41, "1.00")
    rig.shop.set_order_status(35, "trash")
    latest: dict[str, RefundSighting] = {}
    for told in records(await pages(rig, "refunds", cursor)):
        latest[told.order_id] = told
        amounts = sum(refund.amount for refund in told.refunds)
        assert amounts == {"35": 1200, "41": 1700}[told.order_id]
    assert set(latest) == {"35", "41"}


async def test_a_refund_whose_order_is_gone_stops_nothing(rig: WooRig) -> None:
    rig.shop.refund(35, "1.00")
    del rig.shop.tables.orders[35]
    assert [r.order_id for r in records(await pages(rig, "refunds"))] == ["41"]


async def test_an_empty_shop(rig: WooRig) -> None:
    empty = StandIn(rig.clock, products=[], consumer_key=KEY, consumer_secret=SECRET)
    async with serving(empty.app) as url:
        ctx = rig.context(url=url)
        assert (await rig.connector.check(ctx)).ok
        sightings, cursors = await pull_all(rig.connector, ctx)
        assert sightings == []
        assert (await pull_all(rig.connector, ctx, cursors))[0] == []


async def test_a_catalogue_of_ones_own(rig: WooRig) -> None:
    now = rig.clock.now()
    goods = [
        shapes.product(n, f"Thing {n}", "9.50", now, categories=["Things"]) for n in range(1, 151)
    ]
    people = [shapes.customer(1, "a@example.test", now)]
    own = StandIn(
        rig.clock, products=goods, customers=people, consumer_key=KEY, consumer_secret=SECRET
    )
    bought = own.create_order([(5, 2)], email="a@example.test", customer_id=1)
    back = {"id": 950, "reason": "kapot", "total": "-1.00", "total_tax": "0.00"}
    old = shapes.order(900, [(goods[0], 1)], now, email="o@example.test", refunds=[back])
    own = StandIn(
        rig.clock,
        products=goods,
        customers=people,
        orders=[old, bought],
        consumer_key=KEY,
        consumer_secret=SECRET,
    )
    async with serving(own.app) as url:
        sightings, _ = await pull_all(rig.connector, rig.context(url=url))
    found = [s.record for s in sightings]
    assert sum(isinstance(r, Product) for r in found) == 150
    order = next(r for r in found if isinstance(r, Order) and r.order_id == str(bought["id"]))
    assert (order.total, order.status) == (2395, "paid")
    refund = next(r for r in found if isinstance(r, RefundSighting))
    assert (refund.order_id, refund.refunds[0].amount) == ("900", 100)
