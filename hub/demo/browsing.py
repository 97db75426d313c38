"""The page of the demo shop behind a simulated action: its address, its slots and its events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hub.demo.catalogue import CURRENCY, SHOP_NAME, DemoProduct, categories
from hub.demo.plans import Action
from hub.demo.woo import image_url, product_url


@dataclass(frozen=True, slots=True)
class Page:
    """What the snippet would say of this page, and the events that the shop tells on it."""

    context: dict[str, str]
    events: list[dict[str, Any]]
    slots: tuple[str, ...] = ()
    product_id: str = ""
    category: str = ""


def page_of(
    action: Action,
    goods: Sequence[DemoProduct],
    origin: str,
    basket: Sequence[dict[str, Any]],
    order: dict[str, Any] | None = None,
) -> Page | None:
    """The page for this action; None when it cannot happen (an order that was not placed)."""
    by_id = {p.product_id: p for p in goods}
    names = {c.slug: c.name for c in categories()}
    category = names.get(action.category, "")
    told = [_told(by_id[str(line["product_id"])], origin, line) for line in basket]
    cart = {"cart_id": f"demo-{action.visit}", "currency": CURRENCY, "products": told}
    if action.kind == "home":
        return _page(action, origin, "/", "", [], slots=("home-top", "home-recommendations"))
    if action.kind == "category":
        first = [_told(p, origin) for p in goods if p.category == action.category][:12]
        seen = {"list_id": action.category, "category": category, "products": first}
        where = f"/product-category/{action.category}/"
        events = [_track("Product List Viewed", seen)]
        return _page(action, origin, where, category, events, category, ("category-top",))
    if action.kind in ("product", "add"):
        return _product_page(action, origin, by_id[action.product_id])
    if action.kind == "search":
        found = sum(action.query in p.name.casefold() for p in goods)
        events = [_track("Products Searched", {"query": action.query, "results": found})]
        return _page(action, origin, f"/search/?q={action.query}", "Search", events)
    if action.kind == "cart":
        return _page(action, origin, "/cart/", "Your cart", [_track("Cart Viewed", cart)])
    if action.kind == "checkout":
        return _page(action, origin, "/checkout/", "Checkout", [_track("Checkout Started", cart)])
    if action.kind == "login":
        return _page(action, origin, "/my-account/", "Account", [_login(action)])
    return _thanks(action, origin, by_id, order) if order else None


def _thanks(
    action: Action, origin: str, by_id: dict[str, DemoProduct], order: dict[str, Any]
) -> Page:
    lines = order["line_items"]
    bought = {
        "order_id": str(order["id"]),
        "order_key": order["order_key"],
        "total": float(order["total"]),
        "shipping": float(order["shipping_total"]),
        "currency": order["currency"],
        "products": [_told(by_id[str(line["product_id"])], origin, line) for line in lines],
    }
    path = f"/checkout/order-received/{order['id']}/?key={order['order_key']}"
    events = [_track("Order Completed", bought)]
    return _page(action, origin, path, "Thank you", events, slots=("thank-you",))


def _product_page(action: Action, origin: str, product: DemoProduct) -> Page:
    name, properties = "Product Viewed", _told(product, origin)
    if action.kind == "add" and action.line:
        name, properties = "Product Added", _told(product, origin, action.line)
        properties["cart_id"] = f"demo-{action.visit}"
    page = _page(
        action,
        origin,
        f"/product/{product.slug}/",
        product.name,
        [_track(name, properties)],
        product.category_name,
        ("product-top", "product-below"),
    )
    return Page(page.context, page.events, page.slots, product.product_id, page.category)


def _page(  # noqa: PLR0917 (private, one call for each kind of page)
    action: Action,
    origin: str,
    path: str,
    title: str,
    events: list[dict[str, Any]],
    category: str = "",
    slots: tuple[str, ...] = (),
) -> Page:
    plain, _, query = path.partition("?")
    search = f"?{query}" if query else action.campaign
    context = {
        "url": f"{origin}{plain}{search}",
        "path": plain,
        "search": search,
        "title": f"{title} · {SHOP_NAME}" if title else SHOP_NAME,
        "referrer": "",
    }
    viewed = {"type": "page", "event": "", "properties": context}
    return Page(context, [viewed, *events], slots, "", category)


def _track(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "track", "event": name, "properties": properties}


def _login(action: Action) -> dict[str, Any]:
    traits = {
        "email": action.person.billing["email"],
        "firstName": action.person.billing["first_name"],
        "lastName": action.person.billing["last_name"],
    }
    return {"type": "identify", "userId": f"demo-{action.person.number}", "traits": traits}


def _told(product: DemoProduct, origin: str, line: dict[str, Any] | None = None) -> dict[str, Any]:
    variant = product.variant(str(line.get("variation_id", ""))) if line else None
    told = {
        "product_id": product.product_id,
        "sku": variant.sku if variant else product.sku,
        "name": product.name,
        "brand": product.brand,
        "category": product.category_name,
        "price": (variant.price if variant else product.price) / 100,
        "currency": CURRENCY,
        "url": product_url(origin, product),
        "image_url": image_url(origin, product),
    }
    if variant:
        told["variant"] = variant.label
    if line:
        told["quantity"] = line["quantity"]
    return told
