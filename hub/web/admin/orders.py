"""Orders: the list and one order."""

from __future__ import annotations

from starlette.responses import Response

from hub.flows.orders_read import STATUSES, list_orders, order_page
from hub.web.admin.ask import Ask, Line, NotFound


async def search(ask: Ask) -> Response:
    chosen = {name: ask.query(name) for name in ("query", "status", "provisional")}
    found = await list_orders(ask.hub, **chosen, after=ask.query("after"))
    template = "orders/rows.html" if ask.htmx else "orders/list.html"
    return ask.page(template, found=found, chosen=chosen, statuses=STATUSES)


async def show(ask: Ask) -> Response:
    page = await order_page(ask.hub, ask.path("pk"))
    if page is None:
        raise NotFound
    return ask.page("orders/order.html", view=page)


LINES = (Line("GET", "/orders", search), Line("GET", "/orders/{pk:int}", show))
