"""The Magento module: its view model and template, run against stand-ins of Magento's classes."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from hub.ingest.shop_tokens import read_shop_token
from tests.recipes.conftest import Unpack
from tests.recipes.php import HERE, calls_of, php

HOSTILE = "</script><script>window.hit=1</script>\"'&<!--"
CONFIG = {"origin": "https://hub.example/", "key": "wk_0123456789", "consent": "hub"}
MUG = {"id": 8, "sku": "M-1", "name": "Mug", "finalPrice": "12.5", "productUrl": "/mug.html"}
ITEM = {"productId": "8", "sku": "M-1", "name": "Mug", "price": "12.50", "qty": 2, "qtyOrdered": 2}
ORDER = {
    "id": "5", "incrementId": "000005", "protectCode": "e" * 32, "grandTotal": "30",
    "subtotal": "25", "discountAmount": "-2", "shippingAmount": "5", "taxAmount": "2",
    "couponCode": None, "orderCurrencyCode": "EUR", "allVisibleItems": [ITEM],
}  # fmt: skip


@pytest.fixture
def folder(unpack: Unpack) -> Path:
    return unpack("magento") / "Regulars" / "Snippet"


@pytest.fixture
def draw(folder: Path) -> Any:
    def drawn(action: str, **scene: Any) -> str:
        given = {"action": action, "config": CONFIG, **scene}
        return php(str(HERE / "magento.php"), str(folder), json.dumps(given))

    return drawn


def test_both_tags_carry_the_nonce_of_the_shops_policy(draw: Any) -> None:
    html = draw("cms_index_index")
    assert html.count('nonce="n1"') == 2 and calls_of(html) == []
    assert 'src="https://hub.example/s.js" async="async" crossorigin="anonymous"' in html
    assert "data-consent" not in html
    assert 'data-consent="tcf"' in draw("cms_index_index", config={**CONFIG, "consent": "tcf"})
    assert draw("cms_index_index", config={**CONFIG, "key": " "}) == ""


def test_who_is_signed_in_is_proved_on_pages_that_no_cache_keeps(draw: Any) -> None:
    secret = "0123456789" * 4
    config = {**CONFIG, "token_secret": secret[::-1]}  # as the stand-in's encryption stores it
    signed_in: dict[str, Any] = {"customer": {"customerId": "12"}}
    html = draw("customer_account_index", config=config, cacheable=False, **signed_in)
    ((name, told),) = calls_of(html)
    now = int(time.time() * 1000)
    said = read_shop_token(told["token"], [secret], audience="wk_0123456789", now_ms=now)
    assert (name, said.customer, len(said.jti)) == ("identify", "12", 32)
    assert secret not in html and secret[::-1] not in html
    for scene in (
        {"config": config, "cacheable": True, **signed_in},
        {"config": config, "cacheable": False},
        {"config": CONFIG, "cacheable": False, **signed_in},
    ):
        assert calls_of(draw("customer_account_index", **scene)) == []


@pytest.mark.parametrize(
    ("action", "scene", "told"),
    [
        ("catalog_product_view", {"catalog": {"product": MUG}},
         ["product", {"product_id": "8", "sku": "M-1", "name": "Mug", "price": 12.5,
                      "currency": "EUR", "url": "/mug.html"}]),
        ("catalog_product_view", {"catalog": {"product": None}}, None),
        ("catalog_category_view", {"catalog": {"category": {"id": 3, "name": "Mugs"}}},
         ["track", "Product List Viewed", {"list_id": "3", "category": "Mugs"}]),
        ("catalogsearch_result_index", {"params": {"q": HOSTILE}},
         ["track", "Products Searched", {"query": HOSTILE}]),
    ],
)  # fmt: skip
def test_what_a_page_tells(draw: Any, action: str, scene: Any, told: Any) -> None:
    html = draw(action, **scene)
    assert calls_of(html) == ([told] if told else []) and html.count("</script>") == 2


def test_the_basket_and_the_order(draw: Any) -> None:
    quote = {"grandTotal": "25", "quoteCurrencyCode": "EUR", "allVisibleItems": [ITEM]}
    for action, name in (
        ("checkout_cart_index", "Cart Viewed"),
        ("checkout_index_index", "Checkout Started"),
    ):
        ((_, event, told),) = calls_of(draw(action, session={"quote": quote}))
        line = {"product_id": "8", "sku": "M-1", "name": "Mug", "price": 12.5, "quantity": 2}
        assert (event, told) == (name, {"value": 25, "currency": "EUR", "products": [line]})
    ((_, event, told),) = calls_of(
        draw("checkout_onepage_success", session={"lastRealOrder": ORDER})
    )
    assert (event, told["order_id"], told["order_key"]) == ("Order Completed", "5", "e" * 32)
    assert (told["total"], told["revenue"], told["discount"]) == (30, 23, 2)
    assert "coupon" not in told
    nothing = draw("checkout_onepage_success", session={"lastRealOrder": {"id": None}})
    assert calls_of(nothing) == []


def test_no_title_becomes_markup(draw: Any) -> None:
    html = draw("catalog_product_view", catalog={"product": {**MUG, "name": HOSTILE}})
    assert html.count("</script>") == 2 and calls_of(html)[0][1]["name"] == HOSTILE


def test_its_files_name_each_other(folder: Path) -> None:
    layout = ElementTree.parse(folder / "view/frontend/layout/default.xml")
    block = next(layout.iter("block"))
    module, _, template = str(block.get("template")).partition("::")
    assert (folder / "view/frontend/templates" / template).exists()
    argument = next(block.iter("argument")).text
    assert argument == "Regulars\\Snippet\\ViewModel\\Page"
    assert ElementTree.parse(folder / "etc/frontend/di.xml").find("type").get("name") == argument  # type: ignore[union-attr]
    named = ElementTree.parse(folder / "etc/module.xml").find("module")
    assert named is not None and named.get("name") == module == "Regulars_Snippet"
    for file in (*folder.rglob("*.php"), *folder.rglob("*.phtml")):
        php("-l", str(file))
