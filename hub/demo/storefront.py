"""The demo shop as a web application: pages for people, the hub's snippet on each of them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.demo import buying, showing
from hub.demo.catalogue import DemoProduct
from hub.demo.counter import Counter, PlaceOrder

_SHOP = Path(__file__).parent / "shop"


def storefront(
    catalogue: Sequence[DemoProduct],
    hub_origin: str,
    write_key: str,
    place_order: PlaceOrder,
    *,
    customers: Sequence[dict[str, Any]] = (),
    mint: Callable[[], str] = lambda: secrets.token_urlsafe(24),
) -> Starlette:
    """The shop. `place_order` gets the body of a WooCommerce POST /orders and answers the order.

    `customers` are WooCommerce customers who may sign in with their e-mail address alone: this
    is a shop for trying things out, so let it listen on the loopback interface only.
    """
    origin = checked_origin(hub_origin)
    env = Environment(
        loader=FileSystemLoader(_SHOP / "templates"), autoescape=True, undefined=StrictUndefined
    )
    env.filters["money"] = lambda minor: f"€{minor // 100}.{minor % 100:02d}"
    env.filters["json"] = lambda value: msgspec.json.encode(value).decode()
    app = Starlette(
        routes=_routes(),
        middleware=[Middleware(_Headers, policy=_policy(origin))],
        exception_handlers={404: showing.missing},
    )
    app.state.counter = Counter(
        tuple(catalogue), origin, write_key, place_order, env, mint, customers
    )
    return app


def checked_origin(hub_origin: str) -> str:
    """The hub's origin without a path; ValueError when it is none (it ends up in a header)."""
    parts = urlsplit(hub_origin.rstrip("/"))
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise ValueError(f"hub_origin: {hub_origin!r} is not like http://127.0.0.1:8000")
    if any(letter in hub_origin for letter in " ;,\"'\r\n"):
        raise ValueError("hub_origin: an origin has no spaces, quotes or separators")
    return f"{parts.scheme}://{parts.netloc}"


def _routes() -> list[BaseRoute]:
    return [
        Route("/", showing.home, name="home"),
        Route("/product-category/{slug}/", showing.category, name="category"),
        Route("/product/{slug}/", showing.product, name="product"),
        Route("/search/", showing.search, name="search"),
        Route("/privacy/", showing.privacy, name="privacy"),
        Route("/picture/{name}.svg", showing.picture, name="picture"),
        Route("/cart/", buying.cart, name="cart"),
        Route("/cart/add", buying.add, methods=["POST"], name="cart_add"),
        Route("/cart/change", buying.change, methods=["POST"], name="cart_change"),
        Route("/checkout/", buying.checkout, methods=["GET", "POST"], name="checkout"),
        Route("/checkout/order-received/{order_id}/", buying.received, name="received"),
        Route("/my-account/", buying.account, methods=["GET", "POST"], name="account"),
        Route("/my-account/leave", buying.leave, methods=["POST"], name="leave"),
        Route("/healthz", _healthy),
        Mount("/assets", StaticFiles(directory=_SHOP / "static"), name="assets"),
    ]


async def _healthy(request: Request) -> Response:
    return Response("ok", media_type="text/plain")


def _policy(hub_origin: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {hub_origin}",
            f"style-src 'self' {hub_origin}",
            f"img-src 'self' {hub_origin} data:",
            f"connect-src 'self' {hub_origin}",
            "font-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            f"frame-ancestors 'self' {hub_origin}",
        )
    )


class _Headers:
    """Puts the shop's security headers on each answer."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        self._added = [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"strict-origin-when-cross-origin"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *self._added]}
            await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)
