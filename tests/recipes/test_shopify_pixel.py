"""The custom pixel in a stand-in of Shopify's sandbox: no page, promises for storage, consent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.recipes.conftest import Unpack
from tests.recipes.node import node
from tests.recipes.php import HERE

YES = {"analyticsProcessingAllowed": True, "preferencesProcessingAllowed": True}
NO: dict[str, bool] = {}
MONEY = {"amount": 12.5, "currencyCode": "EUR"}
VARIANT = {
    "id": "gid://shopify/ProductVariant/81", "sku": "M-1", "price": MONEY,
    "product": {"id": "8", "title": "Mug", "vendor": "Kiln", "type": "Mugs"},
}  # fmt: skip
ADDED = ["product_added_to_cart", {"cartLine": {"merchandise": VARIANT, "quantity": 2}}]
PAID = [
    "checkout_completed",
    {"checkout": {
        "token": "c0ffee00c0ffee00c0ffee00", "order": {"id": "gid://shopify/Order/5"},
        "totalPrice": {"amount": 30, "currencyCode": "EUR"}, "currencyCode": "EUR",
        "subtotalPrice": {"amount": 25}, "totalTax": {"amount": 4.34},
        "shippingLine": {"price": {"amount": 5}}, "discountApplications": [{"title": "TEN"}],
        "lineItems": [{"variant": VARIANT, "quantity": 2}, {"variant": None, "quantity": 1}],
    }},
]  # fmt: skip


@pytest.fixture
def run(unpack: Unpack) -> Any:
    pixel = unpack("shopify-pixel") / "regulars-pixel.js"
    return lambda **scene: node(str(HERE / "pixel.js"), str(pixel), json.dumps(scene))


def paths(told: Any) -> list[str]:
    return [one["url"].removeprefix("https://hub.example") for one in told["sent"]]


def events(told: Any) -> list[dict[str, Any]]:
    return [e for one in told["sent"] for e in one["body"].get("batch", [])]


def test_before_consent_nothing_is_sent_and_nothing_kept(run: Any) -> None:
    told = run(privacy=NO, steps=[ADDED, PAID])
    assert told["sent"] == [] and told["storage"] == {}


def test_with_the_themes_token_the_events_are_this_devices(run: Any) -> None:
    told = run(privacy=YES, storage={"rgl_t": "did.mac.1", "rgl_c": "3"}, steps=[ADDED])
    assert paths(told) == ["/v1/batch"]
    (one,) = told["sent"]
    assert one["body"]["token"] == "did.mac.1" and one["body"]["writeKey"] == "wk_0123456789"
    # Text, so that there is no preflight; kept alive, because a checkout leaves at once.
    assert one["type"] == "text/plain" and one["keepalive"] is True
    (event,) = events(told)
    assert event["event"] == "Product Added"
    assert event["messageId"] == "shopify-e-product_added_to_cart"
    assert event["properties"] == {
        "product_id": "8", "variant": "81", "sku": "M-1", "name": "Mug", "brand": "Kiln",
        "category": "Mugs", "price": 12.5, "currency": "EUR", "quantity": 2,
    }  # fmt: skip
    assert event["context"]["page"]["path"] == "/x"


def test_what_waited_is_sent_once_the_visitor_agrees(run: Any) -> None:
    told = run(privacy=NO, steps=[ADDED, ["consent", YES], PAID])
    assert paths(told) == ["/v1/device", "/v1/batch", "/v1/batch"]
    assert told["sent"][0]["body"]["consent"] == {
        "purposes": {"analytics": True, "personalisation": True}, "source": "shopify",
    }  # fmt: skip
    assert told["storage"] == {"rgl_t": "did1.mac.1", "rgl_c": "3"}
    added, order = events(told)
    assert added["event"] == "Product Added" and order["event"] == "Order Completed"
    kept = order["properties"]
    assert (kept["order_id"], kept["total"], kept["coupon"]) == ("5", 30, "TEN")
    assert kept["checkout_token"] == "c0ffee00c0ffee00c0ffee00"
    assert [p.get("product_id") for p in kept["products"]] == ["8", None]


def test_personal_offers_alone_count_no_visits(run: Any) -> None:
    told = run(privacy=NO, steps=[ADDED, ["consent", {"preferencesProcessingAllowed": True}], PAID])
    assert events(told) == []


def test_a_withdrawal_removes_the_token_and_is_told(run: Any) -> None:
    told = run(
        privacy=YES, storage={"rgl_t": "did.mac.1", "rgl_c": "3"}, steps=[["consent", NO], ADDED]
    )
    assert paths(told) == ["/v1/consent"] and told["storage"] == {}
    assert told["sent"][0]["body"]["purposes"] == {"analytics": False, "personalisation": False}


def test_what_the_theme_has_said_already_is_not_said_again(run: Any) -> None:
    told = run(privacy=YES, storage={"rgl_t": "did.mac.1", "rgl_c": "3"}, steps=[["consent", YES]])
    assert told["sent"] == []


def test_a_change_of_mind_while_the_token_is_under_way_gives_it_back(run: Any) -> None:
    told = run(privacy=YES, steps=[ADDED], while_minting=["consent", NO])
    assert paths(told) == ["/v1/device", "/v1/consent"]
    assert told["sent"][1]["body"]["token"] == "did1.mac.1"
    assert told["storage"] == {}


@pytest.mark.parametrize("fault", ["offline", 503, 429])
def test_a_fault_that_passes_loses_nothing(run: Any, fault: Any) -> None:
    told = run(privacy=YES, storage={"rgl_t": "t.m.1", "rgl_c": "3"}, steps=[ADDED], faults=[fault])
    assert paths(told) == ["/v1/batch", "/v1/batch"]
    first, second = events(told)
    assert first == second


def test_two_events_at_once_make_one_token(run: Any) -> None:
    told = run(privacy=YES, steps=[["at once", [ADDED, PAID]]])
    assert paths(told).count("/v1/device") == 1
    assert [e["event"] for e in events(told)] == ["Product Added", "Order Completed"]


def test_what_came_before_a_refusal_is_not_sent_by_a_later_yes(run: Any) -> None:
    told = run(privacy=NO, steps=[ADDED, ["consent", NO], ["consent", YES], PAID])
    assert [e["event"] for e in events(told)] == ["Order Completed"]


def test_odd_data_harms_nothing(run: Any) -> None:
    steps = [[name, {}] for name in ("checkout_started", "payment_info_submitted", *[ADDED[0]])]
    told = run(privacy=YES, storage={"rgl_t": "t.m.1", "rgl_c": "3"}, steps=[*steps, PAID])
    assert [e["event"] for e in events(told)][-1] == "Order Completed"


def test_pages_are_told_by_the_theme_unless_the_pixel_is_alone(run: Any, unpack: Unpack) -> None:
    assert "page_viewed" not in run(privacy=NO, steps=[])["subscribed"]
    file = unpack("shopify-pixel") / "regulars-pixel.js"
    file.write_text(file.read_text().replace("ALONE = false", "ALONE = true"))
    viewed = ["product_viewed", {"productVariant": VARIANT}]
    scene = {"privacy": YES, "steps": [["page_viewed", {}], viewed, ["search_submitted", {}]]}
    told = node(str(HERE / "pixel.js"), str(file), json.dumps(scene))
    assert [e.get("event", e["type"]) for e in events(told)] == [
        "page", "Product Viewed", "Products Searched",
    ]  # fmt: skip
