"""Also viewed and popular, kept up event by event.

Two products belong together when one person viewed both within a session; the weight falls with
the number of steps between them and is damped by how common each one is, so that best sellers do
not become everybody's neighbour.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence

import msgspec

SESSION_MS = 30 * 60_000
SESSION_PRODUCTS = 10
HALF_LIFE_MS = 7 * 86_400_000
MAX_SESSIONS = 50_000
MAX_NEIGHBOURS = 200
BOUGHT_WEIGHT = 3.0  # of one look
MAX_PRODUCTS = 50_000
STALE_SHARE = 20
_WEIGHTS = [1 / steps for steps in range(1, SESSION_PRODUCTS + 1)]

View = tuple[int, str, str, int]  # node, shop, product, at in ms
Bought = tuple[str, str, int]  # shop, product, at in ms


class _Session(msgspec.Struct):
    at: int
    products: deque[str]


class _Ranked(msgspec.Struct):
    """An answer kept for the next asker: how much had been learned by then, and when."""

    taught: int
    now: int
    products: tuple[str, ...]


class CoViews:
    """The recommender's whole state. Rebuilt from the log at start."""

    def __init__(self) -> None:
        self._sessions: dict[tuple[int, str], _Session] = {}
        self._pairs: dict[tuple[str, str], dict[str, float]] = {}
        self._views: dict[tuple[str, str], int] = {}
        self._popular: dict[str, dict[str, tuple[float, int]]] = {}
        self._taught = 0
        self._near: dict[tuple[str, str], _Ranked] = {}
        self._best: dict[str, _Ranked] = {}

    def forget(self) -> None:
        """Know nothing again."""
        self._sessions.clear()
        self._pairs.clear()
        self._views.clear()
        self._popular.clear()
        self._taught = 0
        self._near.clear()
        self._best.clear()

    def learn(self, views: Iterable[View], bought: Iterable[Bought]) -> None:
        """Take in what one batch of the log brought."""
        self.observe(views)
        self.observe_bought(bought)

    def observe(self, views: Iterable[View]) -> None:
        """Take in product views, in the order of the log."""
        for node, shop, product, at in views:
            self._count(shop, product, at)
            session = self._sessions.get((node, shop))
            if session is None or abs(at - session.at) > SESSION_MS:
                session = _Session(at, deque(maxlen=SESSION_PRODUCTS))
                self._sessions[node, shop] = session
                self._limit_sessions()
            self._pair(shop, product, session.products)
            session.products.append(product)
            session.at = at

    def observe_bought(self, lines: Iterable[Bought]) -> None:
        """Take in order lines (shop, product, at): a purchase says more than a look."""
        for shop, product, at in lines:
            self._taught += 1
            self._weigh(shop, product, at, BOUGHT_WEIGHT)

    def also_viewed(self, shop: str, product: str, usable: Callable[[str], bool]) -> list[str]:
        """Products seen together with this one, the closest first."""
        return [other for other in self.near(shop, product) if usable(other)]

    def popular(self, shop: str, usable: Callable[[str], bool], now: int) -> list[str]:
        """What is looked at most lately, the most popular first."""
        return [product for product in self.best(shop, now) if usable(product)]

    def near(self, shop: str, product: str) -> Sequence[str]:
        """All neighbours of a product, the closest first; a moment old where much is learned."""
        kept = self._near.get((shop, product))
        if kept is not None and self._fresh(kept):
            return kept.products
        neighbours = self._pairs.get((shop, product))
        if not neighbours:
            return ()
        scored = sorted(
            (-self._score(shop, product, other, w), other)
            for other, w in neighbours.items()
            if (shop, other) in self._views
        )
        ranked = _Ranked(self._taught, 0, tuple(other for _, other in scored))
        self._near[shop, product] = ranked
        return ranked.products

    def best(self, shop: str, now: int) -> Sequence[str]:
        """All products of a shop, the most popular first; a moment old where much is learned."""
        kept = self._best.get(shop)
        # As time passes all fade alike: the order stays.
        if kept is not None and now >= kept.now and self._fresh(kept):
            return kept.products
        scored = sorted(
            (-weight * _decay(now - at), product)
            for product, (weight, at) in self._popular.get(shop, {}).items()
        )
        ranked = _Ranked(self._taught, now, tuple(product for _, product in scored))
        self._best[shop] = ranked
        return ranked.products

    def _fresh(self, kept: _Ranked) -> bool:
        """Ranking again costs as much as there are products: it waits for some share of them."""
        return (self._taught - kept.taught) * STALE_SHARE <= len(self._views) or (
            self._taught == kept.taught
        )

    def __len__(self) -> int:
        """How many products it knows."""
        return len(self._views)

    def _count(self, shop: str, product: str, at: int) -> None:
        self._taught += 1
        key = (shop, product)
        seen = self._views.get(key, 0)
        if not seen and len(self._views) >= MAX_PRODUCTS:
            self._limit_products()
        self._views[key] = seen + 1
        self._weigh(shop, product, at, 1.0)

    def _weigh(self, shop: str, product: str, at: int, more: float) -> None:
        popular = self._popular.setdefault(shop, {})
        weight, last = popular.get(product, (0.0, at))
        if at == last:
            popular[product] = (weight + more, at)
        elif at > last:
            popular[product] = (weight * _decay(at - last) + more, at)
        else:
            popular[product] = (weight + more * _decay(last - at), last)

    def _pair(self, shop: str, product: str, before: deque[str]) -> None:
        """Count the product with those seen before it in the session, the last one most."""
        mine = self._pairs.get((shop, product))
        if mine is None:
            mine = self._pairs[shop, product] = {}
        for other, weight in zip(reversed(before), _WEIGHTS, strict=False):
            theirs = self._pairs.get((shop, other))
            if theirs is None or other == product:
                continue  # forgotten meanwhile, or itself
            mine[other] = mine.get(other, 0.0) + weight
            theirs[product] = theirs.get(product, 0.0) + weight
            if len(theirs) > 2 * MAX_NEIGHBOURS:
                self._pairs[shop, other] = _closest(theirs)
        if len(mine) > 2 * MAX_NEIGHBOURS:
            self._pairs[shop, product] = _closest(mine)

    def _score(self, shop: str, a: str, b: str, weight: float) -> float:
        # Never raw lift: rare pairs would win. The root keeps most of the count.
        return weight / math.sqrt(self._views[shop, a] * self._views[shop, b] + 25)

    def _limit_products(self) -> None:
        """Forget the half that was seen least: a page can make up any number of products."""
        ranked = sorted(self._views, key=lambda key: -self._views[key])
        for shop, product in ranked[MAX_PRODUCTS // 2 :]:
            del self._views[shop, product]
            self._popular[shop].pop(product, None)
            self._near.pop((shop, product), None)
            for other in self._pairs.pop((shop, product), {}):
                self._pairs.get((shop, other), {}).pop(product, None)

    def _limit_sessions(self) -> None:
        if len(self._sessions) > MAX_SESSIONS:
            for key in list(self._sessions)[: MAX_SESSIONS // 2]:
                del self._sessions[key]


def _closest(neighbours: dict[str, float]) -> dict[str, float]:
    best = sorted(neighbours.items(), key=lambda item: -item[1])[:MAX_NEIGHBOURS]
    return dict(best)


def _decay(age_ms: int) -> float:
    return float(0.5 ** (max(0, age_ms) / HALF_LIFE_MS))
