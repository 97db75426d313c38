"""What every page of the demo shop needs: the goods, the visit, the templates."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hub.demo.catalogue import CURRENCY, SHOP_LINE, SHOP_NAME, DemoProduct, categories
from hub.demo.visits import Account, Event, Line, Visit, Visits
from hub.demo.woo import image_url, product_url

PlaceOrder = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
COOKIE = "shop_session"
_MOST_BODY = 16_384


class Counter:
    """The shop behind the pages: its goods, its sessions and its accounts."""

    def __init__(  # noqa: PLR0917 (called in one place, by the factory)
        self,
        catalogue: tuple[DemoProduct, ...],
        hub_origin: str,
        write_key: str,
        place_order: PlaceOrder,
        templates: Environment,
        mint: Callable[[], str],
        customers: Sequence[dict[str, Any]],
    ) -> None:
        self.catalogue, self.hub_origin, self.write_key = catalogue, hub_origin, write_key
        self.place_order, self.templates = place_order, templates
        self.visits = Visits(mint)
        self.accounts = {
            str(c["email"]).casefold(): Account(str(c["id"]), c["email"], c["first_name"])
            for c in customers
        }

    def find(self, slug: str) -> DemoProduct:
        """The product at this address; 404 when there is none."""
        for product in self.catalogue:
            if product.slug == slug:
                return product
        raise HTTPException(404)


def counter_of(request: Request) -> Counter:
    """The shop this request came to."""
    held: Counter = request.app.state.counter
    return held


def visit_of(request: Request) -> Visit | None:
    """The visit this browser's cookie stands for, if it has one."""
    return counter_of(request).visits.find(request.cookies.get(COOKIE, ""))


def visit_for_change(request: Request) -> tuple[str, Visit]:
    """This browser's visit and cookie, opened now if it has none."""
    found = visit_of(request)
    if found is not None:
        return request.cookies[COOKIE], found
    return counter_of(request).visits.open()


async def fields(request: Request) -> dict[str, str]:
    """The fields of a small form; 413 when it is not small."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BODY:
            raise HTTPException(413)
    pairs = parse_qsl(body.decode("utf-8", "replace"), max_num_fields=40)
    return {key: value.strip() for key, value in pairs}


def redirect(to: str, token: str) -> Response:
    """Sends the browser on with its cookie (only for this site, unseen by scripts)."""
    response = RedirectResponse(to, status_code=303)
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax", path="/")
    return response


def render(
    request: Request,
    template: str,
    *,
    title: str,
    events: Sequence[Event] = (),
    status: int = 200,
    **values: Any,
) -> Response:
    """A page of the shop, with the events that it tells the hub."""
    counter, visit = counter_of(request), visit_of(request)
    pending, notice = visit.take() if visit else ([], "")
    html = counter.templates.get_template(template).render(
        shop_name=SHOP_NAME,
        shop_line=SHOP_LINE,
        title=title,
        hub_origin=counter.hub_origin,
        write_key=counter.write_key,
        categories=categories(),
        basket_size=sum(visit.quantities.values()) if visit else 0,
        account=visit.account if visit else None,
        path=request.url.path,
        events=[*pending, *events],
        notice=notice,
        **{"product_id": "", "category_name": "", "query": "", **values},
    )
    return HTMLResponse(html, status_code=status, headers={"cache-control": "no-store"})


def origin_of(request: Request) -> str:
    """The shop's own origin as the browser sees it."""
    return str(request.base_url).rstrip("/")


def product_fields(request: Request, product: DemoProduct) -> dict[str, Any]:
    """A product as e-commerce events tell it; the price in units, not in cents."""
    origin = origin_of(request)
    return {
        "product_id": product.product_id,
        "sku": product.sku,
        "name": product.name,
        "brand": product.brand,
        "category": product.category_name,
        "price": product.price / 100,
        "currency": CURRENCY,
        "url": product_url(origin, product),
        "image_url": image_url(origin, product),
    }


def line_fields(request: Request, line: Line, quantity: int = 0) -> dict[str, Any]:
    """A basket line as e-commerce events tell it."""
    told = product_fields(request, line.product)
    told |= {"price": line.price / 100, "quantity": quantity or line.quantity}
    if line.variant:
        told |= {"variant": line.variant.label, "sku": line.variant.sku}
    return told
