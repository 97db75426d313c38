"""A recommender at work on the demo's catalogue."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from hub.scaffold.parts import Part
from hub.scaffold.products import DemoShop, ExampleVisit, demo_products, example_visits
from hub.sdk.recommender import MAX_CANDIDATES, Recommender


async def show_recommender(recommender: Recommender, _: Path, __: list[Any]) -> list[Part]:
    """Its ranking for a few page views, with what the hub leaves out."""
    needs = "Asks for a visitor who looked at something." if recommender.needs_visitor else ""
    return [Part("For whom", needs or "Works for a first visit too.")] + [
        _ranking(recommender, visit) for visit in example_visits()
    ]


def _ranking(recommender: Recommender, visit: ExampleVisit) -> Part:
    ranked = list(islice(recommender.rank(visit, DemoShop()), MAX_CANDIDATES))
    rows, shown = [], 0
    for product_id in ranked[:20]:
        product = demo_products().get(product_id)
        if product is None:
            rows.append((product_id, "", "", "left out: not known"))
            continue
        out = "sold out" if product.stock == "no" else ""
        out = out or ("the product of this page" if product_id == visit.product else "")
        shown += not out
        note = f"left out: {out}" if out else ("shown" if shown <= visit.limit else "")
        price = f"{(product.price or 0) / 100:.2f}"
        rows.append((product.title, ", ".join(product.categories), price, note))
    words = f"{len(ranked)} ranked; room for {visit.limit}"
    columns = ("Product", "Category", "Price", "")
    return Part(
        f"{visit.title[:1].upper()}{visit.title[1:]}", words, columns=columns, rows=tuple(rows)
    )
