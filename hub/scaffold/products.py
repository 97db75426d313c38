"""The demo shop as recommenders and widgets see it, without a hub."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from hub.demo.catalogue import CURRENCY, DemoProduct, catalogue
from hub.sdk.records import Product

AT = datetime(2026, 11, 1, tzinfo=UTC)


@cache
def demo_products() -> dict[str, Product]:
    """The demo's catalogue by product id."""
    return {one.product_id: _product(one) for one in catalogue()}


def demo_cards(count: int) -> list[dict[str, Any]]:
    """Products as a page is given them."""
    return [
        {"product_id": p.product_id, "title": p.title, "url": p.url, "image_url": "",
         "price": p.price, "list_price": p.list_price, "currency": p.currency}
        for p in list(demo_products().values())[:count]
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExampleVisit:
    """A page view (hub.sdk.recommender.VisitFacts)."""

    title: str
    product: str = ""
    category: str = ""
    locale: str = "en"
    now: int = 1_795_435_200_000
    limit: int = 6
    seen: Mapping[str, int] = field(default_factory=dict)


class DemoShop:
    """The catalogue (hub.sdk.recommender.ShopView). What is popular and what is looked at
    together is made up: the catalogue's order, and products of one category."""

    def get(self, product_id: str) -> Product | None:
        return demo_products().get(product_id)

    def in_category(self, category: str) -> Iterator[str]:
        return (p.product_id for p in demo_products().values() if category in p.categories)

    def viewed_with(self, product_id: str) -> Sequence[str]:
        known = self.get(product_id)
        names: Iterable[str] = known.categories if known else ()
        return [p for name in names for p in self.in_category(name) if p != product_id][:30]

    def popular(self) -> Sequence[str]:
        return list(demo_products())[::3]


def example_visits() -> list[ExampleVisit]:
    """A few page views, from a stranger to somebody who looked around."""
    ids = list(demo_products())
    first = demo_products()[ids[0]]
    seen = {ids[5]: 1_795_435_100_000, ids[9]: 1_795_435_000_000}
    return [
        ExampleVisit("a stranger on the home page"),
        ExampleVisit(f"on the page of {first.title}", product=ids[0]),
        ExampleVisit(f"in the category {first.categories[0]}", category=first.categories[0]),
        ExampleVisit("somebody who looked at two products", product=ids[0], seen=seen),
    ]


def _product(one: DemoProduct) -> Product:
    return Product(
        shop="demo",
        product_id=one.product_id,
        updated_at=AT,
        title=one.name,
        currency=CURRENCY,
        url=f"/products/{one.slug}",
        price=one.price,
        list_price=one.list_price,
        categories=(one.category_name,),
        brand=one.brand,
        sku=one.sku,
        stock="yes" if one.in_stock else "no",
        quantity=one.quantity,
    )
