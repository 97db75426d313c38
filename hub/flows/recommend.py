"""The products of a recommendation widget, filtered and priced at the moment of serving."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from hub.catalogue.products import Catalogue
from hub.decisions.widget import Recommend, Widget
from hub.profiles.state import NodeState
from hub.recommend.coviews import CoViews

PRICE_MAX_AGE_MS = 30 * 86_400_000


class Shelf:
    """Answers the recommendation widgets of one page, no product twice in slots it named."""

    def __init__(
        self,
        catalogue: Catalogue,
        model: CoViews,
        shop: str,
        *,
        product: str,
        recent: Sequence[str],
        view: NodeState | None,
        now: int,
        slots_known: bool,
    ) -> None:
        """`recent`: what this tab saw, newest first. `view`: what may be used of the visitor.

        `slots_known`: the page named its slots, so every winner is really shown on it.
        """
        self._catalogue = catalogue
        self._model = model
        self._shop = shop
        self._product = catalogue.resolve(shop, product) if product else ""
        self._recent = [catalogue.resolve(shop, r) for r in recent]
        self._view = view
        self._now = now
        self._used = {self._product}
        self._slots_known = slots_known
        self._showable: dict[str, bool] = {}

    def __call__(self, widget: Widget) -> list[dict[str, Any]]:
        """The widget's products, topped up by its fallback."""
        wanted = widget.text.recommend
        if wanted is None:
            return []
        chosen = self._chosen(wanted)
        if self._slots_known:
            # Else a widget whose slot the page does not have would take them from one it has.
            self._used.update(chosen)
        return [self._card(product_id) for product_id in chosen]

    def _chosen(self, wanted: Recommend) -> list[str]:
        """As many products as wanted, and no look at more than that takes."""
        chosen: list[str] = []
        for strategy in dict.fromkeys((wanted.strategy, wanted.fallback)):
            for product_id in self._ranked(strategy):
                if len(chosen) == wanted.limit:
                    return chosen
                if product_id not in chosen and self._usable(product_id):
                    chosen.append(product_id)
        return chosen

    def _ranked(self, strategy: str) -> Iterable[str]:
        if strategy == "also_viewed":
            return self._also_viewed()
        if strategy == "popular":
            return self._model.best(self._shop, self._now)
        return self._seen if strategy == "recently_viewed" else ()

    def _also_viewed(self) -> Iterator[str]:
        seed = self._product or next(iter(self._seen), "")
        seen = self._seen
        # What was seen belongs in "recently viewed".
        return (p for p in self._model.near(self._shop, seed) if p not in seen)

    @cached_property
    def _seen(self) -> dict[str, None]:
        """What this visitor saw, newest first."""
        stored: list[str] = []
        if self._view is not None:
            prefix = f"{self._shop}:"
            mine = [
                (at, key[len(prefix) :])
                for key, at in self._view.viewed.items()
                if key.startswith(prefix)
            ]
            stored = [product for _, product in sorted(mine, reverse=True)]
        return {product: None for product in (*self._recent, *stored) if product}

    def _usable(self, product_id: str) -> bool:
        if product_id in self._used:
            return False
        known = self._showable.get(product_id)
        if known is None:
            known = self._showable[product_id] = self._catalogue.showable(
                self._shop, product_id, now=self._now, price_max_age=PRICE_MAX_AGE_MS
            )
        return known

    def _card(self, product_id: str) -> dict[str, Any]:
        state = self._catalogue.get(self._shop, product_id)
        assert state is not None
        product = state.product
        return {
            "product_id": product.product_id,
            "title": product.title,
            "url": product.url,
            "image_url": product.image_url,
            "price": product.price,
            "list_price": product.list_price,
            "currency": product.currency,
        }
