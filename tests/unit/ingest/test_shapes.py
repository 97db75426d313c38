"""What another system's events carry arrives under our names, beside what they said."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.ingest.events import Caller, read_event
from hub.ingest.names import ALIASES
from hub.ingest.shapes import MOST_PRODUCTS, in_our_form

PAGE = Caller(1, "shop", "claimed", identify=True)
ITEM = {
    "item_id": "p1", "item_name": "Linen shirt", "item_brand": "Own", "item_category": "Shirts",
    "item_variant": "M", "price": 39.95, "quantity": 2, "index": 3, "coupon": "SPRING",
}  # fmt: skip
PRODUCT = {
    "product_id": "p1", "name": "Linen shirt", "brand": "Own", "category": "Shirts",
    "variant": "M", "price": 39.95, "quantity": 2, "position": 3, "coupon": "SPRING",
}  # fmt: skip
VARIANT = {
    "id": "gid://shopify/ProductVariant/77", "sku": "LS-M", "title": "M",
    "price": {"amount": 39.95, "currencyCode": "EUR"}, "image": {"src": "//cdn/x.jpg"},
    "product": {"id": "gid://shopify/Product/5", "title": "Linen shirt", "vendor": "Own",
                "type": "Shirts", "url": "/products/linen-shirt"},
}  # fmt: skip
OURS = {
    "product_id": "5", "variant": "77", "sku": "LS-M", "name": "Linen shirt", "brand": "Own",
    "category": "Shirts", "url": "/products/linen-shirt", "image_url": "//cdn/x.jpg",
    "price": 39.95, "currency": "EUR",
}  # fmt: skip
CHECKOUT = {
    "token": "c0ffee", "currencyCode": "EUR", "email": "ann@example.com",
    "totalPrice": {"amount": 84.9, "currencyCode": "EUR"}, "subtotalPrice": {"amount": 79.9},
    "totalTax": {"amount": 14.73}, "shippingLine": {"price": {"amount": 5}},
    "order": {"id": "gid://shopify/OrderIdentity/1001"},
    "lineItems": [{"quantity": 2, "variant": VARIANT}],
}  # fmt: skip
ORDER = {
    "checkout_id": "c0ffee", "order_id": "1001", "total": 84.9, "subtotal": 79.9, "tax": 14.73,
    "shipping": 5, "currency": "EUR", "email": "ann@example.com",
    "products": [{**OURS, "quantity": 2}],
}  # fmt: skip
CASES: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    ("view_item", {"currency": "EUR", "value": 39.95, "items": [ITEM]}, "Product Viewed",
     {**PRODUCT, "currency": "EUR", "value": 39.95}),
    ("add_to_cart", {"items": [ITEM]}, "Product Added", PRODUCT),
    ("remove_from_cart", {"items": [ITEM]}, "Product Removed", PRODUCT),
    ("select_item", {"item_list_id": "l1", "items": [ITEM]}, "Product Clicked",
     {**PRODUCT, "list_id": "l1"}),
    ("add_to_wishlist", {"items": [ITEM]}, "Product Added to Wishlist", PRODUCT),
    ("view_item_list", {"item_list_id": "l1", "items": [ITEM, {"item_id": 2}]},
     "Product List Viewed", {"list_id": "l1", "products": [PRODUCT, {"product_id": "2"}]}),
    ("view_cart", {"items": [ITEM]}, "Cart Viewed", {"products": [PRODUCT]}),
    ("begin_checkout", {"items": [ITEM], "value": 79.9}, "Checkout Started",
     {"products": [PRODUCT], "value": 79.9}),
    ("add_payment_info", {"items": [ITEM]}, "Payment Info Entered", {"products": [PRODUCT]}),
    ("search", {"search_term": "linen"}, "Products Searched", {"query": "linen"}),
    ("purchase", {"transaction_id": "T1", "value": 84.9, "currency": "EUR", "items": [ITEM]},
     "Order Completed",
     {"order_id": "T1", "total": 84.9, "currency": "EUR", "products": [PRODUCT]}),
    ("refund", {"transaction_id": "T1", "value": 10}, "Order Refunded",
     {"order_id": "T1", "total": 10}),
    ("product_viewed", {"data": {"productVariant": VARIANT}}, "Product Viewed", OURS),
    ("product_added_to_cart",
     {"data": {"cartLine": {"quantity": 2, "merchandise": VARIANT}}}, "Product Added",
     {**OURS, "quantity": 2}),
    ("product_removed_from_cart",
     {"data": {"cartLine": {"quantity": 1, "merchandise": VARIANT}}}, "Product Removed",
     {**OURS, "quantity": 1}),
    ("collection_viewed",
     {"data": {"collection": {"id": "9", "title": "Shirts", "productVariants": [VARIANT]}}},
     "Product List Viewed", {"list_id": "9", "category": "Shirts", "products": [OURS]}),
    ("cart_viewed",
     {"data": {"cart": {"id": "k", "cost": {"totalAmount": {"amount": 80, "currencyCode": "EUR"}},
                        "lines": [{"quantity": 2, "merchandise": VARIANT}]}}},
     "Cart Viewed", {"cart_id": "k", "value": 80, "currency": "EUR",
                     "products": [{**OURS, "quantity": 2}]}),
    ("search_submitted", {"data": {"searchResult": {"query": "linen", "productVariants": []}}},
     "Products Searched", {"query": "linen"}),
    ("checkout_started", {"data": {"checkout": CHECKOUT}}, "Checkout Started", ORDER),
    ("checkout_shipping_info_submitted", {"data": {"checkout": CHECKOUT}},
     "Checkout Step Completed", ORDER),
    ("payment_info_submitted", {"data": {"checkout": CHECKOUT}}, "Payment Info Entered", ORDER),
    ("checkout_completed", {"data": {"checkout": CHECKOUT}}, "Order Completed", ORDER),
    ("Viewed Product", {"ProductID": 5, "ProductName": "Linen shirt", "SKU": "LS", "Price": 39.95,
                        "Brand": "Own", "ImageURL": "//cdn/x.jpg", "URL": "/p/5"},
     "Product Viewed",
     {"product_id": "5", "name": "Linen shirt", "sku": "LS", "price": 39.95, "brand": "Own",
      "image_url": "//cdn/x.jpg", "url": "/p/5"}),
    ("Started Checkout", {"$value": 79.9, "Items": [{"ProductID": "5", "Quantity": 2,
                                                     "ItemPrice": 39.95}]},
     "Checkout Started",
     {"value": 79.9, "products": [{"product_id": "5", "quantity": 2, "price": 39.95}]}),
    ("Placed Order", {"OrderId": "1001", "$value": 84.9, "Items": [{"ProductID": "5"}]},
     "Order Completed", {"order_id": "1001", "total": 84.9, "products": [{"product_id": "5"}]}),
    ("ViewContent", {"content_ids": ["5"], "value": 39.95, "currency": "EUR"}, "Product Viewed",
     {"product_id": "5", "value": 39.95, "currency": "EUR"}),
    ("AddToCart", {"contents": [{"id": 5, "quantity": 2, "item_price": 39.95}]}, "Product Added",
     {"product_id": "5", "quantity": 2, "price": 39.95}),
    ("Purchase", {"contents": [{"id": "5", "quantity": 2}], "value": 84.9, "currency": "EUR"},
     "Order Completed",
     {"total": 84.9, "currency": "EUR", "products": [{"product_id": "5", "quantity": 2}]}),
]  # fmt: skip


def test_products_of_spotler_get_our_names_where_they_stand() -> None:
    one = {"id": "LS-M", "name": "Linen shirt", "price": 39.95, "language": "nl-NL"}
    ours = {"product_id": "LS-M", **one}
    name, found = kept("ViewContent", {"products": one, "currency": "EUR"})
    assert (name, found["products"], found["product_id"]) == ("Product Viewed", [ours], "LS-M")
    order = {"orderid": 1001, "products": [one, "odd"], "currency": "EUR"}
    name, found = kept("Purchase", order)
    assert (name, found["order_id"]) == ("Order Completed", 1001)
    assert found["products"] == [ours, "odd"]
    assert kept("Search", {"keyword": "linen"})[1]["query"] == "linen"
    category = kept("ViewCategory", {"category_id": "7", "objectname": "Shirts"})[1]
    assert (category["list_id"], category["category"]) == ("7", "Shirts")


def kept(event: str, properties: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    raw = {"type": "track", "event": event, "anonymousId": "a", "properties": properties}
    entry, _ = read_event(orjson.dumps(raw), PAGE, 1_800_000_000_000)
    return entry.name, orjson.loads(entry.body).get("properties", {})


@pytest.mark.parametrize(("event", "said", "name", "ours"), CASES)
def test_ours_stand_beside_what_was_said(
    event: str, said: dict[str, Any], name: str, ours: dict[str, Any]
) -> None:
    assert kept(event, said) == (name, {**ours, **said})


def test_what_is_in_our_form_is_left_as_it_is() -> None:
    said = {"items": [ITEM], "ProductID": "5", "data": {"checkout": CHECKOUT}}
    assert kept("Product Viewed", said) == ("Product Viewed", said)
    both = kept("view_item", {"product_id": "mine", "items": [ITEM]})[1]
    assert both["product_id"] == "mine"


def test_a_list_is_cut_where_google_cuts_it() -> None:
    many = [{"item_id": str(i)} for i in range(MOST_PRODUCTS + 5)]
    assert len(kept("view_item_list", {"items": many})[1]["products"]) == MOST_PRODUCTS


ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from("data items Items contents content_ids checkout lineItems variant product "
                        "cart lines cartLine merchandise collection productVariants price order "
                        "shippingLine searchResult productVariant cost totalAmount id".split()),
        inner, max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.sampled_from(sorted(set(ALIASES.values()))), ANY, ANY)
def test_odd_shapes_are_no_fault_and_lose_nothing(name: str, data: Any, items: Any) -> None:
    said = {"data": data, "items": items, "contents": data, "content_ids": items}
    found = in_our_form(name, said)
    assert {key: found[key] for key in said if said[key] is not None} == {
        key: value for key, value in said.items() if value is not None
    }
