"""Three ways to choose products, each a few lines: copy one to begin your own."""

from __future__ import annotations

from collections.abc import Iterable

from hub.sdk.recommender import ShopView, VisitFacts


class AlsoViewed:
    """What others look at together with this product, or with the last one seen."""

    name = "also_viewed"
    title = "Looked at together"
    needs_visitor = False

    def rank(self, visit: VisitFacts, shop: ShopView) -> Iterable[str]:
        """The closest first; what was seen already belongs in "looked at lately"."""
        seen = visit.seen
        start = visit.product or next(iter(seen), "")
        return (other for other in shop.viewed_with(start) if other not in seen)


class Popular:
    """What all visitors look at and buy most lately."""

    name = "popular"
    title = "Popular now"
    needs_visitor = False

    def rank(self, visit: VisitFacts, shop: ShopView) -> Iterable[str]:
        """The most popular first."""
        return shop.popular()


class RecentlyViewed:
    """What this visitor looked at."""

    name = "recently_viewed"
    title = "Looked at lately"
    needs_visitor = True

    def rank(self, visit: VisitFacts, shop: ShopView) -> Iterable[str]:
        """The last one first."""
        return visit.seen
