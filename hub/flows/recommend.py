"""The products of a recommendation widget, filtered and priced at the moment of serving."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import islice
from types import MappingProxyType
from typing import Any

from hub.catalogue.products import Catalogue
from hub.core import Hub
from hub.decisions.widget import Recommend, Widget
from hub.profiles.state import NodeState
from hub.recommend.coviews import CoViews
from hub.sdk.recommender import MAX_CANDIDATES, Recommender
from hub.sdk.records import Product
from hub.watch import PluginOff

log = logging.getLogger("hub.recommend")
PRICE_MAX_AGE_MS = 30 * 86_400_000
Failed = Callable[[str, Exception], None]
Ask = Callable[..., None]  # (recommender, what to call, its arguments)


def watched_ask(hub: Hub) -> Ask:
    """Calls recommenders under the watch of their plugins."""

    def ask(name: str, act: Callable[..., None], *arguments: Any) -> None:
        plugin = hub.plugins.owner("recommender", name)
        hub.watch.call(plugin, f"{name}.rank", act, *arguments)

    return ask


def note_fault(hub: Hub, name: str, error: Exception) -> None:
    """Tell a person which recommender failed; the page goes on with the fallback."""
    log.error("the recommender %s failed", name, exc_info=error)
    hub.attention[f"recommender {name}"] = (
        f"it failed with {type(error).__name__}; its widgets show their fallback"
    )


class Stock:
    """One shop at one moment, as recommenders may see it (hub.sdk.recommender.ShopView)."""

    __slots__ = ("_catalogue", "_model", "_shop", "now")

    def __init__(self, catalogue: Catalogue, model: CoViews, shop: str, now: int) -> None:
        self._catalogue = catalogue
        self._model = model
        self._shop = shop
        self.now = now

    def get(self, product_id: str) -> Product | None:
        state = self._catalogue.get(self._shop, product_id)
        return None if state is None else state.product

    def in_category(self, category: str) -> Iterable[str]:
        return iter(self._catalogue.in_category(self._shop, category))

    def viewed_with(self, product_id: str) -> Sequence[str]:
        return self._model.near(self._shop, product_id)

    def popular(self) -> Sequence[str]:
        return self._model.best(self._shop, self.now)

    def resolve(self, reference: str) -> str:
        """The product id behind a reference of the page; "" when nothing is known."""
        return self._catalogue.resolve(self._shop, reference) if reference else ""

    def showable(self, product_id: str) -> bool:
        """Whether a browser may be shown this product now."""
        return self._catalogue.showable(
            self._shop, product_id, now=self.now, price_max_age=PRICE_MAX_AGE_MS
        )

    def viewed(self, view: NodeState) -> list[tuple[int, str]]:
        """What a visitor looked at in this shop, and when, the newest first."""
        prefix = f"{self._shop}:"
        mine = [(at, k[len(prefix) :]) for k, at in view.viewed.items() if k.startswith(prefix)]
        return sorted(mine, reverse=True)


class Visitor:
    """What recommenders may know of the visit (hub.sdk.recommender.VisitFacts)."""

    def __init__(
        self,
        stock: Stock,
        *,
        product: str,
        category: str,
        locale: str,
        recent: Sequence[str],
        view: NodeState | None,
    ) -> None:
        self.product = stock.resolve(product)
        self.category = category
        self.locale = locale
        self.now = stock.now
        self.limit = 0
        self._stock = stock
        self._recent = recent
        self._view = view

    @cached_property
    def seen(self) -> Mapping[str, int]:
        """Products of this tab and then of earlier visits, the newest first."""
        found = {p: self.now for p in map(self._stock.resolve, self._recent) if p}
        if self._view is not None:
            for at, product in self._stock.viewed(self._view):
                found.setdefault(product, at)
        return MappingProxyType(found)


class Shelf:
    """Answers the recommendation widgets of one page, no product twice in slots it named."""

    def __init__(
        self,
        stock: Stock,
        recommenders: Mapping[str, Recommender],
        *,
        product: str,
        category: str,
        locale: str,
        recent: Sequence[str],
        view: NodeState | None,
        slots_known: bool,
        failed: Failed,
        ask: Ask,
    ) -> None:
        """`recent`: what this tab saw, newest first. `view`: what may be used of the visitor.

        `ask` calls a recommender under watch.
        `slots_known`: the page named its slots, so every winner is really shown on it.
        """
        self._stock = stock
        self._recommenders = recommenders
        self._visitor = Visitor(
            stock, product=product, category=category, locale=locale, recent=recent, view=view
        )
        self._used = {self._visitor.product}
        self._slots_known = slots_known
        self._failed = failed
        self._ask = ask
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
        self._visitor.limit = wanted.limit
        for strategy in dict.fromkeys((wanted.strategy, wanted.fallback)):
            recommender = self._recommenders.get(strategy)
            if recommender is not None:
                try:
                    self._ask(strategy, self._take, recommender, chosen, wanted.limit)
                except PluginOff:  # the health page says so
                    continue
                except Exception as error:  # its own fault: it never costs the page
                    self._failed(strategy, error)
            if len(chosen) == wanted.limit:
                break
        return chosen

    def _take(self, recommender: Recommender, chosen: list[str], limit: int) -> None:
        for product_id in islice(recommender.rank(self._visitor, self._stock), MAX_CANDIDATES):
            if product_id not in chosen and self._usable(product_id):
                chosen.append(product_id)
                if len(chosen) == limit:
                    break

    def _usable(self, product_id: str) -> bool:
        if product_id in self._used:
            return False
        known = self._showable.get(product_id)
        if known is None:
            known = self._showable[product_id] = self._stock.showable(product_id)
        return known

    def _card(self, product_id: str) -> dict[str, Any]:
        product = self._stock.get(product_id)
        assert product is not None
        return {
            "product_id": product.product_id,
            "title": product.title,
            "url": product.url,
            "image_url": product.image_url,
            "price": product.price,
            "list_price": product.list_price,
            "currency": product.currency,
        }
