"""Webhooks: registered, delivered over real HTTP, verified, read once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hub_woocommerce.connector import TOPICS
from hub_woocommerce.standin import posting
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.sdk.connector import Context
from hub.sdk.loopback import serving
from hub.sdk.records import Deleted, Order, Product
from hub.sdk.secret import SecretText
from hub.sdk.webhooks import Forged, sign_base64

from .conftest import WEBHOOK_SECRET, WooRig

HOOK = "http://127.0.0.1:1/hooks/woo?src=t"


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
                url=str(request.url),
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
        rig.connector.webhook({}, ["a newer one"], *arguments, shop="w", url=HOOK, received_at=now)
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
            ctx.config, [WEBHOOK_SECRET], d.headers, d.body, shop="w", url=HOOK, received_at=now
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
                    {}, [WEBHOOK_SECRET], d.headers, d.body, shop="w", url=HOOK, received_at=now
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
        {}, [WEBHOOK_SECRET], sent.headers, sent.body, shop="w", url=HOOK, received_at=now
    )
    assert (result.sightings, len(result.invalid)) == ((), 1)


def test_a_secret_with_entities_is_decoded_as_woocommerce_does(rig: WooRig) -> None:
    headers = {"x-wc-webhook-topic": "order.deleted"}
    headers["x-wc-webhook-signature"] = sign_base64("a&b", b'{"id":7}')
    now = rig.clock.now()
    result = rig.connector.webhook(
        {}, ["a&amp;b"], headers, b'{"id":7}', shop="w", url=HOOK, received_at=now
    )
    assert result.kind == "records"


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b"{", b'"x"', b'{"id":"7"}', b'{"id":-1}', b"\xff"]
)
def test_signed_nonsense_is_ignored(rig: WooRig, body: bytes) -> None:
    headers = {"X-WC-Webhook-Topic": "order.updated"}
    headers["X-WC-Webhook-Signature"] = sign_base64(WEBHOOK_SECRET, body)
    now = rig.clock.now()
    result = rig.connector.webhook(
        {}, [WEBHOOK_SECRET], headers, body, shop="w", url=HOOK, received_at=now
    )
    assert result.sightings == ()
