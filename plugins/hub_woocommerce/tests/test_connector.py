"""The connector against the stand-in over real HTTP: signing in, moving lists, webhooks."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from hub_woocommerce import shapes
from hub_woocommerce.client import Shop, site_address
from hub_woocommerce.connector import TOPICS, WooCommerce
from hub_woocommerce.standin import StandIn, posting
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.sdk.client import Denied
from hub.sdk.connector import Context, Page, form_errors
from hub.sdk.errors import Broken, NeedsAttention
from hub.sdk.loopback import serving
from hub.sdk.records import Customer, Deleted, Order, Product, RefundSighting
from hub.sdk.secret import SecretText
from hub.sdk.testing import pull_all
from hub.sdk.webhooks import Forged, sign_base64

from .conftest import KEY, SECRET, WEBHOOK_SECRET, WooRig

HOOK = "http://127.0.0.1:1/hooks/woo?src=t"


async def pages(
    rig: WooRig, stream: str, cursor: Any = None, ctx: Context | None = None
) -> list[Page]:
    return [page async for page in rig.connector.pull(ctx or rig.context(), stream, cursor)]


def records(found: list[Page]) -> list[Any]:
    return [sighting.record for page in found for sighting in page.sightings]


# -- the form and its test ------------------------------------------------------------------


async def test_the_test_tells_name_currency_and_version(rig: WooRig) -> None:
    result = await rig.connector.check(rig.context())
    assert result.details == {
        "shop": "Stand-in shop",
        "currency": "EUR",
        "api": "wc/v3",
        "woocommerce": "11.0.1",
        "orders": "32",
    }
    assert result.learned == {"currency": "EUR"}


def test_the_form_is_complete() -> None:
    fields = WooCommerce().fields
    assert set(form_errors(fields, {})) == {"url", "consumer_key", "consumer_secret"}
    right = {"url": "https://a.example", "consumer_key": "k", "consumer_secret": "s"}
    assert form_errors(fields, right) == {}
    assert set(form_errors(fields, {**right, "url": "a.example", "auth": "x"})) == {"url", "auth"}
    assert {f.key for f in fields if f.kind == "secret"} == {"consumer_key", "consumer_secret"}


@pytest.mark.parametrize("tail", ["", "/", "/wp-json", "/wp-json/wc/v3/orders", "/wp-admin/?x=1"])
def test_what_people_paste_after_the_address_is_dropped(tail: str) -> None:
    assert site_address(f" https://shop.example/sub{tail} ") == "https://shop.example/sub"


def test_an_address_with_a_query_is_refused() -> None:
    with pytest.raises(NeedsAttention, match="address only"):
        site_address("https://shop.example/?page=1")


async def test_missing_keys_are_named(rig: WooRig) -> None:
    result = await rig.connector.check(rig.context(secret={"consumer_key": SecretText("x")}))
    assert (result.ok, "consumer secret" in result.message) == (False, True)


async def test_an_inner_address_is_not_called(rig: WooRig) -> None:
    url = rig.url.replace("127.0.0.1", "localhost")
    for address in (url, url.replace("localhost", "127.1"), "http://169.254.169.254"):
        result = await rig.connector.check(rig.context(url=address))
        assert not result.ok
        assert "operator" in result.message
    assert rig.faults.log == []


# -- signing in -----------------------------------------------------------------------------


async def test_basic_over_plain_http_is_refused_with_advice(rig: WooRig) -> None:
    result = await rig.connector.check(rig.context(auth="basic"))
    assert not result.ok
    assert "cannot list resources" in result.message
    assert "another way to sign in" in result.message


@pytest.mark.parametrize("way", ["basic", "query", "oauth"])
async def test_each_way_to_sign_in_works_where_it_may(rig: WooRig, way: str) -> None:
    rig.shop.tls = True
    assert (await rig.connector.check(rig.context(auth=way))).ok


async def test_a_wrong_secret_is_told_from_a_wrong_key(rig: WooRig) -> None:
    rig.shop.tls = True
    wrong = {"consumer_key": SecretText(KEY), "consumer_secret": SecretText("no")}
    result = await rig.connector.check(rig.context(auth="basic", secret=wrong))
    assert "Consumer secret is invalid" in result.message


async def test_a_repeated_request_has_a_new_nonce(rig: WooRig) -> None:
    rig.faults.next = ["", "503", ""]
    assert (await rig.connector.check(rig.context())).ok
    assert len(rig.shop.nonces) == 4  # a used one is refused: the stand-in keeps them


async def test_a_clock_that_is_wrong_is_refused_by_the_shop(rig: WooRig) -> None:
    late = copy.copy(rig.clock)
    late.advance(3600)
    ctx = rig.context()
    ctx = Context(ctx.config, ctx.secret, ctx.client, ctx.state, late, ctx.shop)
    result = await rig.connector.check(ctx)
    assert "timestamp" in result.message


async def test_a_signed_request_cannot_be_altered_or_sent_twice(rig: WooRig) -> None:
    await Shop(rig.context()).get("/orders", {"per_page": "1"})
    path, _, query = rig.faults.log[-1].removeprefix("GET ").partition("?")
    params = [tuple(pair.split("=", 1)) for pair in query.split("&")]
    unquoted = [(k, unquote(v)) for k, v in params]
    with pytest.raises(Denied, match="nonce"):
        await rig.client.request("GET", rig.url + path, params=unquoted)
    more = [(k, "100" if k == "per_page" else v) for k, v in unquoted]
    with pytest.raises(Denied, match="signature"):
        await rig.client.request("GET", rig.url + path, params=more)


async def test_plain_permalinks(rig: WooRig) -> None:
    ctx = rig.context(plain_permalinks="true")
    assert (await rig.connector.check(ctx)).ok
    assert len(records(await pages(rig, "orders", ctx=ctx))) == 34


async def test_a_site_without_woocommerce_says_so(rig: WooRig) -> None:
    with pytest.raises(NeedsAttention, match="WooCommerce active"):
        await Shop(rig.context()).get("/carts")


async def test_a_redirect_names_the_address_to_enter(rig: WooRig) -> None:
    async def moved(request: Request) -> Response:
        return Response(status_code=301, headers={"Location": "https://www.shop.example/?a=b"})

    async with serving(Starlette(routes=[Route("/{p:path}", moved)])) as url:
        result = await rig.connector.check(rig.context(url=url))
    assert "https://www.shop.example/;" in result.message


async def test_an_object_where_a_list_was_asked_for_stops_the_run(rig: WooRig) -> None:
    with pytest.raises(Broken, match="list"):
        await Shop(rig.context()).listing("/data/currencies/current", {})
    with pytest.raises(Broken, match="object"):
        await Shop(rig.context()).one("/orders")


# -- reading --------------------------------------------------------------------------------


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


# -- webhooks -------------------------------------------------------------------------------


class Receiver:
    """A hub that takes deliveries, or fails."""

    def __init__(self, rig: WooRig) -> None:
        self.rig = rig
        self.status = 200
        self.results: list[Any] = []
        self.app = Starlette(routes=[Route("/hooks/woo", self.take, methods=["POST"])])

    async def take(self, request: Request) -> Response:
        if self.status != 200:
            return Response(status_code=self.status)
        ctx = self.rig.context()
        try:
            result = self.rig.connector.webhook(
                ctx.config,
                [WEBHOOK_SECRET],
                request.headers,
                await request.body(),
                shop=ctx.shop,
                received_at=self.rig.clock.now(),
            )
        except Forged:
            return Response(status_code=401)
        self.results.append(result)
        return Response(status_code=200)


@pytest.fixture
async def receiver(rig: WooRig) -> AsyncIterator[tuple[Receiver, str]]:
    rig.shop.tables.webhooks.clear()
    rig.shop.pending()
    taking = Receiver(rig)
    async with serving(taking.app) as url:
        yield taking, f"{url}/hooks/woo?src=t"


async def test_webhooks_are_registered_once(rig: WooRig) -> None:
    rig.shop.tables.webhooks.clear()
    other = rig.shop.save_webhook(
        None, {"topic": "order.created", "secret": "x", "delivery_url": "http://127.0.0.1:2/"}
    )
    before = dict(other)
    ctx = rig.context()
    first = await rig.connector.after_connect(ctx, HOOK)
    assert (first.active, first.renewed) == (len(TOPICS), TOPICS)
    again = await rig.connector.after_connect(ctx, HOOK)
    assert (again.active, again.renewed) == (len(TOPICS), ())
    assert len(rig.shop.tables.webhooks) == len(TOPICS) + 1
    assert rig.shop.tables.webhooks[other["id"]] == before


async def test_a_new_secret_is_given_to_the_shop(rig: WooRig) -> None:
    ctx = rig.context()
    await rig.connector.after_connect(ctx, HOOK)
    secret = {**ctx.secret, "webhook_secret": SecretText("a newer one")}
    newer = Context(ctx.config, secret, ctx.client, ctx.state, ctx.clock, ctx.shop)
    report = await rig.connector.after_connect(newer, HOOK)
    assert report.renewed == TOPICS
    rig.shop.set_order_status(42, "completed")
    sent = [d for d in rig.shop.pending() if d.url == HOOK and d.headers.get("X-WC-Webhook-ID")]
    for delivery in sent:
        arguments = (delivery.headers, delivery.body)
        now = rig.clock.now()
        rig.connector.webhook({}, ["a newer one"], *arguments, shop="w", received_at=now)
    assert sent


async def test_a_paused_webhook_stays_paused(rig: WooRig) -> None:
    ctx = rig.context()
    await rig.connector.after_connect(ctx, HOOK)
    paused = next(h for h in rig.shop.tables.webhooks.values() if h["delivery_url"] == HOOK)
    paused["status"] = "paused"
    report = await rig.connector.after_connect(ctx, HOOK)
    assert (paused["status"], report.renewed) == ("paused", ())
    assert paused["topic"] in report.note


async def test_a_key_that_may_only_read_is_no_fault(rig: WooRig) -> None:
    rig.shop.may_write = False
    report = await rig.connector.after_connect(rig.context(), HOOK)
    assert (report.active, report.renewed) == (0, ())
    assert "each sync" in report.note


async def test_deliveries_arrive_over_http(rig: WooRig, receiver: tuple[Receiver, str]) -> None:
    taking, url = receiver
    await rig.connector.after_connect(rig.context(), url)
    assert await rig.shop.deliver(posting(rig.client)) == len(TOPICS)
    assert {result.kind for result in taking.results} == {"ping"}
    taking.results.clear()
    order = rig.shop.create_order([(10, 2)], email="Guest@Example.test")
    rig.shop.set_order_status(order["id"], "completed")
    await rig.shop.deliver(posting(rig.client))
    told = [s.record for result in taking.results for s in result.sightings]
    orders = [r for r in told if isinstance(r, Order)]
    # created, updated: both built when the queue ran, so both tell the last state
    assert [(o.order_id, o.status) for o in orders] == [(str(order["id"]), "fulfilled")] * 2
    assert [r.quantity for r in told if isinstance(r, Product)] == [69]


async def test_seven_failures_switch_a_webhook_off_and_a_sync_on_again(
    rig: WooRig, receiver: tuple[Receiver, str]
) -> None:
    taking, url = receiver
    ctx = rig.context()
    await rig.connector.after_connect(ctx, url)
    await rig.shop.deliver(posting(rig.client))
    taking.status = 500
    for failures in range(1, 8):
        rig.clock.advance(60)
        rig.shop.set_order_status(42, "completed" if failures % 2 else "processing")
        await rig.shop.deliver(posting(rig.client))
        hooks = {h["topic"]: h["status"] for h in rig.shop.tables.webhooks.values()}
        assert hooks["order.updated"] == ("disabled" if failures == 7 else "active")
    taking.status = 200
    report = await rig.connector.after_connect(ctx, url)
    assert report.renewed == ("order.updated",)
    rig.shop.set_order_status(42, "completed")
    assert await rig.shop.deliver(posting(rig.client)) == 1


async def test_a_customer_deleted_before_the_queue_ran(
    rig: WooRig, receiver: tuple[Receiver, str]
) -> None:
    taking, url = receiver
    await rig.connector.after_connect(rig.context(), url)
    await rig.shop.deliver(posting(rig.client))
    taking.results.clear()
    rig.shop.change_customer(4, first_name="X")
    rig.shop.delete_customer(4)
    await rig.shop.deliver(posting(rig.client))
    kinds = [result.kind for result in taking.results]
    assert kinds == ["ignored", "records"]
    assert taking.results[1].sightings[0].record == Deleted("woo", "customer", "4", rig.clock.now())


def test_deliveries_of_one_second_keep_their_own_keys(rig: WooRig) -> None:
    for number in (36, 42, 43):
        rig.shop.set_order_status(number, "completed")
    sent = rig.deliveries()
    ids = {d.headers["X-WC-Webhook-Delivery-ID"] for d in sent}
    ctx, now = rig.context(), rig.clock.now()
    keys = {
        rig.connector.webhook(
            ctx.config, [WEBHOOK_SECRET], d.headers, d.body, shop="w", received_at=now
        ).dedupe_key
        for d in sent
    }
    assert (len(ids), len(keys)) == (1, 3)


def test_a_second_deletion_of_a_restored_order_is_not_a_duplicate(rig: WooRig) -> None:
    keys = []
    for _ in range(2):
        rig.clock.advance(60)
        rig.shop.set_order_status(42, "trash")
        for d in rig.deliveries():
            if d.headers["X-WC-Webhook-Topic"] == "order.deleted":
                now = rig.clock.now()
                result = rig.connector.webhook(
                    {}, [WEBHOOK_SECRET], d.headers, d.body, shop="w", received_at=now
                )
                keys.append(result.dedupe_key)
        rig.clock.advance(60)
        rig.shop.set_order_status(42, "processing")
        rig.deliveries()
    assert len(set(keys)) == 2


def test_a_product_without_a_known_currency_is_put_aside(rig: WooRig) -> None:
    rig.shop.change_product(11, price="1.00")
    sent = rig.deliveries()[0]
    now = rig.clock.now()
    result = rig.connector.webhook(
        {}, [WEBHOOK_SECRET], sent.headers, sent.body, shop="w", received_at=now
    )
    assert (result.sightings, len(result.invalid)) == ((), 1)


def test_a_secret_with_entities_is_decoded_as_woocommerce_does(rig: WooRig) -> None:
    headers = {"x-wc-webhook-topic": "order.deleted"}
    headers["x-wc-webhook-signature"] = sign_base64("a&b", b'{"id":7}')
    now = rig.clock.now()
    result = rig.connector.webhook({}, ["a&amp;b"], headers, b'{"id":7}', shop="w", received_at=now)
    assert result.kind == "records"


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b"{", b'"x"', b'{"id":"7"}', b'{"id":-1}', b"\xff"]
)
def test_signed_nonsense_is_ignored(rig: WooRig, body: bytes) -> None:
    headers = {"X-WC-Webhook-Topic": "order.updated"}
    headers["X-WC-Webhook-Signature"] = sign_base64(WEBHOOK_SECRET, body)
    now = rig.clock.now()
    result = rig.connector.webhook({}, [WEBHOOK_SECRET], headers, body, shop="w", received_at=now)
    assert result.sightings == ()
