"""The shop's pages: they answer, they keep their own content policy, and they cannot be abused."""

from __future__ import annotations

import html
import json
import random
import re
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from starlette.testclient import TestClient

from hub.demo.catalogue import catalogue, categories
from hub.demo.storefront import storefront
from hub.demo.woo import woo_customers
from hub.demo.woo_orders import order_from, order_key

GOODS = catalogue()
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CUSTOMERS = woo_customers(until=NOW, n=5)
SIMPLE = next(p for p in GOODS if p.in_stock and not p.variants and p.quantity > 5)
VARIABLE = next(p for p in GOODS if p.variants and p.variants[0].quantity > 3)
SOLD_OUT = next(p for p in GOODS if not p.in_stock)
FORM = {
    "email": "ada@example.test",
    "first_name": "Ada",
    "last_name": "Visser",
    "address_1": "Kade 1",
    "postcode": "3511",
    "city": "Utrecht",
    "country": "NL",
}


class Shop:
    """A shop and one browser in it."""

    def __init__(self) -> None:
        self.placed: list[dict[str, Any]] = []
        numbers = count(1)
        self.app = storefront(
            GOODS,
            "http://127.0.0.1:9",
            "key<&>",
            self.place,
            customers=CUSTOMERS,
            mint=lambda: f"token-{next(numbers):032d}",
        )
        self.web = self.browser()

    def browser(self) -> TestClient:
        return TestClient(self.app, base_url="http://127.0.0.1:8001")

    async def place(self, body: dict[str, Any]) -> dict[str, Any]:
        self.placed.append(body)
        number = 15 + len(self.placed)
        return order_from(GOODS, body, number, order_key(random.Random(number)), NOW)

    def fill(self) -> None:
        self.web.post("/cart/add", data={"product": SIMPLE.product_id, "quantity": "2"})


@pytest.fixture
def shop() -> Shop:
    return Shop()


def told(page: str) -> list[tuple[str, dict[str, Any]]]:
    found = re.findall(
        r'data-shop-event="([^"]*)" data-user="([^"]*)" data-properties="([^"]*)"', page
    )
    return [(name or f"identify {user}", json.loads(html.unescape(p))) for name, user, p in found]


def pages() -> list[str]:
    fixed = ["/", "/search/", "/search/?q=oak", "/cart/", "/my-account/", "/privacy/"]
    shelves = [f"/product-category/{c.slug}/?sort=-price&stock=1" for c in categories()]
    return fixed + shelves + [f"/product/{p.slug}/" for p in (SIMPLE, VARIABLE, SOLD_OUT)]


@pytest.mark.parametrize("path", pages())
def test_pages_answer_without_inline_code(shop: Shop, path: str) -> None:
    answer = shop.web.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self' http://127.0.0.1:9;" in policy and "unsafe" not in policy
    assert not re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=", answer.text)
    assert answer.text.count("<h1") == 1 and '<main id="main"' in answer.text
    assert 'src="http://127.0.0.1:9/s.js" data-key="key&lt;&amp;&gt;"' in answer.text
    for name in re.findall(r'src="(/picture/[^"]+|/assets/[^"]+)"', answer.text):
        assert shop.web.get(name).status_code == 200, name


def test_every_field_has_a_label(shop: Shop) -> None:
    shop.fill()
    for path in ["/cart/", "/checkout/", "/my-account/", f"/product/{VARIABLE.slug}/"]:
        page = shop.web.get(path).text
        named = set(re.findall(r'<label[^>]*for="([^"]+)"', page))
        for tag in re.findall(r"<(?:input|select)[^>]*>", page):
            if 'type="hidden"' not in tag:
                assert re.search(r'id="([^"]+)"', tag).group(1) in named, tag  # type: ignore[union-attr]


def test_a_product_page_speaks_to_the_snippet(shop: Shop) -> None:
    page = shop.web.get(f"/product/{SIMPLE.slug}/").text
    assert f'<meta name="regulars:product" content="{SIMPLE.product_id}">' in page
    assert "data-regulars-slot=" in page and 'data-regulars-slot="product-below"' in page
    [(name, properties)] = told(page)
    assert name == "Product Viewed"
    assert properties["product_id"] == SIMPLE.product_id
    assert properties["price"] == SIMPLE.price / 100
    assert properties["image_url"].startswith("http://127.0.0.1:8001/picture/")


def test_from_basket_to_order_each_step_is_told_once(shop: Shop) -> None:
    shop.fill()
    assert told(shop.web.get(f"/product/{SIMPLE.slug}/").text)[0][0] == "Product Viewed"
    shop.web.post("/cart/add", data={"product": SIMPLE.product_id}, follow_redirects=False)
    cart = told(shop.web.get("/cart/").text)
    assert [name for name, _ in cart] == ["Product Added", "Cart Viewed"]
    assert cart[1][1]["products"][0]["quantity"] == 3
    assert told(shop.web.get("/checkout/").text)[0][0] == "Checkout Started"
    thanks = shop.web.post("/checkout/", data=FORM)
    assert re.search(r"/checkout/order-received/16/\?key=wc_order_\w{13}$", str(thanks.url))
    [(name, properties)] = told(thanks.text)
    assert name == "Order Completed" and properties["order_id"] == "16"
    assert properties["order_key"] in str(thanks.url)
    assert told(shop.web.get(str(thanks.url)).text) == []
    assert shop.placed[0]["line_items"][0]["product_id"] == int(SIMPLE.product_id)
    assert "Nothing in it yet" in shop.web.get("/cart/").text


def test_removing_and_variants(shop: Shop) -> None:
    variant = VARIABLE.variants[0]
    key = f"{VARIABLE.product_id}.{variant.variant_id}"
    shop.web.post("/cart/add", data={"product": VARIABLE.product_id, "variant": variant.variant_id})
    assert shop.web.post("/cart/add", data={"product": VARIABLE.product_id}).status_code == 404
    gone = told(shop.web.post("/cart/change", data={"line": key, "quantity": "0"}).text)
    assert gone[0][0] == "Product Removed" and gone[0][1]["variant"] == variant.label


@pytest.mark.parametrize("quantity", ["-4", "0", "1e9", "999", "٣", ""])
def test_nobody_gets_more_than_there_is_or_less_than_nothing(shop: Shop, quantity: str) -> None:
    for _ in range(3):
        shop.web.post("/cart/add", data={"product": SIMPLE.product_id, "quantity": quantity})
    shop.web.post("/checkout/", data=FORM)
    [line] = shop.placed[0]["line_items"]
    assert 1 <= line["quantity"] <= min(20, SIMPLE.quantity)
    shop.web.post("/cart/add", data={"product": SOLD_OUT.product_id})
    assert "Nothing in it yet" in shop.web.get("/cart/").text


@pytest.mark.parametrize("field", list(FORM))
def test_a_bad_checkout_names_its_field_and_places_nothing(shop: Shop, field: str) -> None:
    shop.fill()
    for value in ("", "x" * 200):
        answer = shop.web.post("/checkout/", data={**FORM, field: value})
        assert answer.status_code == 422
        assert "please" in answer.text
    assert shop.placed == []


def test_a_thank_you_page_needs_its_key_and_its_buyer(shop: Shop) -> None:
    shop.fill()
    address = str(shop.web.post("/checkout/", data=FORM).url)
    assert shop.web.get(address[:-1] + "!").status_code == 404
    assert shop.web.get(address.split("?", maxsplit=1)[0]).status_code == 404
    assert shop.browser().get(address).status_code == 404


def test_signing_in_identifies_and_changes_the_cookie(shop: Shop) -> None:
    shop.fill()
    before = shop.web.cookies["shop_session"]
    page = shop.web.post("/my-account/", data={"email": CUSTOMERS[0]["email"].upper()})
    assert told(page.text)[-1][0] == f"identify {CUSTOMERS[0]['id']}"
    assert shop.web.cookies["shop_session"] != before
    stale = shop.browser()
    stale.cookies.set("shop_session", before)
    assert "Nothing in it yet" in stale.get("/cart/").text


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(shop: Shop) -> None:
    answer = shop.web.post("/cart/add", data={"product": SIMPLE.product_id}, follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    assert "set-cookie" not in shop.browser().get("/").headers


def test_what_people_type_stays_text(shop: Shop) -> None:
    evil = "<img src=x onerror=alert(1)>\"'"
    page = shop.web.get("/search/", params={"q": evil}).text
    assert "<img src=x" not in page and "\"'" not in page
    shop.web.post("/my-account/", data={"email": "a@b.test", "first_name": evil})
    assert "<img src=x" not in shop.web.get("/my-account/").text


def test_wrong_addresses_and_big_bodies_are_refused(shop: Shop) -> None:
    for path in ("/nothing/", "/product/nope/", "/product-category/nope/", "/picture/101-x.svg"):
        assert shop.web.get(path).status_code == 404
    assert shop.web.get("/picture/../../etc/passwd.svg").status_code == 404
    assert shop.web.post("/cart/add", content=b"a" * 20_000).status_code == 413


@pytest.mark.parametrize(
    "origin", ["", "127.0.0.1:8000", "http://h/x", "http://h; script-src *", "javascript:1"]
)
def test_a_hub_origin_that_would_open_the_policy_is_refused(origin: str) -> None:
    async def place(body: dict[str, Any]) -> dict[str, Any]:
        return body

    with pytest.raises(ValueError, match="hub_origin"):
        storefront(GOODS, origin, "k", place)


def test_the_page_after_adding_is_not_looked_at_twice(shop: Shop) -> None:
    after = shop.web.post("/cart/add", data={"product": SIMPLE.product_id})
    assert [name for name, _ in told(after.text)] == ["Product Added"]
