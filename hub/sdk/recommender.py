"""What a recommender is: it ranks products for one page view.

It runs in the hub's process while a page waits: pure, without network, files or waiting, and a
look at no more products than it needs. The hub itself leaves out what can not be shown (unknown,
unpublished, sold out, without a fresh price, the product of the page, what another slot shows)
and stops asking once it has enough, so a recommender that yields one product at a time costs
least.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from hub.sdk.records import Product

__all__ = ["MAX_CANDIDATES", "Recommender", "ShopView", "VisitFacts"]

# The hub looks at no more of one ranking, however long it is.
MAX_CANDIDATES: Final = 1000


class VisitFacts(Protocol):
    """What is known of this page view. Without consent: the open page and this tab only."""

    @property
    def product(self) -> str:
        """The product that the page shows; "" when it shows none that is known."""
        ...

    @property
    def category(self) -> str:
        """The category that the page shows, or ""."""
        ...

    @property
    def locale(self) -> str:
        """The language of the page, such as nl-BE, or ""."""
        ...

    @property
    def now(self) -> int:
        """The moment, in milliseconds since the epoch. There is no other clock."""
        ...

    @property
    def limit(self) -> int:
        """How many products the widget has room for."""
        ...

    @property
    def seen(self) -> Mapping[str, int]:
        """Products that this visitor looked at, the newest first, and when (milliseconds):
        those of this tab, and, only where the visitor agreed to it, of earlier visits."""
        ...


class ShopView(Protocol):
    """The catalogue of one shop and what all its visitors together look at; to be read only."""

    def get(self, product_id: str) -> Product | None:
        """A product as it is now, or None."""
        ...

    def in_category(self, category: str) -> Iterable[str]:
        """The products of a category, in the order in which they became known."""
        ...

    def viewed_with(self, product_id: str) -> Sequence[str]:
        """Products that are looked at together with this one, the closest first."""
        ...

    def popular(self) -> Sequence[str]:
        """Products that are looked at and bought most lately, the most popular first."""
        ...


class Recommender(Protocol):
    """One way to choose products. A widget names it: `recommend: {strategy: <name>}`."""

    @property
    def name(self) -> str:
        """Small letters, digits and _: what stands in the widget's text."""
        ...

    @property
    def title(self) -> str:
        """What the widget's editor calls it."""
        ...

    @property
    def needs_visitor(self) -> bool:
        """Whether it has nothing to say about a visitor who has seen nothing yet."""
        ...

    def rank(self, visit: VisitFacts, shop: ShopView) -> Iterable[str]:
        """Product ids, the best first. The same facts give the same ranking."""
        ...
