"""Pages of the demo shop to buy on: cart, checkout, thank-you and account."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hub.demo.catalogue import CURRENCY, FREE_SHIPPING_FROM, DemoProduct
from hub.demo.counter import (
    counter_of,
    fields,
    line_fields,
    redirect,
    render,
    visit_for_change,
    visit_of,
)
from hub.demo.visits import Account, Event, Line, Visit, line_for, totals

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]{2,}")
_WANTED = {
    "email": "E-mail address",
    "first_name": "First name",
    "last_name": "Last name",
    "address_1": "Street and number",
    "postcode": "Postcode",
    "city": "Town",
    "country": "Country",
}
_COUNTRIES = {"NL": "Netherlands", "BE": "Belgium", "DE": "Germany", "FR": "France"}
_FIRST_NEW_ACCOUNT = 9001
_MOST_ACCOUNTS = 5000


def _lines(request: Request, visit: Visit | None) -> list[Line]:
    return visit.lines(counter_of(request).catalogue) if visit else []


def _sums(lines: Sequence[Line]) -> dict[str, int]:
    goods, shipping, total = totals(lines)
    short = max(0, FREE_SHIPPING_FROM - goods)
    return {"goods": goods, "shipping": shipping, "total": total, "short_of_free": short}


def _told(request: Request, visit: Visit | None, lines: Sequence[Line]) -> dict[str, Any]:
    return {
        "cart_id": visit.cart_id if visit else "",
        "value": totals(lines)[0] / 100,
        "currency": CURRENCY,
        "products": [line_fields(request, line) for line in lines],
    }


async def cart(request: Request) -> Response:
    """The basket."""
    visit = visit_of(request)
    lines = _lines(request, visit)
    events = [Event("Cart Viewed", _told(request, visit, lines))] if lines else []
    return render(
        request, "cart.html", title="Your cart", events=events, lines=lines, **_sums(lines)
    )


def _whole(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else otherwise


async def add(request: Request) -> Response:
    """Puts a product into the basket and goes back to its page."""
    asked = await fields(request)
    key = ".".join(filter(None, (asked.get("product", ""), asked.get("variant", ""))))
    line = line_for(counter_of(request).catalogue, key)
    if line is None:
        raise HTTPException(404)
    token, visit = visit_for_change(request)
    had = visit.quantities.get(key, 0)
    has = visit.change(line, had + max(1, _whole(asked.get("quantity", "1"), 1)))
    if has > had:
        told = {"cart_id": visit.cart_id, **line_fields(request, line, has - had)}
        visit.pending.append(Event("Product Added", told))
        visit.notice = f"{line.product.name} is in your cart."
    else:
        visit.notice = f"There is no more {line.product.name} to add."
    return redirect(f"/product/{line.product.slug}/", token)


async def change(request: Request) -> Response:
    """Sets the quantity of a line; 0 removes it."""
    asked = await fields(request)
    key = asked.get("line", "")
    line = line_for(counter_of(request).catalogue, key)
    token, visit = visit_for_change(request)
    had = visit.quantities.get(key, 0)
    if line is not None and had:
        has = visit.change(line, _whole(asked.get("quantity", ""), had))
        if has != had:
            name = "Product Added" if has > had else "Product Removed"
            told = {"cart_id": visit.cart_id, **line_fields(request, line, abs(has - had))}
            visit.pending.append(Event(name, told))
    return redirect("/cart/", token)


async def checkout(request: Request) -> Response:
    """The guest form; sent back filled in, it places the order."""
    visit = visit_of(request)
    lines = _lines(request, visit)
    if visit is None or not lines:
        return RedirectResponse("/cart/", status_code=303)
    if request.method == "POST":
        return await _place(request, visit, lines)
    account = visit.account
    known = {"email": account.email, "first_name": account.first_name} if account else {}
    events = [Event("Checkout Started", _told(request, visit, lines))]
    return _form(request, lines, known, {}, events)


def _form(
    request: Request,
    lines: Sequence[Line],
    asked: dict[str, str],
    errors: dict[str, str],
    events: Sequence[Event] = (),
) -> Response:
    return render(
        request,
        "checkout.html",
        title="Checkout",
        events=events,
        status=422 if errors else 200,
        lines=lines,
        asked=asked,
        errors=errors,
        countries=_COUNTRIES,
        **_sums(lines),
    )


def faults(asked: dict[str, str]) -> dict[str, str]:
    """What is wrong with a checkout form: field -> what to do about it."""
    wrong = {
        key: f"{label}: please fill this in."
        for key, label in _WANTED.items()
        if not asked.get(key) or len(asked[key]) > 120
    }
    if "email" not in wrong and not _EMAIL.fullmatch(asked["email"]):
        wrong["email"] = "E-mail address: please write it like name@example.test."
    if "country" not in wrong and asked["country"] not in _COUNTRIES:
        wrong["country"] = "Country: please choose one from the list."
    return wrong


async def _place(request: Request, visit: Visit, lines: Sequence[Line]) -> Response:
    asked = await fields(request)
    errors = faults(asked)
    if errors:
        return _form(request, lines, asked, errors)
    try:
        order = await counter_of(request).place_order(order_body(asked, lines, visit.account))
    except ValueError as error:
        return _form(request, lines, asked, {"order": f"The order was not accepted: {error}"})
    # The goods are told as they were bought; a second load of the page tells nothing.
    visit.pending.append(Event("Order Completed", _bought(request, visit, lines, order)))
    visit.orders[str(order["id"])] = order
    visit.quantities.clear()
    address = f"/checkout/order-received/{order['id']}/?key={order['order_key']}"
    return redirect(address, request.cookies["shop_session"])


def order_body(
    asked: dict[str, str], lines: Sequence[Line], account: Account | None
) -> dict[str, Any]:
    """The body of a WooCommerce POST /orders for this form and basket."""
    billing = {key: asked[key] for key in _WANTED} | {"phone": asked.get("phone", "")[:40]}
    return {
        "status": "processing",
        "set_paid": True,
        "currency": CURRENCY,
        "customer_id": int(account.user_id) if account else 0,
        "created_via": "checkout",
        "payment_method": "bacs",
        "payment_method_title": "Pay later (demo)",
        "billing": billing,
        "line_items": [
            {
                "product_id": int(line.product.product_id),
                "variation_id": int(line.variant.variant_id) if line.variant else 0,
                "quantity": line.quantity,
            }
            for line in lines
        ],
    }


def _bought(
    request: Request, visit: Visit, lines: Sequence[Line], order: dict[str, Any]
) -> dict[str, Any]:
    return {
        "order_id": str(order["id"]),
        "order_key": order["order_key"],
        "cart_id": visit.cart_id,
        "total": float(order["total"]),
        "shipping": float(order["shipping_total"]),
        "currency": order["currency"],
        "products": [line_fields(request, line) for line in lines],
    }


async def received(request: Request) -> Response:
    """The thank-you page; only with the order's key, and only for who placed it."""
    visit = visit_of(request)
    order = visit.orders.get(request.path_params["order_id"]) if visit else None
    given = request.query_params.get("key", "").encode()
    if order is None or not hmac.compare_digest(given, str(order["order_key"]).encode()):
        raise HTTPException(404)
    goods = counter_of(request).catalogue
    bought = [(line, _tone_of(goods, line)) for line in order["line_items"]]
    return render(request, "received.html", title="Thank you", order=order, bought=bought)


def _tone_of(goods: Sequence[DemoProduct], line: dict[str, Any]) -> str:
    """The end of the picture's name for an ordered variant: "-moss", or "" for the usual one."""
    product = next((p for p in goods if p.product_id == str(line["product_id"])), None)
    variant = product.variant(str(line["variation_id"])) if product else None
    return f"-{variant.tone}" if product and variant and variant.tone != product.tone else ""


async def account(request: Request) -> Response:
    """Signing in with an e-mail address alone; an unknown one becomes a new account."""
    counter = counter_of(request)
    if request.method == "GET":
        hints = [a.email for a in list(counter.accounts.values())[:3]]
        return render(request, "account.html", title="Account", hints=hints, error="", typed="")
    asked = await fields(request)
    email = asked.get("email", "")[:254]
    if not _EMAIL.fullmatch(email):
        error = "E-mail address: please write it like name@example.test."
        return render(
            request, "account.html", title="Account", hints=[], error=error, typed=email, status=422
        )
    if len(counter.accounts) >= _MOST_ACCOUNTS and email.casefold() not in counter.accounts:
        raise HTTPException(503, "this demonstration shop has no room for more accounts")
    number = str(_FIRST_NEW_ACCOUNT + len(counter.accounts))
    new = Account(number, email, asked.get("first_name", "")[:60])
    known = counter.accounts.setdefault(email.casefold(), new)
    token, visit = visit_for_change(request)
    visit.account, visit.notice = known, f"Good to see you, {known.first_name or known.email}."
    traits = {"email": known.email, "firstName": known.first_name}
    visit.pending.append(Event("", {k: v for k, v in traits.items() if v}, known.user_id))
    return redirect("/my-account/", counter.visits.move(token, visit))


async def leave(request: Request) -> Response:
    """Signs out; the basket stays."""
    token, visit = visit_for_change(request)
    visit.account, visit.notice = None, "You are signed out."
    return redirect("/my-account/", token)
