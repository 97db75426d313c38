"""One form of products and orders, whatever the shop's old system called the fields.

Only events with the name of another system come here; what is already in our form is left as it
is, and nothing is taken away: fields are added beside those that came. Sources: the item of Google
Analytics 4, the web pixel of Shopify, the tracking call of Klaviyo, the pixel of Spotler.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MOST_PRODUCTS = 200  # as many items as Google Analytics takes in one event

_PRODUCT = {
    "product_id": ("item_id", "ProductID", "id", "content_id", "contentId"),
    "name": ("item_name", "ProductName", "title", "content_name"),
    "sku": ("SKU", "item_sku"),
    "brand": ("item_brand", "Brand", "vendor"),
    "category": ("item_category", "content_category"),
    "variant": ("item_variant",),
    "position": ("index",),
    "price": ("ItemPrice", "Price", "item_price"),
    "quantity": ("Quantity",),
    "url": ("URL", "ProductURL"),
    "image_url": ("ImageURL", "image"),
}
_ORDER = {
    "order_id": ("transaction_id", "OrderId", "orderId", "orderid", "$event_id"),
    "query": ("search_term", "search_string", "keyword"),
    "list_id": ("item_list_id", "category_id"),
    "category": ("objectname",),
    "currency": ("currencyCode",),
}
_LISTS = ("items", "Items", "contents")
# Events of one product carry it at the top, those of several in `products`.
ONE_PRODUCT = frozenset(
    "Product Viewed|Product Added|Product Removed|Product Clicked|Product Added to Wishlist|"
    "Product Shared".split("|")
)


def in_our_form(name: str, properties: Mapping[str, Any] | None) -> dict[str, Any]:
    """The properties of an event of another system, with ours beside them. `name` is canonical."""
    said = dict(properties or {})
    data = said.get("data")
    found = _shopify(data) if isinstance(data, dict) else {}
    for ours, theirs in _ORDER.items():
        _take(found, ours, said, theirs)
    products = found.pop("products", None) or _listed(said)
    if (own := _own(said)) is not None:
        said["products"] = products = own
    value = said.get("value", said.get("$value"))
    if name in ONE_PRODUCT:
        one = products[0] if products else _product(said)
        one = one if isinstance(one, dict) else {}
        found = {**one, **found}
    elif products:
        found["products"] = products
    if name in ("Order Completed", "Order Refunded") and value is not None:
        found.setdefault("total", value)
    elif value is not None:
        found.setdefault("value", value)
    return {**found, **{key: kept for key, kept in said.items() if kept is not None}}


def _take(
    into: dict[str, Any], ours: str, said: Mapping[str, Any], theirs: tuple[str, ...]
) -> None:
    for key in theirs:
        if ours not in into and said.get(key) not in (None, ""):
            into[ours] = said[key]


def _product(said: Mapping[str, Any]) -> dict[str, Any]:
    """One item with our names; a field that has our name already wins."""
    found = {key: said[key] for key in _PRODUCT if said.get(key) is not None}
    for ours, theirs in _PRODUCT.items():
        _take(found, ours, said, theirs)
    if "product_id" in found:
        found["product_id"] = str(found["product_id"])
    for key in ("coupon", "discount", "currency"):
        if said.get(key) is not None:
            found[key] = said[key]
    return found


def _own(said: Mapping[str, Any]) -> list[Any] | None:
    """What stands under our own name for the list, as Spotler fills it: one product, or several."""
    own = said.get("products")
    if isinstance(own, dict):
        own = [own]
    if not isinstance(own, list):
        return None
    return [{**_product(one), **one} if isinstance(one, dict) else one for one in own]


def _listed(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    for key in _LISTS:
        items = said.get(key)
        if isinstance(items, list):
            products = [_product(item) for item in items[:MOST_PRODUCTS] if isinstance(item, dict)]
            return [product for product in products if product]
    ids = said.get("content_ids")
    if isinstance(ids, list):
        return [{"product_id": str(i)} for i in ids[:MOST_PRODUCTS] if isinstance(i, str | int)]
    return []


def _shopify(data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` of a standard event of Shopify's web pixel."""
    found: dict[str, Any] = {}
    lines: list[Any] = []
    if isinstance(variant := data.get("productVariant"), dict):
        lines = [{"merchandise": variant}]
    elif isinstance(line := data.get("cartLine"), dict):
        lines = [line]
    elif isinstance(collection := data.get("collection"), dict):
        found.update(_some(list_id=collection.get("id"), category=collection.get("title")))
        lines = [{"merchandise": one} for one in _list(collection.get("productVariants"))]
    elif isinstance(cart := data.get("cart"), dict):
        found.update(_some(cart_id=cart.get("id"), **_money(_in(cart, "cost", "totalAmount"))))
        lines = _list(cart.get("lines"))
    elif isinstance(search := data.get("searchResult"), dict):
        found.update(_some(query=search.get("query")))
        lines = [{"merchandise": one} for one in _list(search.get("productVariants"))]
    elif isinstance(checkout := data.get("checkout"), dict):
        found.update(_checkout(checkout))
        lines = [_checkout_line(line) for line in _list(checkout.get("lineItems"))]
    products = [_line(line) for line in lines[:MOST_PRODUCTS] if isinstance(line, dict)]
    return {**found, "products": [product for product in products if product]}


def _checkout(checkout: Mapping[str, Any]) -> dict[str, Any]:
    return _some(
        checkout_id=checkout.get("token"),
        order_id=_number(_in(checkout, "order", "id")),
        total=_in(checkout, "totalPrice", "amount"),
        subtotal=_in(checkout, "subtotalPrice", "amount"),
        tax=_in(checkout, "totalTax", "amount"),
        shipping=_in(checkout, "shippingLine", "price", "amount"),
        currency=checkout.get("currencyCode") or _in(checkout, "totalPrice", "currencyCode"),
        email=checkout.get("email"),
    )


def _checkout_line(line: Any) -> dict[str, Any]:
    if not isinstance(line, dict):
        return {}
    return {"merchandise": line.get("variant"), "quantity": line.get("quantity")}


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    variant = line.get("merchandise")
    if not isinstance(variant, dict):
        return {}
    return _some(
        product_id=_number(_in(variant, "product", "id")) or _number(variant.get("id")),
        variant=_number(variant.get("id")),
        sku=variant.get("sku"),
        name=_in(variant, "product", "title") or variant.get("title"),
        brand=_in(variant, "product", "vendor"),
        category=_in(variant, "product", "type"),
        url=_in(variant, "product", "url"),
        image_url=_in(variant, "image", "src"),
        price=_in(variant, "price", "amount"),
        currency=_in(variant, "price", "currencyCode"),
        quantity=line.get("quantity"),
    )


def _money(amount: Any) -> dict[str, Any]:
    if not isinstance(amount, dict):
        return {}
    return {"value": amount.get("amount"), "currency": amount.get("currencyCode")}


def _number(value: Any) -> str | None:
    """gid://shopify/Product/123 -> 123; the connector knows products by that."""
    return str(value).rpartition("/")[2] if isinstance(value, str | int) and value else None


def _in(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _some(**fields: Any) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None and value != ""}
