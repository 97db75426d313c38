"""WooCommerce's JSON to records: recorded objects, and what other shops are known to send."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hub_woocommerce import mapping, shapes
from hypothesis import given
from hypothesis import strategies as st

from hub.sdk.errors import InvalidRecord
from hub.sdk.records import Refund, Variant

AT = datetime(2026, 11, 23, 16, 58, tzinfo=UTC)


def an_order(**changes: Any) -> dict[str, Any]:
    row = copy.deepcopy(shapes.recorded("order_with_refund")["body"])
    return {**row, **changes}


def test_a_recorded_order() -> None:
    order = mapping.order(an_order(), "woo")
    assert (order.order_id, order.number, order.status) == ("41", "41", "fulfilled")
    assert order.placed_at == datetime(2026, 11, 23, 16, 58, 13, tzinfo=UTC)
    assert order.updated_at == datetime(2026, 11, 23, 16, 58, 18, tzinfo=UTC)
    assert (order.currency, order.total, order.shipping, order.tax) == ("EUR", 3685, 495, 0)
    assert order.email == "Gast3@Example.test"  # as typed: folding is the hub's business
    assert (order.phone, order.country) == ("06-12345674", "NL")
    assert (order.first_name, order.last_name) == ("Anaïs", "van 't Hoff")
    assert (order.customer_id, order.order_key) == ("3", "wc_order_Oy8pIKMsqZWos")
    assert [(x.product_id, x.sku, x.quantity, x.unit_price, x.total) for x in order.lines] == [
        ("10", "SKU-1", 1, "10.95", 1095),
        ("11", "SKU-2", 1, "20.95", 2095),
    ]
    assert order.refunds is None  # named without their times
    assert sum(line.total for line in order.lines) + order.shipping == order.total


def test_all_recorded_orders_add_up() -> None:
    for row in shapes.recorded_orders():
        order = mapping.order(row, "woo")
        assert sum(line.total for line in order.lines) + order.shipping == order.total


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        ("pending", "pending"),
        ("on-hold", "pending"),
        ("checkout-draft", "pending"),
        ("processing", "paid"),
        ("completed", "fulfilled"),
        ("cancelled", "cancelled"),
        ("failed", "cancelled"),
        ("trash", "cancelled"),
        ("refunded", "refunded"),
        ("wc-processing", "paid"),
    ],
)
def test_statuses(status: str, wanted: str) -> None:
    assert mapping.order(an_order(status=status), "woo").status == wanted


def test_a_status_of_a_plugin_is_read_from_the_dates() -> None:
    paid = {"date_completed_gmt": None, "date_paid_gmt": "2026-11-23T16:58:14"}
    unpaid = {"date_completed_gmt": None, "date_paid_gmt": None}
    assert mapping.order(an_order(status="shipped"), "woo").status == "fulfilled"
    assert mapping.order(an_order(status="picked", **paid), "woo").status == "paid"
    assert mapping.order(an_order(status="quote", **unpaid), "woo").status == "pending"


def test_a_guest_has_no_customer_id() -> None:
    assert mapping.order(an_order(customer_id=0), "woo").customer_id == ""


@pytest.mark.parametrize(
    ("currency", "total", "wanted"),
    [
        ("EUR", "36.85", 3685),
        ("EUR", "36.855", 3686),
        ("EUR", "-0.005", -1),
        ("JPY", "3685", 3685),
        ("JPY", "3685.4", 3685),
        ("KWD", "36.855", 36855),
        ("eur", 36.85, 3685),
        ("EUR", "0.29", 29),
    ],
)
def test_money_in_minor_units(currency: str, total: object, wanted: int) -> None:
    assert mapping.order(an_order(currency=currency, total=total), "woo").total == wanted


def test_a_unit_price_is_exact_although_the_shop_says_10_950000000000001() -> None:
    row = shapes.recorded("orders_p1")["body"][4]
    assert row["line_items"][0]["price"] == 10.950000000000001
    assert mapping.order(row, "woo").lines[0].unit_price == "10.95"


def test_a_unit_price_is_before_discounts_and_the_total_after() -> None:
    item = an_order()["line_items"][0]
    item |= {"quantity": 3, "subtotal": "10.00", "subtotal_tax": "2.10"}
    item |= {"total": "9.00", "total_tax": "1.89"}
    line = mapping.order(an_order(line_items=[item]), "woo").lines[0]
    assert (line.unit_price, line.total) == ("4.033333", 1089)


def test_goods_sold_by_weight_are_one_line_of_their_price() -> None:
    item = {**an_order()["line_items"][0], "quantity": 0.35, "subtotal": "7.00"}
    line = mapping.order(an_order(line_items=[item]), "woo").lines[0]
    assert (line.quantity, line.unit_price) == (1, "7")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", None),
        ("id", 0),
        ("id", True),
        ("id", "x"),
        ("currency", "EURO"),
        ("currency", None),
        ("status", ""),
        ("date_created_gmt", None),
        ("date_created_gmt", "0000-00-00T00:00:00"),
        ("date_modified_gmt", "yesterday"),
        ("total", "NaN"),
        ("total", "Infinity"),
        ("total", "1e30"),
        ("total", None),
        ("total", [1]),
        ("total", "12,50"),
    ],
)
def test_an_unreadable_order_names_its_field(field: str, value: object) -> None:
    with pytest.raises(InvalidRecord) as caught:
        mapping.order(an_order(**{field: value}), "woo")
    assert caught.value.field == field


@given(
    field=st.sampled_from(sorted(shapes.recorded("order_with_refund")["body"])),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    ),
)
def test_any_value_in_any_field_is_read_or_refused(field: str, value: object) -> None:
    try:
        order = mapping.order(an_order(**{field: value}), "woo")
    except InvalidRecord:
        return
    assert "\x00" not in repr(order)


def test_a_recorded_customer() -> None:
    row = shapes.recorded("customers_role_all")["body"][1]
    customer = mapping.customer(row, "woo")
    assert (customer.customer_id, customer.email) == ("3", "klant2@example.test")
    assert (customer.first_name, customer.phone) == ("Jörg2", "+31600000002")
    assert customer.updated_at == datetime(2026, 11, 23, 16, 58, 9, tzinfo=UTC)
    assert customer.traits == {
        "city": "Utrecht",
        "postcode": "3511 AA",
        "country": "NL",
        "role": "customer",
        "paying_customer": True,
        "registered_at": "2026-11-23T16:55:48+00:00",
    }


def test_an_administrator_was_never_modified() -> None:
    row = shapes.recorded("customers_role_all")["body"][0]
    assert row["date_modified_gmt"] is None
    customer = mapping.customer(row, "woo")
    assert customer.updated_at == datetime(2026, 11, 23, 16, 54, 21, tzinfo=UTC)


def test_a_recorded_product() -> None:
    product = mapping.product(shapes.recorded("products")["body"][0], "woo", "EUR")
    assert (product.product_id, product.title, product.sku) == ("11", "Test product 2", "SKU-2")
    assert (product.price, product.list_price, product.currency) == (2095, None, "EUR")
    assert (product.stock, product.quantity, product.published) == ("yes", 182, True)
    assert product.url == "https://127.0.0.1:8088/product/test-product-2/"
    assert product.categories == ("Uncategorized",)
    assert product.variants == ()


def test_a_variable_product_with_and_without_its_variations() -> None:
    row = shapes.recorded("products")["body"][1]
    variations = shapes.recorded("variations")["body"]
    assert mapping.product(row, "woo", "EUR").variants is None
    assert mapping.product(row, "woo", "EUR", variations).variants == (
        Variant("49", title="S", sku="TS-S", price=1999, stock="yes"),
    )
    hidden = [{**variations[0], "status": "private"}]
    assert mapping.product(row, "woo", "EUR", hidden).variants == ()


def test_a_new_variable_product_has_no_price_and_no_stock() -> None:
    product = mapping.product(shapes.recorded("product_variable")["body"], "woo", "EUR")
    assert (product.price, product.stock) == (None, "no")


@pytest.mark.parametrize(
    ("changes", "published", "deleted"),
    [
        ({}, True, False),
        ({"status": "draft"}, False, False),
        ({"status": "private"}, False, False),
        ({"status": "trash"}, False, True),
        ({"catalog_visibility": "hidden"}, False, False),
        ({"catalog_visibility": "search"}, True, False),
        ({"post_password": "x"}, False, False),
    ],
)
def test_what_is_shown(changes: dict[str, str], published: bool, deleted: bool) -> None:
    product = mapping.product(shapes.product(5, "A", "1.00", AT, **changes), "woo", "EUR")
    assert (product.published, product.deleted) == (published, deleted)


def test_a_reduced_product_keeps_the_price_before() -> None:
    row = shapes.product(5, "A", "7.50", AT, regular_price="10.00", on_sale=True)
    product = mapping.product(row, "woo", "EUR")
    assert (product.price, product.list_price) == (750, 1000)


def test_names_lose_their_entities_and_addresses_must_be_web_addresses() -> None:
    row = shapes.product(5, "Bed &amp; Bath", "1", AT, categories=["A &gt; B"])
    row |= {"permalink": "javascript:alert(1)", "images": [{"src": "data:x"}]}
    product = mapping.product(row, "woo", "EUR")
    assert (product.title, product.categories) == ("Bed & Bath", ("A > B",))
    assert (product.url, product.image_url) == ("", "")


def test_refunds_are_told_oldest_first() -> None:
    rows = shapes.recorded("refunds")["body"]
    earlier = {**rows[0], "id": 60, "date_created_gmt": "2026-11-23T16:00:00", "amount": "1.00"}
    told = mapping.refunds([*rows, earlier], "41", "EUR", "woo")
    at = datetime(2026, 11, 23, 16, 58, 18, tzinfo=UTC)
    assert told.refunds[1] == Refund("50", 500, at, "kapot")
    assert told.refunds[0].refund_id == "60"


def test_the_order_that_created_a_refund_and_the_list_agree() -> None:
    made = mapping.refund(shapes.recorded("refund_create")["body"], "EUR")
    assert made == mapping.refund(shapes.recorded("refunds")["body"][0], "EUR")


def test_an_order_without_refunds_says_so() -> None:
    assert mapping.order(an_order(refunds=[]), "woo").refunds == ()


def test_new_objects_have_every_recorded_field() -> None:
    made = shapes.order(9, [(shapes.product(5, "A", "1.00", AT), 2)], AT, email="a@example.test")
    assert set(made) == set(shapes.recorded("orders_p1")["body"][2])
    assert mapping.order(made, "woo").total == 695
