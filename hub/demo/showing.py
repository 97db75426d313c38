"""Pages of the demo shop to look at: home, categories, products, search, privacy, pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hub.demo.catalogue import DemoProduct, categories
from hub.demo.counter import Counter, counter_of, product_fields, render, visit_of
from hub.demo.ink import TONES
from hub.demo.pictures import category_picture, hero_picture, mark_picture, product_picture
from hub.demo.visits import Event

SORTS = {
    "": "Our order",
    "price": "Price, low to high",
    "-price": "Price, high to low",
    "name": "Name",
}
_TOLD_OF_A_LIST = 12


async def home(request: Request) -> Response:
    """The front page."""
    goods = counter_of(request).catalogue
    featured = _first_of_each_shelf(p for p in goods if p.featured and p.in_stock)
    reduced = [p for p in goods if p.list_price and p.in_stock]
    return render(
        request,
        "home.html",
        title="",
        featured=featured[:8],
        week=featured[8:12],
        reduced=reduced[:4],
    )


def _first_of_each_shelf(goods: Iterable[DemoProduct]) -> list[DemoProduct]:
    """The first from every shelf, then the others: the front page shows the whole shop."""
    first: dict[str, DemoProduct] = {}
    others = [p for p in goods if first.setdefault(p.category, p) is not p]
    return [*first.values(), *others]


async def category(request: Request) -> Response:
    """One shelf, filtered and sorted as asked."""
    slug = request.path_params["slug"]
    shelf = next((c for c in categories() if c.slug == slug), None)
    if shelf is None:
        raise HTTPException(404)
    everything = [p for p in counter_of(request).catalogue if p.category == slug]
    asked = request.query_params
    goods = _sorted(everything, asked.get("sort", ""))
    if asked.get("brand"):
        goods = [p for p in goods if p.brand == asked["brand"]]
    if asked.get("stock"):
        goods = [p for p in goods if p.in_stock]
    told = [product_fields(request, p) for p in goods[:_TOLD_OF_A_LIST]]
    seen = {"list_id": slug, "category": shelf.name, "products": told}
    return render(
        request,
        "category.html",
        title=shelf.name,
        events=[Event("Product List Viewed", seen)],
        category_name=shelf.name,
        shelf=shelf,
        goods=goods,
        brands=sorted({p.brand for p in everything}),
        sorts=SORTS,
        asked=dict(asked),
    )


def _sorted(goods: Sequence[DemoProduct], by: str) -> list[DemoProduct]:
    if by in ("price", "-price"):
        return sorted(goods, key=lambda p: p.price, reverse=by == "-price")
    if by == "name":
        return sorted(goods, key=lambda p: p.name.casefold())
    return sorted(goods, key=lambda p: (not p.featured, not p.in_stock))


async def product(request: Request) -> Response:
    """One product with its variants, and what stands beside it."""
    counter = counter_of(request)
    shown = counter.find(request.path_params["slug"])
    visit = visit_of(request)
    # The page after "add to cart" is the same page: it is not looked at a second time.
    again = bool(visit and visit.pending)
    events = [] if again else [Event("Product Viewed", product_fields(request, shown))]
    near = [p for p in counter.catalogue if p.category == shown.category and p != shown]
    return render(
        request,
        "product.html",
        title=shown.name,
        events=events,
        product_id=shown.product_id,
        category_name=shown.category_name,
        p=shown,
        near=[p for p in near if p.in_stock][:4],
    )


async def search(request: Request) -> Response:
    """Products in which every word asked for occurs."""
    query = request.query_params.get("q", "").strip()[:100]
    found = find_products(counter_of(request), query)
    told = [Event("Products Searched", {"query": query, "results": len(found)})] if query else []
    return render(
        request, "search.html", title="Search", events=told, query=query, goods=found[:48]
    )


def find_products(counter: Counter, query: str) -> list[DemoProduct]:
    """What a search for these words finds, names first; nothing for no words."""
    words = query.casefold().split()
    if not words:
        return []
    found = []
    for p in counter.catalogue:
        name = p.name.casefold()
        text = f"{name} {p.brand} {p.category_name} {p.text}".casefold()
        if all(word in text for word in words):
            found.append((not all(word in name for word in words), p))
    return [p for _, p in sorted(found, key=lambda pair: pair[0])]


async def privacy(request: Request) -> Response:
    """What the shop keeps, and the way back to the cookie choice."""
    return render(request, "privacy.html", title="Privacy")


async def missing(request: Request, error: Exception) -> Response:
    """The page for an address that leads nowhere."""
    return render(request, "missing.html", title="Not found", status=404)


async def picture(request: Request) -> Response:
    """A drawing: "hero", "mark", "category-<slug>", "<product id>" or "<product id>-<tone>"."""
    svg = _drawn(counter_of(request), request.path_params["name"])
    if svg is None:
        raise HTTPException(404)
    headers = {"cache-control": "public, max-age=86400"}
    return Response(svg, media_type="image/svg+xml", headers=headers)


def _drawn(counter: Counter, name: str) -> str | None:
    if name in ("hero", "mark"):
        return hero_picture() if name == "hero" else mark_picture()
    if name.startswith("category-"):
        shelf = next((c for c in categories() if f"category-{c.slug}" == name), None)
        return category_picture(shelf) if shelf else None
    number, _, tone = name.partition("-")
    found = next((p for p in counter.catalogue if p.product_id == number), None)
    if found is None or (tone and tone not in TONES):
        return None
    return product_picture(found, tone)
