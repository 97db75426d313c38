"""The theme snippet, rendered by a Liquid engine with a shop's objects."""

from __future__ import annotations

import hmac
import json
import re
import time
from html.parser import HTMLParser
from typing import Any

import pytest
from liquid import Environment, Undefined
from liquid.filter import with_environment

from hub.ingest.names import canonical
from hub.ingest.shop_tokens import BadToken, read_shop_token
from tests.recipes.conftest import Unpack

HOSTILE = "</script><script>window.hit=1</script>\"'&<!-- {{ x }}"
SHOP = {"url": "https://shop.example"}
CART = {"currency": {"iso_code": "EUR"}, "total_price": 2590, "items": []}
MUG = {
    "id": 8000000001, "title": "Mug", "vendor": "Kiln", "type": "Mugs", "url": "/products/mug",
    "featured_image": "//cdn.example/mug.jpg",
    "selected_or_first_available_variant": {"id": 81, "sku": "M-1", "price": 1295},
}  # fmt: skip


@with_environment
def shop_json(value: Any, *, environment: Any) -> str:
    """Shopify's own `json`: markup is escaped, so that a value can stand in a script."""
    text = json.dumps(None if isinstance(value, Undefined) else value)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def shop_hmac(text: Any, secret: Any) -> str:
    """Shopify's own `hmac_sha256`: hexadecimal digits."""
    return hmac.digest(str(secret).encode(), str(text).encode(), "sha256").hex()


@pytest.fixture
def draw(unpack: Unpack) -> Any:
    environment = Environment()
    environment.add_filter("json", shop_json)
    environment.add_filter("hmac_sha256", shop_hmac)
    environment.add_filter("image_url", lambda value, **_: str(value))
    template = environment.from_string((unpack("shopify-theme") / "regulars.liquid").read_text())

    def drawn(kind: str, **given: Any) -> str:
        objects = {"shop": SHOP, "cart": CART, "request": {"page_type": kind}}
        return template.render(**{**objects, **given})

    return drawn


def call(html: str) -> list[Any]:
    """The one call of the page, read as JavaScript's object notation."""
    text = html.partition("push(arguments); };")[2].partition("</script>")[0].strip()
    if not text:
        return []
    inner = text.removeprefix("regulars(").removesuffix(");")
    inner = re.sub(r"'([^'\n]*)'", lambda m: json.dumps(m[1]), inner)
    inner = re.sub(r"(?<=[{,])\s*(\w+):", r'"\1":', inner)
    return json.loads(f"[{inner}]")


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_line_is_there_on_every_page(draw: Any) -> None:
    html = draw("index")
    (_, line) = Tags(html).found[-1]
    assert line["src"] == "https://hub.example/s.js" and "async" in line
    assert line["data-key"] == "wk_0123456789" and line["data-consent"] == "shopify"
    assert call(html) == []


def test_a_signed_in_customer_is_proved_to_the_hub(draw: Any) -> None:
    secret = {"value": "s" * 43}
    shop = {**SHOP, "metafields": {"regulars": {"token_secret": secret}}}
    html = draw("index", shop=shop, customer={"id": 7000000001})
    assert secret["value"] not in html
    name, told = call(html)
    said = read_shop_token(
        told["token"], [secret["value"]], audience="wk_0123456789", now_ms=int(time.time() * 1000)
    )
    assert (name, said.customer) == ("identify", "7000000001")
    with pytest.raises(BadToken, match="signature"):
        read_shop_token(told["token"], ["other"], audience="wk_0123456789", now_ms=0)
    for more in ({"shop": shop}, {"customer": {"id": 7}}):
        assert call(draw("index", **more)) == []


def test_a_product_page(draw: Any) -> None:
    assert call(draw("product", product=MUG)) == [
        "product",
        {"product_id": "8000000001", "variant": "81", "sku": "M-1", "name": "Mug", "brand": "Kiln",
         "category": "Mugs", "price": 12.95, "currency": "EUR",
         "url": "https://shop.example/products/mug", "image_url": "https://cdn.example/mug.jpg"},
    ]  # fmt: skip
    bare = {"id": 1, "title": "Bare", "url": "/p"}
    assert call(draw("product", product=bare))[1]["image_url"] is None


def test_lists_searches_and_the_basket(draw: Any) -> None:
    seen = [
        call(draw("collection", collection={"id": 5, "title": "Mugs"})),
        call(draw("search", search={"performed": True, "terms": "blue mug"})),
    ]
    assert seen == [
        ["track", "Product List Viewed", {"list_id": "5", "category": "Mugs"}],
        ["track", "Products Searched", {"query": "blue mug"}],
    ]
    lines = [
        {"product_id": 8, "variant_id": 81, "product": MUG, "final_price": 1295, "quantity": n}
        for n in (1, 2)
    ]
    told = call(draw("cart", cart={**CART, "items": lines}))
    assert told[1] == "Cart Viewed" and told[2]["value"] == 25.9
    assert [(p["product_id"], p["price"], p["quantity"]) for p in told[2]["products"]] == [
        ("8", 12.95, 1), ("8", 12.95, 2),
    ]  # fmt: skip
    assert call(draw("cart"))[2]["products"] == []
    for _, name, _ in [*seen, told]:
        assert canonical(name) == name


@pytest.mark.parametrize("field", ["title", "vendor", "type", "url", "featured_image"])
def test_no_text_of_the_shop_becomes_markup(draw: Any, field: str) -> None:
    html = draw("product", product={**MUG, field: HOSTILE})
    assert [tag for tag, _ in Tags(html).found] == ["script", "script"]
    assert HOSTILE in json.dumps(call(html)[1], ensure_ascii=False).replace('\\"', '"')


def test_an_embeds_own_settings_win_and_are_escaped(draw: Any) -> None:
    html = draw("index", block={"settings": {"origin": "https://other.example", "key": '"><b>'}})
    tags = Tags(html).found
    assert [tag for tag, _ in tags] == ["script", "script"]
    assert tags[1][1]["src"] == "https://other.example/s.js" and tags[1][1]["data-key"] == '"><b>'


def test_the_embed_is_the_snippet_with_a_schema(unpack: Unpack) -> None:
    folder = unpack("shopify-theme")
    unpack("shopify-embed")
    body, embed = (
        (folder / name).read_text() for name in ("regulars.liquid", "regulars-embed.liquid")
    )
    assert embed.startswith(body)
    schema = json.loads(embed.partition("{% schema %}")[2].partition("{% endschema %}")[0])
    assert schema["target"] == "head" and len(schema["name"]) <= 25
    assert {s["id"]: s["default"] for s in schema["settings"]} == {
        "origin": "https://hub.example", "key": "wk_0123456789",
    }  # fmt: skip
