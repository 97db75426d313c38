"""The WordPress plug-in, run by PHP against a stand-in of WordPress and WooCommerce."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from hub.ingest.shop_tokens import read_shop_token
from tests.recipes.conftest import Unpack
from tests.recipes.php import HERE, calls_of, php, state_of

HOSTILE = "</script><script>window.hit=1</script>\"'&<!-- \u2028 ${x} <?php"
MUG = {"name": "Mug", "price": "12.5", "sku": "M-1", "image_id": 3}
BLUE = {"name": "Mug, blue", "price": "13", "parent_id": 7}
SHELF = {"products": {"7": MUG, "8": BLUE}, "terms": {"7": ["Mugs", "Gifts"]}}
ORDER = {
    "id": 41, "order_key": "wc_order_abcdefgh", "status": "processing", "total": "36.30",
    "shipping_total": "5.00", "total_tax": "6.30", "discount_total": "0", "coupon_codes": [],
    "currency": "EUR",
    "items": [
        {"product_id": 8, "name": "Mug, blue", "quantity": 2, "price": 13.0},
        {"product_id": 99, "name": "Gone", "quantity": 1, "price": 4.0},
    ],
}  # fmt: skip
THANKS = {**SHELF, "page": "thanks", "vars": {"order-received": "41"}, "orders": {"41": ORDER}}


@pytest.fixture
def page(unpack: Unpack) -> Any:
    plugin = unpack("woocommerce") / "regulars" / "regulars.php"
    return lambda **scene: php(str(HERE / "wordpress.php"), str(plugin), json.dumps(scene))


def test_the_snippet_stands_in_the_head_and_blocks_nothing(page: Any) -> None:
    head = page().partition("</head>")[0]
    assert '<script crossorigin="anonymous" data-key="wk_0123456789" src=' in head
    assert "src='https://hub.example/s.js' id='regulars-js' async" in head
    assert "data-consent" not in head


def test_without_woocommerce_the_snippet_is_there_and_tells_nothing(page: Any) -> None:
    html = page(woocommerce=False, page="product")
    assert "s.js" in html and calls_of(html) == [] and "shop.js" not in html


@pytest.mark.parametrize(
    ("scene", "told"),
    [
        (
            {"page": "product", "id": 7},
            ["product", {"product_id": "7", "sku": "M-1", "name": "Mug", "category": "Mugs",
             "price": 12.5, "currency": "EUR", "url": "/p/7", "image_url": "/image-3.jpg"}],
        ),
        (
            {"page": "category", "term": {"term_id": 5, "name": "Mugs"}},
            ["track", "Product List Viewed", {"list_id": "5", "category": "Mugs"}],
        ),
        ({"page": "search", "query": 'a"b'}, ["track", "Products Searched", {"query": 'a"b'}]),
        (
            {"page": "checkout", "cart": [[8, 2]], "total": 26},
            ["track", "Checkout Started", {"value": 26, "currency": "EUR", "products": [
                {"product_id": "7", "variant": "8", "name": "Mug, blue", "category": "Mugs",
                 "price": 13, "currency": "EUR", "url": "/p/8", "quantity": 2}]}],
        ),
        (
            {"page": "cart", "cart": []},
            ["track", "Cart Viewed", {"value": 0, "currency": "EUR", "products": []}],
        ),
    ],
)  # fmt: skip
def test_what_a_page_tells(page: Any, scene: dict[str, Any], told: list[Any]) -> None:
    assert calls_of(page(**SHELF, **scene)) == [told]


def test_the_thank_you_page_tells_of_the_order_to_whoever_has_its_key(page: Any) -> None:
    ((name, event, order),) = calls_of(page(**THANKS, get={"key": "wc_order_abcdefgh"}))
    assert (name, event) == ("track", "Order Completed")
    assert order["order_id"] == "41" and order["order_key"] == "wc_order_abcdefgh"
    assert (order["total"], order["revenue"], order["shipping"]) == (36.3, 25, 5)
    assert [(p["product_id"], p["quantity"], p["price"]) for p in order["products"]] == [
        ("7", 2, 13), ("99", 1, 4),
    ]  # fmt: skip


def test_who_is_signed_in_is_proved_to_the_hub_and_the_page_is_kept_by_no_cache(page: Any) -> None:
    secret = "s" * 43
    html = page(user=7, secret=secret)
    ((name, told),) = calls_of(html)
    now = int(time.time() * 1000)
    said = read_shop_token(told["token"], [secret], audience="wk_0123456789", now_ms=now)
    assert (name, said.customer, len(said.jti)) == ("identify", "7", 32)
    assert state_of(html)["uncached"] and secret not in html
    again = calls_of(page(user=7, secret=secret))[0][1]["token"]
    assert read_shop_token(again, [secret], audience="wk_0123456789", now_ms=now).jti != said.jti


@pytest.mark.parametrize("scene", [{"user": 7}, {"secret": "s"}, {"user": 7, "secret": ""}, {}])
def test_guests_and_shops_without_a_secret_get_no_token(page: Any, scene: dict[str, Any]) -> None:
    html = page(**scene)
    assert calls_of(html) == [] and not state_of(html)["uncached"]


@pytest.mark.parametrize("key", [None, "", "wrong", ["wc_order_abcdefgh"]])
def test_without_the_key_nobody_learns_of_an_order(page: Any, key: Any) -> None:
    html = page(**THANKS, get={} if key is None else {"key": key})
    assert calls_of(html) == [] and "36.3" not in html


def test_a_failed_order_is_none(page: Any) -> None:
    scene = {**THANKS, "orders": {"41": {**ORDER, "status": "failed"}}}
    assert calls_of(page(**scene, get={"key": "wc_order_abcdefgh"})) == []


def test_a_basket_form_is_told_on_the_next_page_and_only_once(page: Any) -> None:
    html = page(**SHELF, added=[[7, 2, 8]])
    assert [(c[1], c[2]["variant"], c[2]["quantity"]) for c in calls_of(html)] == [
        ("Product Added", "8", 2)
    ]
    assert state_of(html)["session"] == {"regulars_added": []}
    # A script that adds tells of it itself.
    assert calls_of(page(**SHELF, added=[[7, 2, 8]], ajax=True)) == []


@pytest.mark.parametrize("place", ["name", "sku", "category", "query", "slot", "key", "consent"])
def test_no_text_of_the_shop_becomes_markup(page: Any, place: str) -> None:
    scene: dict[str, Any] = {**SHELF, "page": "product", "id": 7}
    if place in ("name", "sku"):
        scene["products"] = {"7": {**MUG, place: HOSTILE}}
    elif place == "category":
        scene["terms"] = {"7": [HOSTILE]}
    elif place == "query":
        scene |= {"page": "search", "query": HOSTILE}
    elif place == "slot":
        scene["slots"] = [{"name": HOSTILE, "height": HOSTILE}]
    else:
        scene["options"] = {"regulars": {place: HOSTILE}}
    html = page(**scene)
    assert "window.hit=1</script>" not in html and "<!--" not in html
    assert len(calls_of(html)) == 1


def test_consent_comes_from_the_wp_consent_api_where_it_is(page: Any) -> None:
    html = page(consent_api=True)
    assert ' data-consent="wp"' in html
    state = state_of(html)
    assert state["registered"] is True
    assert state["cookies"] == ["rgl_t/statistics", "rgl_t/marketing"]
    chosen = page(consent_api=True, options={"regulars": {"consent": "hub"}})
    assert "data-consent" not in chosen


def test_the_settings_page_is_for_administrators_and_keeps_only_what_can_be_right(
    page: Any,
) -> None:
    html = page(page="settings", post={"origin": " https://hub.test/r/ ", "key": "wk_abcdefgh"})
    right, options, errors = state_of(html)
    assert right == "manage_options" and errors == [] and 'name="_wpnonce"' in html
    assert options["regulars"] == {
        "origin": "https://hub.test/r", "key": "wk_abcdefgh", "consent": "",
    }  # fmt: skip
    bad = {"origin": 'https://x"><script>', "key": "<b>", "consent": "no", "more": [1]}
    html = page(page="settings", post=bad)
    _, options, errors = state_of(html)
    assert len(errors) == 2 and "<script>" not in html.partition('<script type="app')[0]
    assert options["regulars"] == {
        "origin": "https://hub.example", "key": "wk_0123456789", "consent": "",
    }  # fmt: skip
    assert "<form" not in page(page="settings", may=False)
