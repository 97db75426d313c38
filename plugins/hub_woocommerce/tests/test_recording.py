"""Every recorded case: the stand-in answers as the real shop did, and every recorded webhook
delivery verifies and is read. A new recording that no test uses fails here."""

from __future__ import annotations

import base64
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import orjson
import pytest
from hub_woocommerce import shapes
from hub_woocommerce.connector import WooCommerce
from hub_woocommerce.standin import StandIn

from hub.sdk.connector import WebhookResult
from hub.sdk.records import Customer, Deleted, Order, Product
from hub.sdk.testing import SteppingClock
from hub.sdk.webhooks import Forged

KEY, SECRET = "ck_x", "cs_x"
# how each recorded request signed in, where it was not with the right key over TLS
SIGNED_IN = {
    "auth_bad_key": (("ck_unknown", SECRET), "https"),
    "auth_bad_secret": ((KEY, "cs_wrong"), "https"),
    "auth_basic_over_http": ((KEY, SECRET), "http"),
}
HOOK = "https://hub.example/hooks/1"
RECEIVED = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
CASES = shapes.recorded_names("rest")
DELIVERIES = [
    (kind, name)
    for kind in ("webhooks", "webhooks_failing")
    for name in shapes.recorded_names(kind)
]


def shop() -> StandIn:
    hooks = [
        *shapes.recorded("webhooks")["body"],
        shapes.recorded("webhook_disabled_after_failures")["body"],
    ]
    return StandIn(SteppingClock(), consumer_key=KEY, consumer_secret=SECRET, webhooks=hooks)


async def ask(standin: StandIn, name: str, case: dict[str, Any]) -> httpx.Response:
    pair, proto = SIGNED_IN.get(name, ((KEY, SECRET), "https"))
    token = base64.b64encode(":".join(pair).encode()).decode()
    headers = {"Authorization": f"Basic {token}", "X-Forwarded-Proto": proto}
    request = case["request"]
    transport = httpx.ASGITransport(app=standin.app)
    async with httpx.AsyncClient(transport=transport) as client:
        return await client.request(
            request["method"], request["url"], content=request["body"], headers=headers
        )


def links(header: str) -> dict[str, list[tuple[str, str]]]:
    found = {}
    for part in filter(None, header.split(", ")):
        address, _, rel = part.partition(">; rel=")
        query = urlsplit(address.removeprefix("<")).query
        found[rel.strip('"')] = parse_qsl(query)
    return found


@pytest.mark.parametrize("name", CASES)
async def test_the_stand_in_answers_as_the_shop_did(name: str) -> None:
    case = shapes.recorded(name)
    standin = shop()
    if name == "webhooks":  # recorded before the failing one was made
        del standin.tables.webhooks[12]
    answer = await ask(standin, name, case)
    assert answer.status_code == case["status"]
    assert answer.json() == case["body"]
    wanted = {header.lower(): value for header, value in case["headers"]}
    if "x-wp-total" in wanted:
        assert answer.headers["x-wp-total"] == wanted["x-wp-total"]
        assert answer.headers["x-wp-totalpages"] == wanted["x-wp-totalpages"]
    recorded = {rel: q for rel, q in links(wanted.get("link", "")).items() if "/" not in rel}
    assert links(answer.headers.get("link", "")) == recorded


def read(kind: str, name: str, secret: str | None = None) -> WebhookResult:
    sent = shapes.recorded_delivery(kind, name)
    return WooCommerce().webhook(
        {"currency": "EUR"},
        [sent["secret"] if secret is None else secret],
        dict(sent["headers"]),
        sent["body"].encode(),
        shop="woo",
        url=HOOK,
        received_at=RECEIVED,
    )


@pytest.mark.parametrize(("kind", "name"), DELIVERIES)
def test_a_recorded_delivery_is_verified_and_read(kind: str, name: str) -> None:
    result = read(kind, name)
    assert result.invalid == ()
    topic = name.partition("_")[2]
    if topic == "ping":
        assert result.kind == "ping"
        return
    with pytest.raises(Forged):
        read(kind, name, "not the secret")
    if topic.startswith("coupon") or name in {"034_customer_updated", "102_product_created"}:
        assert result.kind == "ignored"
        return
    assert result.kind == "records"
    kinds = {"order": Order, "customer": Customer, "product": Product}
    wanted = Deleted if topic.endswith("deleted") else kinds[topic.partition("_")[0]]
    assert [type(sighting.record) for sighting in result.sightings] == [wanted]


def test_the_whole_recording_is_read_into_these_kinds() -> None:
    results = [read(kind, name) for kind, name in DELIVERIES]
    assert Counter(result.kind for result in results) == {
        "ping": 12,
        "records": len(DELIVERIES) - 12 - 10,
        "ignored": 10,
    }


def test_one_delivery_id_is_shared_by_many_orders_and_ours_is_not() -> None:
    theirs: set[str] = set()
    ours: dict[str, tuple[str, str]] = {}
    for kind, name in DELIVERIES:
        sent = shapes.recorded_delivery(kind, name)
        headers = {key.lower(): value for key, value in sent["headers"]}
        if "x-wc-webhook-delivery-id" not in headers:
            continue
        theirs.add(headers["x-wc-webhook-delivery-id"])
        key = read(kind, name).dedupe_key
        content = (headers["x-wc-webhook-topic"], sent["body"])
        if key:
            assert ours.setdefault(key, content) == content
    assert len(theirs) < len(ours)


def test_an_error_body_is_ignored() -> None:
    result = read("webhooks", "034_customer_updated")
    assert (result.kind, result.sightings) == ("ignored", ())
    assert "error" in result.note


def test_a_created_variation_asks_for_its_product() -> None:
    assert read("webhooks", "102_product_created").wants == ("variations",)


def test_an_order_with_a_refund_asks_for_the_refunds() -> None:
    result = read("webhooks", "088_order_created")
    assert result.wants == ("refunds",)
    order = result.sightings[0].record
    assert isinstance(order, Order) and order.refunds is None


def test_an_order_in_the_trash_counts_as_deleted() -> None:
    order = read("webhooks", "031_order_updated").sightings[0].record
    assert isinstance(order, Order)
    assert (order.status, order.deleted) == ("cancelled", True)
    # its product was deleted before: no id, no sku, and the line is still there
    assert (order.lines[0].product_id, order.lines[0].sku) == ("", "")
    assert order.lines[0].total == 6190


def test_the_ping_is_only_a_ping() -> None:
    sent = shapes.recorded_delivery("webhooks", "001_ping")
    headers, woo = dict(sent["headers"]), WooCommerce()
    for body in (b"webhook_id=1&x=1", b"webhook_id=", b'{"id":1}', b"", b"webhook_id=1\n"):
        with pytest.raises(Forged):
            woo.webhook(
                {}, [sent["secret"]], headers, body, shop="w", url=HOOK, received_at=RECEIVED
            )


def test_a_deletion_must_look_like_one() -> None:
    """The topic is not signed: a captured order must not pass as its own deletion."""
    sent = shapes.recorded_delivery("webhooks", "021_order_created")
    headers = dict(sent["headers"]) | {"X-WC-Webhook-Topic": "order.deleted"}
    result = WooCommerce().webhook(
        {},
        [sent["secret"]],
        headers,
        sent["body"].encode(),
        shop="w",
        url=HOOK,
        received_at=RECEIVED,
    )
    assert (result.kind, result.sightings) == ("ignored", ())


def test_the_recording_has_no_duplicate_ids_left_out() -> None:
    orders = shapes.recorded_orders()
    assert len({row["id"] for row in orders}) == len(orders) == 34
    assert orjson.dumps(orders)
