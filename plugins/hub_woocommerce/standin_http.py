"""The stand-in shop's REST API: signing in, lists with WooCommerce's filters, errors."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub_woocommerce import shapes
from hub_woocommerce.shapes import ZONE, Json

if TYPE_CHECKING:
    from hub_woocommerce.standin import StandIn

POSTS = ("date", "id", "include", "title", "slug", "modified")
ORDER_STATUSES = (
    "any trash auto-draft pending processing on-hold completed cancelled refunded failed "
    "checkout-draft"
).split()
PRODUCT_STATUSES = "any future trash draft pending private publish".split()
HIDDEN = {"checkout-draft", "trash", "auto-draft"}


class Refusal(Exception):
    """An error answer in WooCommerce's shape."""

    def __init__(self, status: int, code: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "data": {"status": status, **data}}


@dataclass(frozen=True, slots=True)
class Kind:
    """How one list may be filtered and ordered."""

    orderby: tuple[str, ...] = POSTS
    default: str = "date"
    ascending: bool = False
    statuses: tuple[str, ...] = ()
    by_role: bool = False
    by_change: bool = True


ORDERS = Kind(statuses=tuple(ORDER_STATUSES))
PRODUCTS = Kind(statuses=tuple(PRODUCT_STATUSES))
OTHER_POSTS = Kind()
CUSTOMERS = Kind(("id", "include", "name", "registered_date"), "name", True, (), True, False)
WEBHOOKS = Kind(("date", "id", "title"), by_change=False)


def build_app(shop: StandIn) -> Starlette:
    """The API of the shop, under /wp-json and under ?rest_route=."""

    async def pretty(request: Request) -> Response:
        return await _answer(shop, request, "/" + request.path_params["path"])

    async def plain(request: Request) -> Response:
        route = request.query_params.get("rest_route")
        return await _answer(shop, request, route) if route else _page(shop)

    methods = ["GET", "POST", "PUT"]
    return Starlette(
        routes=[
            Route("/wp-json/{path:path}", pretty, methods=methods),
            Route("/", plain, methods=methods),
        ]
    )


def _page(shop: StandIn) -> Response:
    return Response(f"<!doctype html><title>{shop.name}</title>", media_type="text/html")


async def _answer(shop: StandIn, request: Request, path: str) -> Response:
    try:
        if path in {"", "/"}:
            return _json(_fields({"name": shop.name, "url": str(request.base_url)}, request))
        if not path.startswith("/wc/v3/"):
            raise _no_route()
        sign_in(shop, request)
        return await _route(shop, request, path.removeprefix("/wc/v3/").strip("/").split("/"))
    except Refusal as refusal:
        return _json(refusal.body, refusal.status)


async def _route(shop: StandIn, request: Request, steps: list[str]) -> Response:
    if request.method != "GET":
        return await _write(shop, request, steps)
    tables = shop.tables
    lists: dict[str, tuple[Iterable[Json], Kind]] = {
        "orders": (tables.orders.values(), ORDERS),
        "products": (tables.products.values(), PRODUCTS),
        "variations": (tables.variations.values(), OTHER_POSTS),
        "customers": (tables.customers.values(), CUSTOMERS),
        "refunds": (tables.refunds.values(), OTHER_POSTS),
        "webhooks": (tables.webhooks.values(), WEBHOOKS),
    }
    match steps:
        case ["data", "currencies", "current"]:
            return _json(
                {**shapes.recorded("data_currencies_current")["body"], "code": shop.currency}
            )
        case ["coupons"]:
            return _listing(request, shapes.recorded("coupons")["body"], OTHER_POSTS)
        case [name] if name in lists:
            return _listing(request, *lists[name])
        case ["orders" | "products" | "customers" | "webhooks" as name, number]:
            return _json(_fields(_one(getattr(tables, name), number, name), request))
        case ["orders", "41", "notes"]:
            return _json(shapes.recorded("order_notes")["body"])
        case ["orders", number, "refunds"]:
            order = _one(tables.orders, number, "orders")["id"]
            return _listing(request, _children(tables.refunds, order), OTHER_POSTS)
        case ["products", number, "variations"]:
            product = _one(tables.products, number, "products")["id"]
            return _listing(request, _children(tables.variations, product), OTHER_POSTS)
    raise _no_route()


async def _write(shop: StandIn, request: Request, steps: list[str]) -> Response:
    if not shop.may_write:
        words = "Sorry, you are not allowed to create resources."
        raise Refusal(401, "woocommerce_rest_cannot_create", words)
    raw = await request.body()
    body = orjson.loads(raw)
    if (replayed := _replay(request, raw)) is not None:
        return replayed
    match request.method, steps:
        case "POST", ["webhooks"]:
            return _json(shop.save_webhook(None, body), 201)
        case "PUT" | "POST", ["webhooks", number]:
            hook = _one(shop.tables.webhooks, number, "webhooks")["id"]
            return _json(shop.save_webhook(hook, body))
        case "PUT", ["orders", number]:
            order = _one(shop.tables.orders, number, "orders")["id"]
            return _json(shop.set_order_status(order, body["status"]))
        case "POST", ["orders", number, "refunds"]:
            order = _one(shop.tables.orders, number, "orders")["id"]
            return _json(shop.refund(order, body["amount"], body.get("reason", "")), 201)
    raise _no_route()


def _replay(request: Request, raw: bytes) -> Response | None:
    """A request that was recorded word for word is answered as it was."""
    names = "coupon_create order_bad_body product_variable refund_create variation_create"
    for name in names.split():
        case = shapes.recorded(name)
        path = "/" + case["request"]["url"].split("/", 3)[3]
        if request.method == "POST" and request.url.path == path:
            if case["request"]["body"].encode() == raw:
                return _json(case["body"], case["status"])
    return None


# -- lists ----------------------------------------------------------------------------------


def _listing(request: Request, rows: Iterable[Json], kind: Kind) -> Response:
    query = request.query_params
    page = _number(query.get("page", "1"), "page", 1, None)
    size = _number(query.get("per_page", "10"), "per_page", 1, 100)
    found = [row for row in rows if _matches(row, query, kind)]
    _sort(found, query, kind)
    total = len(found)
    start = int(query["offset"]) if "offset" in query else (page - 1) * size
    part = found[start : start + size]
    if page > 1 and not part:
        total = 0  # past the end WordPress counts nothing
    pages = -(-total // size)
    headers = {"X-WP-Total": str(total), "X-WP-TotalPages": str(pages)}
    if link := _link(request, page, pages):
        headers["Link"] = link
    return _json([_fields(row, request) for row in part], 200, headers)


def _matches(row: Json, query: Any, kind: Kind) -> bool:
    if kind.statuses and not _has_status(row, query.get("status", "any"), kind):
        return False
    if kind.by_role and query.get("role", "customer") not in {"all", row["role"]}:
        return False
    if "include" in query and str(row["id"]) not in query["include"].split(","):
        return False
    if (type_ := query.get("type")) and row.get("type") != type_:
        return False
    if not _is_about(row, query):
        return False
    if not kind.by_change:
        return True
    return all(
        _in_time(row, query, name, field, is_after)
        for name, field, is_after in (
            ("modified_after", "date_modified", True),
            ("modified_before", "date_modified", False),
            ("after", "date_created", True),
            ("before", "date_created", False),
        )
        if name in query
    )


def _is_about(row: Json, query: Any) -> bool:
    """The filters by person: customers by `email`, orders by `customer` and by `search`, which
    finds parts of words in the billing address."""
    if "email" in query and row.get("email", "").lower() != query["email"].lower():
        return False
    if "customer" in query and str(row.get("customer_id")) != query["customer"]:
        return False
    searched = " ".join(str(part) for part in row.get("billing", {}).values()).lower()
    return query.get("search", "").lower() in searched


def _has_status(row: Json, asked: str, kind: Kind) -> bool:
    wanted = asked.split(",")
    for i, status in enumerate(wanted):
        if status not in kind.statuses:
            named = ", ".join(kind.statuses[:-1]) + f", and {kind.statuses[-1]}"
            raise _invalid("status", f"status[{i}] is not one of {named}.", "rest_not_in_enum")
    if "any" in wanted:
        return row["status"] not in HIDDEN
    return row["status"] in wanted


def _in_time(row: Json, query: Any, name: str, field: str, is_after: bool) -> bool:
    """WordPress compares whole seconds and strictly. A value with a zone becomes local time
    first, also when the GMT column is asked for: that is its trap."""
    try:
        bound = datetime.fromisoformat(query[name])
    except ValueError:
        raise _invalid(name, "Invalid date.", "rest_invalid_date") from None
    if bound.tzinfo is not None:
        bound = bound.astimezone(ZONE).replace(tzinfo=None)
    if query.get("dates_are_gmt") in {"true", "1"}:
        field += "_gmt"
    if not row.get(field):
        return False
    at = datetime.fromisoformat(row[field])
    return at > bound if is_after else at < bound


def _sort(rows: list[Json], query: Any, kind: Kind) -> None:
    orderby = query.get("orderby", kind.default)
    if orderby not in kind.orderby:
        named = ", ".join(kind.orderby[:-1]) + f", and {kind.orderby[-1]}"
        raise _invalid("orderby", f"orderby is not one of {named}.", "rest_not_in_enum")
    fields = {"date": "date_created", "modified": "date_modified", "name": "username"}
    field = fields.get(orderby)
    down = query.get("order", "asc" if kind.ascending else "desc") == "desc"
    key: Callable[[Json], Any] = lambda row: (row.get(field) or "" if field else "", row["id"])  # noqa: E731
    rows.sort(key=key, reverse=down)


def _link(request: Request, page: int, pages: int) -> str:
    pairs = [(k, v) for k, v in request.query_params.multi_items() if not k.startswith("oauth_")]

    def to(number: int, rel: str) -> str:
        own = [(k, str(number) if k == "page" else v) for k, v in pairs]
        if not any(k == "page" for k, _ in pairs):
            own.append(("page", str(number)))
        address = request.url.replace(query=urlencode(own))
        return f'<{address}>; rel="{rel}"'

    links = [to(min(page - 1, pages), "prev")] if page > 1 else []
    if page < pages:
        links.append(to(page + 1, "next"))
    return ", ".join(links)


def _children(table: dict[int, Json], parent: int) -> list[Json]:
    return [row for row in table.values() if row.get("parent_id") == parent]


def _one(table: dict[int, Json], number: str, name: str) -> Json:
    if number.isdigit() and (row := table.get(int(number))) is not None:
        return row
    kind = "shop_order" if name == "orders" else name.rstrip("s")
    raise Refusal(404, f"woocommerce_rest_{kind}_invalid_id", "Invalid ID.")


def _fields(row: Json, request: Request) -> Json:
    wanted = request.query_params.get("_fields")
    return {k: v for k, v in row.items() if k in wanted.split(",")} if wanted else row


def _number(text: str, name: str, low: int, high: int | None) -> int:
    number = int(text) if text.isdigit() else 0
    if number < low or (high is not None and number > high):
        words = f"{name} must be between {low} (inclusive) and {high} (inclusive)"
        raise _invalid(name, words, "rest_out_of_bounds")
    return number


def _invalid(name: str, words: str, code: str) -> Refusal:
    detail = {"code": code, "message": words, "data": None}
    return Refusal(
        400,
        "rest_invalid_param",
        f"Invalid parameter(s): {name}",
        params={name: words},
        details={name: detail},
    )


def _no_route() -> Refusal:
    words = "No route was found matching the URL and request method."
    return Refusal(404, "rest_no_route", words)


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(
        orjson.dumps(body), status, headers, media_type="application/json; charset=UTF-8"
    )


# -- signing in -----------------------------------------------------------------------------


def sign_in(shop: StandIn, request: Request) -> None:
    """Basic or the query over TLS; over plain HTTP only a fresh OAuth 1.0a signature."""
    tls = shop.tls or request.headers.get("x-forwarded-proto") == "https"
    query = request.query_params
    if "oauth_signature" in query:
        return _check_oauth(shop, request)
    given = _basic(request) or (query.get("consumer_key", ""), query.get("consumer_secret", ""))
    if not tls or not hmac.compare_digest(given[0].encode(), shop.consumer_key.encode()):
        raise Refusal(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
    if not hmac.compare_digest(given[1].encode(), shop.consumer_secret.encode()):
        raise _unauthentic("Consumer secret is invalid.")
    return None


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    key, _, secret = base64.b64decode(text).decode().partition(":")
    return key, secret


def _check_oauth(shop: StandIn, request: Request) -> None:
    given = dict(request.query_params)
    names = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature_method")
    if any(not given.get(name) for name in names):
        raise _unauthentic("Missing OAuth parameter.")
    if given["oauth_consumer_key"] != shop.consumer_key:
        raise _unauthentic("Consumer key is invalid.")
    signature = given.pop("oauth_signature")
    # the way WooCommerce does it: each name and value encoded, sorted, joined and encoded again
    pairs = sorted((quote(k, safe="~"), quote(v, safe="~")) for k, v in given.items())
    joined = "%26".join(quote(k, safe="~") + "%3D" + quote(v, safe="~") for k, v in pairs)
    address = str(request.url.replace(query="", fragment=""))
    base = f"{request.method}&{quote(address, safe='~')}&{joined}"
    mac = hmac.new(f"{shop.consumer_secret}&".encode(), base.encode(), hashlib.sha256)
    if not hmac.compare_digest(base64.b64encode(mac.digest()), signature.encode()):
        raise _unauthentic("Invalid signature - provided signature does not match.")
    now = shop.clock.now().astimezone(UTC).timestamp()
    if abs(now - int(given["oauth_timestamp"])) > 15 * 60:
        raise _unauthentic("Invalid timestamp.")
    if given["oauth_nonce"] in shop.nonces:
        raise _unauthentic("Invalid nonce - nonce has already been used.")
    shop.nonces.add(given["oauth_nonce"])


def _unauthentic(words: str) -> Refusal:
    return Refusal(401, "woocommerce_rest_authentication_error", words)
