"""products: the catalogue as decisions see it, one product with its company, and unknown ids."""

from __future__ import annotations

import msgspec
import orjson

from hub.catalogue.products import ProductState
from hub.clock import to_ms
from hub.core import Hub
from hub.flows.recommend import PRICE_MAX_AGE_MS

PAGE = 50
NEIGHBOURS = 8
LOOKED_AT = 2000


class ProductLine(msgspec.Struct, frozen=True):
    """`showable`: a browser may be shown it now; `why_not` says what stands in the way."""

    pk: int
    shop: str
    product_id: str
    title: str
    price: int | None
    list_price: int | None
    currency: str
    url: str
    image_url: str
    category: str
    stock: str
    quantity: int | None
    price_at: int
    showable: bool
    why_not: str


class ProductList(msgspec.Struct, frozen=True):
    products: list[ProductLine]
    total: int
    next: str


class VariantLine(msgspec.Struct, frozen=True):
    variant_id: str
    title: str
    sku: str
    price: int | None
    stock: str
    quantity: int | None


class ProductPage(msgspec.Struct, frozen=True):
    product: ProductLine
    sku: str
    brand: str
    variants: list[VariantLine]
    also_viewed: list[ProductLine]


class UnknownProduct(msgspec.Struct, frozen=True):
    """A product id that pages speak of and the catalogue does not know."""

    shop: str
    reference: str
    n: int


async def list_products(
    hub: Hub, *, query: str = "", stock: str = "", after: str = ""
) -> ProductList:
    """Products by title; the catalogue is in memory, so this asks no database."""
    words = query.casefold().split()
    found = [
        state
        for state in hub.catalogue
        if not state.product.deleted
        and (not stock or state.product.stock == stock)
        and all(word in _search_text(state) for word in words)
    ]
    found.sort(key=lambda state: (state.product.title.casefold(), state.pk))
    start = int(after) if after.isdecimal() and len(after) < 9 else 0
    page = [_line(hub, state) for state in found[start : start + PAGE]]
    more = start + PAGE < len(found)
    return ProductList(page, len(found), str(start + PAGE) if more else "")


async def product_page(hub: Hub, pk: int) -> ProductPage | None:
    """One product and what is looked at together with it, or None."""
    rows = await hub.database.fetch("SELECT shop, product_id FROM product WHERE id = ?", (pk,))
    state = hub.catalogue.get(*rows[0]) if rows else None
    if state is None:
        return None
    product = state.product
    others = hub.recommender.also_viewed(product.shop, product.product_id, lambda _: True)
    known = [hub.catalogue.get(product.shop, other) for other in others]
    return ProductPage(
        _line(hub, state),
        product.sku,
        product.brand,
        [
            VariantLine(v.variant_id, v.title, v.sku, v.price, v.stock, v.quantity)
            for v in product.variants or ()
        ],
        [_line(hub, other) for other in known if other is not None][:NEIGHBOURS],
    )


async def unknown_products(hub: Hub) -> list[UnknownProduct]:
    """Ids in the last few thousand product views that the catalogue can not place."""
    rows = await hub.database.fetch(
        "SELECT source_id, body FROM log WHERE seq > (SELECT COALESCE(MAX(seq), 0) FROM log) - ? "
        "AND kind = 'event' AND name = 'Product Viewed' ORDER BY seq DESC LIMIT ?",
        (10 * LOOKED_AT, LOOKED_AT),
    )
    counts: dict[tuple[str, str], int] = {}
    for source_id, body in rows:
        properties = orjson.loads(body).get("properties") or {}
        reference = str(properties.get("product_id") or properties.get("sku") or "")[:128]
        source = hub.sources.get(source_id)
        if reference and source and not hub.catalogue.resolve(source.shop, reference):
            counts[source.shop, reference] = counts.get((source.shop, reference), 0) + 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [UnknownProduct(shop, reference, n) for (shop, reference), n in ordered[:100]]


def _search_text(state: ProductState) -> str:
    p = state.product
    return f"{p.title} {p.product_id} {p.sku} {' '.join(p.categories)}".casefold()


def _line(hub: Hub, state: ProductState) -> ProductLine:
    p = state.product
    why_not = _why_not(hub, state)
    return ProductLine(
        state.pk, p.shop, p.product_id, p.title, p.price, p.list_price, p.currency, p.url,
        p.image_url, " / ".join(p.categories), p.stock, p.quantity, state.price_at,
        not why_not, why_not,
    )  # fmt: skip


def _why_not(hub: Hub, state: ProductState) -> str:
    p = state.product
    if p.deleted:
        return "deleted"
    if not p.published:
        return "not published"
    if p.price is None:
        return "no price"
    if p.stock == "no":
        return "sold out"
    if not p.url:
        return "no address"
    if to_ms(hub.clock.now()) - state.price_at > PRICE_MAX_AGE_MS:
        return "price too old"
    return ""
