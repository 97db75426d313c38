"""Products: what may be shown, what stands in the way, and what belongs together."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.products_read import list_products, product_page, unknown_products
from hub.web.admin.ask import Ask, Line, NotFound


async def search(ask: Ask) -> Response:
    chosen = {name: ask.query(name) for name in ("query", "stock")}
    found = await list_products(ask.hub, **chosen, after=ask.query("after"))
    if ask.htmx:
        return ask.page("products/rows.html", found=found, chosen=chosen)
    unknown = await unknown_products(ask.hub)
    return ask.page("products/list.html", found=found, chosen=chosen, unknown=unknown)


async def show(ask: Ask) -> Response:
    page = await product_page(ask.hub, ask.path("pk"))
    if page is None:
        raise NotFound
    return ask.page("products/product.html", view=page)


LINES = (Line("GET", "/products", search), Line("GET", "/products/{pk:int}", show))
