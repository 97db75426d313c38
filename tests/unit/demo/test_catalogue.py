"""The goods, their pictures, and their WooCommerce shapes."""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from hub.demo.catalogue import catalogue, categories, shipping_for
from hub.demo.ink import TONES
from hub.demo.pictures import (
    MOTIFS,
    category_picture,
    hero_picture,
    mark_picture,
    product_picture,
)
from hub.demo.woo import woo_customers, woo_products, woo_variations
from hub.demo.woo_orders import order_from, woo_orders

GOODS = catalogue()
UNTIL = datetime(2026, 11, 23, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]


def test_about_150_products_in_twelve_categories() -> None:
    assert 145 <= len(GOODS) <= 165
    per_shelf = Counter(p.category for p in GOODS)
    assert list(per_shelf) == [c.slug for c in categories()]
    assert len(per_shelf) == 12 and min(per_shelf.values()) >= 10


def test_ids_slugs_and_skus_are_unique() -> None:
    ids = [p.product_id for p in GOODS] + [v.variant_id for p in GOODS for v in p.variants]
    skus = [p.sku for p in GOODS] + [v.sku for p in GOODS for v in p.variants]
    assert len(set(ids)) == len(ids)
    assert len(set(skus)) == len(skus)
    assert len({p.slug for p in GOODS}) == len(GOODS)


def test_prices_and_stock_are_sane() -> None:
    for p in GOODS:
        assert 100 <= p.price <= 50_000, p.slug
        assert p.list_price is None or p.list_price > p.price, p.slug
        assert p.quantity >= 0
        assert not p.variants or p.quantity == sum(v.quantity for v in p.variants)
        assert len(p.text) > 20 and p.motif in MOTIFS
        assert {p.tone, p.accent, p.paper, *(v.tone for v in p.variants)} <= set(TONES), p.slug
    sold_out = [p for p in GOODS if not p.in_stock]
    assert 6 <= len(sold_out) <= 20
    assert sum(p.list_price is not None for p in GOODS) >= 10
    assert sum(bool(p.variants) for p in GOODS) >= 30


def test_the_seed_decides_the_stock_and_nothing_else() -> None:
    other = catalogue(8)
    assert [p.product_id for p in other] == [p.product_id for p in GOODS]
    assert [p.price for p in other] == [p.price for p in GOODS]
    assert [p.quantity for p in other] != [p.quantity for p in GOODS]


@pytest.mark.parametrize("product", GOODS, ids=lambda p: p.slug)
def test_each_picture_is_small_valid_svg_that_loads_nothing(product: Any) -> None:
    for tone in {product.tone, *(v.tone for v in product.variants)}:
        svg = product_picture(product, tone)
        assert len(svg.encode()) < 4096
        root = ElementTree.fromstring(svg)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert not any("href" in key for node in root.iter() for key in node.attrib)
        assert not any(node.tag.endswith(("script", "style", "image")) for node in root.iter())


def test_other_pictures_parse_and_colours_differ() -> None:
    for svg in (hero_picture(), mark_picture(), *map(category_picture, categories())):
        ElementTree.fromstring(svg)
    kettle = next(p for p in GOODS if p.slug == "heron-gooseneck-kettle")
    assert product_picture(kettle, "moss") != product_picture(kettle, "chalk")


def _recorded(name: str) -> dict[str, Any]:
    folder = Path(os.environ.get("REGULARS_RECORDINGS", ROOT.parent / "shared"))
    file = folder / "fixtures" / "woocommerce-live" / "rest" / f"{name}.http.json"
    if not file.exists():
        pytest.skip(f"no recordings at {folder}: set REGULARS_RECORDINGS")
    body: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["body"]
    return body[0]


def _made(name: str) -> list[dict[str, Any]]:
    match name:
        case "products":
            return woo_products(GOODS)
        case "variations":
            return [v for many in woo_variations(GOODS).values() for v in many]
        case "customers_default_role":
            return woo_customers(until=UNTIL)
        case _:
            return woo_orders(GOODS, UNTIL)


@pytest.mark.parametrize("name", ["products", "variations", "customers_default_role", "orders_p1"])
def test_woo_shapes_have_the_recorded_keys(name: str) -> None:
    recorded = _recorded(name)
    for one in _made(name):
        assert set(one) == set(recorded)
        for key, value in recorded.items():
            if isinstance(value, str) and one[key] is not None:
                assert isinstance(one[key], str), key


@pytest.mark.parametrize("part", ["line_items", "billing", "shipping"])
def test_order_parts_have_the_recorded_keys(part: str) -> None:
    recorded, made = _recorded("orders_p1")[part], woo_orders(GOODS, UNTIL)[0][part]
    if isinstance(recorded, list):
        recorded, made = recorded[0], made[0]
    assert set(made) == set(recorded)


def test_past_orders_add_up_and_lie_in_the_last_half_year() -> None:
    orders = woo_orders(GOODS, UNTIL)
    assert len(orders) == 120 and orders == woo_orders(GOODS, UNTIL)
    assert len({o["id"] for o in orders}) == 120
    for o in orders:
        at = datetime.fromisoformat(o["date_created_gmt"]).replace(tzinfo=UTC)
        assert timedelta(0) < UNTIL - at < timedelta(days=184)
        goods = sum(int(line["total"].replace(".", "")) for line in o["line_items"])
        assert o["total"].replace(".", "").lstrip("0") == str(goods + shipping_for(goods))
        assert o["billing"]["email"].endswith("example.test")
    assert {o["status"] for o in orders} >= {"completed", "cancelled"}
    by_customer = Counter(o["customer_id"] for o in orders if o["customer_id"])
    assert max(by_customer.values()) >= 3
    assert set(by_customer) <= {c["id"] for c in woo_customers(until=UNTIL)}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"product_id": 999999}, "999999"),
        ({"product_id": 101}, "variation_id"),
        ({"product_id": 103, "quantity": 0}, "quantity"),
        ({"product_id": 103, "quantity": "3"}, "quantity"),
    ],
)
def test_an_order_for_what_is_not_sold_is_refused(line: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        order_from(GOODS, {"line_items": [line]}, 1, "wc_order_x", UNTIL)
