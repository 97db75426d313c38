"""The Shopware plugin: its template in real Twig, its cookie entries, the syntax of the rest."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from hub.ingest.names import canonical
from hub.ingest.shop_tokens import read_shop_token
from tests.recipes.conftest import Unpack
from tests.recipes.php import HERE, calls_of, php

TWIG = Path("/usr/share/php/Twig/autoload.php")
HOSTILE = "</script><script>window.hit=1</script>\"'&<!-- {{ x }}"
ID, PARENT = "a" * 32, "b" * 32
CONFIG = {"origin": "https://hub.example", "key": "wk_0123456789"}
MUG = {
    "id": ID, "parentId": PARENT, "productNumber": "SW1", "translated": {"name": "Mug"},
    "manufacturer": {"translated": {"name": "Kiln"}}, "calculatedPrice": {"unitPrice": 12.5},
    "cover": {"media": {"url": "https://shop.example/m.jpg"}},
}  # fmt: skip
LINE = {
    "type": "product", "referencedId": ID, "productId": ID, "label": "Mug", "quantity": 2,
    "payload": {"parentId": PARENT, "productNumber": "SW1"}, "price": {"unitPrice": 12.5},
    "unitPrice": 12.5,
}  # fmt: skip
PLAIN = {**LINE, "payload": {"productNumber": "SW1"}}
PROMOTION = {"type": "promotion", "label": "TEN"}
ORDER = {
    "id": "c" * 32, "orderNumber": "10001", "deepLinkCode": "d" * 32, "amountTotal": 30,
    "amountNet": 25.21, "shippingTotal": 5, "currency": {"isoCode": "EUR"},
    "lineItems": [LINE, PROMOTION, PLAIN],
}  # fmt: skip


@pytest.fixture
def folder(unpack: Unpack) -> Path:
    return unpack("shopware") / "RegularsSnippet"


@pytest.fixture
def draw(folder: Path) -> Any:
    if not TWIG.exists():
        pytest.skip("there is no Twig on this machine; on Debian: apt-get install php-twig")

    def drawn(route: str, page: Any = None, **more: Any) -> str:
        scene = {"route": f"frontend.{route}", "page": page or {}, "config": CONFIG, **more}
        return php(str(HERE / "shopware.php"), str(folder), json.dumps(scene))

    return drawn


def test_the_snippet_follows_what_the_shop_has_there(draw: Any) -> None:
    html = draw("home.page", nonce="n1")
    assert "<!--core-->" in html and html.count('nonce="n1"') == 2 and calls_of(html) == []
    line = html[html.index("<script async") :]
    assert 'src="https://hub.example/s.js" data-key="wk_0123456789" data-consent="off"' in line
    assert "nonce" not in draw("home.page")


def test_another_way_of_asking_leaves_the_cookie_dialogue_alone(draw: Any) -> None:
    for way, attribute in (("hub", ""), ("auto", ' data-consent="auto"')):
        html = draw("home.page", config={**CONFIG, "consent": way})
        assert f'data-key="wk_0123456789"{attribute}></script>' in html
        assert "regulars('consent'" not in html


def test_who_is_signed_in_is_proved_on_pages_that_no_cache_keeps(draw: Any) -> None:
    secret, anna = "s" * 43, {"id": "e" * 32, "guest": False}
    html = draw("account.home.page", secret=secret, customer=anna)
    ((name, told),) = calls_of(html)
    now = int(time.time() * 1000)
    said = read_shop_token(told["token"], [secret], audience="wk_0123456789", now_ms=now)
    assert (name, said.customer, len(said.jti)) == ("identify", "e" * 32, 32)
    assert secret not in html
    for scene in (
        {"secret": secret, "customer": anna, "cached": True},
        {"secret": secret, "customer": {**anna, "guest": True}},
        {"secret": secret},
        {"customer": anna},
    ):
        assert calls_of(draw("account.home.page", **scene)) == []


@pytest.mark.parametrize(
    ("route", "page", "name", "told"),
    [
        ("detail.page", {"product": MUG}, "", {
            "product_id": PARENT, "variant": ID, "sku": "SW1", "name": "Mug", "brand": "Kiln",
            "price": 12.5, "currency": "EUR", "url": "https://shop.example/mug",
            "image_url": "https://shop.example/m.jpg"}),
        ("navigation.page",
         {"header": {"navigation": {"active": {"id": ID, "translated": {"name": "Mugs"}}}}},
         "Product List Viewed", {"list_id": ID, "category": "Mugs"}),
        ("search.page", {"searchTerm": "a b"}, "Products Searched", {"query": "a b"}),
    ],
)  # fmt: skip
def test_what_a_page_tells(draw: Any, route: str, page: Any, name: str, told: Any) -> None:
    expected = ["track", name, told] if name else ["product", told]
    assert calls_of(draw(route, page)) == [expected]
    assert canonical(name) == name


def test_the_basket_and_the_order(draw: Any) -> None:
    cart = {"price": {"totalPrice": 25}, "lineItems": [LINE, PROMOTION, PLAIN]}
    for route, name in (("cart", "Cart Viewed"), ("confirm", "Checkout Started")):
        ((_, event, told),) = calls_of(draw(f"checkout.{route}.page", {"cart": cart}))
        assert (event, told["value"]) == (name, 25)
        seen = [(p["product_id"], p["variant"], p["quantity"]) for p in told["products"]]
        assert seen == [(PARENT, ID, 2), (ID, None, 2)]
    ((_, event, told),) = calls_of(draw("checkout.finish.page", {"order": ORDER}))
    assert (event, told["order_id"], told["order_key"]) == ("Order Completed", "c" * 32, "d" * 32)
    assert (told["total"], round(told["revenue"], 2), round(told["tax"], 2)) == (30, 20.21, 4.79)
    assert len(told["products"]) == 2


def test_no_text_of_the_shop_becomes_markup(draw: Any) -> None:
    html = draw("detail.page", {"product": {**MUG, "translated": {"name": HOSTILE}}})
    assert html.count("</script>") == 2 and calls_of(html)[0][1]["name"] == HOSTILE
    html = draw("home.page", config={"origin": HOSTILE, "key": HOSTILE, "consent": HOSTILE})
    assert html.count("</script>") == 2


@pytest.mark.parametrize("groups", [[], [{"snippet_name": "cookie.groupMarketing", "entries": []}]])
def test_the_cookie_dialogue_gets_two_entries(folder: Path, groups: Any) -> None:
    told = json.loads(php(str(HERE / "cookies.php"), str(folder), json.dumps(groups)))
    entries = {g["snippet_name"]: [e["cookie"] for e in g["entries"]] for g in told}
    assert entries == {
        "cookie.groupStatistical": ["regulars-statistics"],
        "cookie.groupMarketing": ["regulars-personalisation"],
    }
    # Each text exists in each language that is shipped.
    names = [e[k].split(".")[1] for g in told for e in g["entries"] for k in e if "snippet" in k]
    for file in (folder / "src/Resources/snippet").iterdir():
        assert set(names) == set(json.loads(file.read_text())["regulars"])


def test_every_php_file_can_be_read(folder: Path) -> None:
    for file in folder.rglob("*.php"):
        php("-l", str(file))
