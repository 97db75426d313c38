"""The products of a recommendation widget, filtered and priced at the moment of serving."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hub.catalogue.products import Catalogue
from hub.decisions.widget import Widget
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

    def __call__(self, widget: Widget) -> list[dict[str, Any]]:
        """The widget's products, topped up by its fallback."""
        wanted = widget.text.recommend
        if wanted is None:
            return []
        chosen: list[str] = []
        for strategy in dict.fromkeys((wanted.strategy, wanted.fallback)):
            source = self._sources().get(strategy)
            for product_id in source() if source else ():
                if len(chosen) < wanted.limit and product_id not in chosen:
                    chosen.append(product_id)
        if self._slots_known:
            # Else a widget whose slot the page does not have would take them from one it has.
            self._used.update(chosen)
        return [self._card(product_id) for product_id in chosen]

    def _sources(self) -> dict[str, Callable[[], Iterable[str]]]:
        return {
            "also_viewed": self._also_viewed,
            "popular": lambda: self._model.popular(self._shop, self._usable, self._now),
            "recently_viewed": self._recently_viewed,
        }

    def _also_viewed(self) -> list[str]:
        seed = self._product or next(iter(self._seen()), "")
        seen = set(self._seen())
        return [
            p
            for p in self._model.also_viewed(self._shop, seed, self._usable)
            if p not in seen  # what was seen belongs in "recently viewed"
        ]

    def _recently_viewed(self) -> list[str]:
        return [p for p in self._seen() if self._usable(p)]

    def _seen(self) -> list[str]:
        stored: list[str] = []
        if self._view is not None:
            mine = [
                (at, key.partition(":")[2])
                for key, at in self._view.viewed.items()
                if key.partition(":")[0] == self._shop
            ]
            stored = [product for _, product in sorted(mine, reverse=True)]
        return [p for p in dict.fromkeys((*self._recent, *stored)) if p]

    def _usable(self, product_id: str) -> bool:
        return product_id not in self._used and self._catalogue.showable(
            self._shop, product_id, now=self._now, price_max_age=PRICE_MAX_AGE_MS
        )

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
