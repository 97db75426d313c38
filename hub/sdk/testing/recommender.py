"""What every recommender must withstand, as a test class to inherit from.

class TestNewest(RecommenderContract):
    @pytest.fixture
    def recommender(self): return Newest()

The shop of these tests is a real catalogue's worth of products in all their odd states. What the
hub leaves out by itself is left out here in the same way, so that a ranking is judged by what a
visitor would see, and by how many products it made the hub look at.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from hub.sdk.declared import faults
from hub.sdk.recommender import MAX_CANDIDATES, Recommender
from hub.sdk.records import Product

__all__ = ["CountingShop", "RecommenderContract", "SampleVisit", "sample_shop"]

NOW = 1_795_435_200_000
HOSTILE_IDS = ("", " ", "' OR 1=1 --", "../../etc", "p1\x00", "𝔭", "x" * 5000, "__class__", "-1")
# Reads per product that a page may have: a ranking that looks at everything costs more.
READS = 4000


@dataclass(frozen=True, slots=True)
class SampleVisit:
    """A page view, as recommenders see it (hub.sdk.recommender.VisitFacts)."""

    product: str = ""
    category: str = ""
    locale: str = "nl-BE"
    now: int = NOW
    limit: int = 4
    seen: Mapping[str, int] = field(default_factory=dict)


class CountingShop:
    """A shop that counts how often it is asked (hub.sdk.recommender.ShopView)."""

    def __init__(
        self, products: Iterable[Product], near: Mapping[str, Sequence[str]], best: Sequence[str]
    ) -> None:
        self._products = {product.product_id: product for product in products}
        self._near = near
        self._best = best
        self.reads = 0

    def get(self, product_id: str) -> Product | None:
        self.reads += 1
        return self._products.get(product_id)

    def in_category(self, category: str) -> Iterator[str]:
        for product in self._products.values():
            if category in product.categories:
                self.reads += 1
                yield product.product_id

    def viewed_with(self, product_id: str) -> Sequence[str]:
        self.reads += 1
        return self._near.get(product_id, ())

    def popular(self) -> Sequence[str]:
        self.reads += 1
        return self._best

    def showable(self, product_id: str) -> bool:
        """What the hub itself asks before it shows a product."""
        product = self._products.get(product_id)
        return (
            product is not None
            and product.price is not None
            and product.published
            and not product.deleted
            and product.stock != "no"
        )


def sample_shop(size: int = 400) -> CountingShop:
    """A shop in which every sixth product can not be shown; some rankings name products that
    are gone."""
    names = [f"p{n}" for n in range(size)]
    odd: dict[int, dict[str, object]] = {
        0: {"price": None},
        6: {"published": False},
        12: {"deleted": True},
        18: {"stock": "no"},
    }
    products = []
    for n, name in enumerate(names):
        plain = Product(
            shop="shop", product_id=name, updated_at=datetime(2026, 11, 1 + n % 28, tzinfo=UTC),
            title=f"Product {n}", currency="EUR", url=f"/p/{n}", price=100 + 37 * (n % 50),
            categories=(f"category {n % 5}", "everything"), brand=f"brand {n % 7}", stock="yes",
        )  # fmt: skip
        fields = {key: getattr(plain, key) for key in plain.__struct_fields__}
        products.append(Product(**{**fields, **odd.get(n % 24, {})}))
    near = {
        name: [names[(n + step) % size] for step in range(1, 30)] + ["gone"]
        for n, name in enumerate(names)
    }
    return CountingShop(products, near, [*names[: size // 2], "gone", *names[size // 2 :]])


VISITS = {
    "a first visit": SampleVisit(),
    "a product": SampleVisit(product="p7"),
    "a category": SampleVisit(category="category 2"),
    "one who looked around": SampleVisit(
        product="p7", category="category 2", seen={"p9": NOW, "p31": NOW - 5, "p12": NOW - 9}
    ),
    "one who saw what is gone": SampleVisit(seen={"gone": NOW, "p6": NOW - 1}),
    "a product that nobody looked at": SampleVisit(product="p399", seen={"p399": NOW}),
}


class RecommenderContract:
    """Inherit, give a `recommender` fixture, and every test below runs against it."""

    @pytest.fixture(params=sorted(VISITS))
    def visit(self, request: pytest.FixtureRequest) -> SampleVisit:
        """Each kind of page view."""
        return VISITS[request.param]

    def test_the_declaration_is_whole(self, recommender: Recommender) -> None:
        assert faults("register_recommenders", recommender) == []
        assert recommender.title.strip()
        assert recommender.needs_visitor in {True, False}

    def test_what_is_shown_can_be_bought(
        self, recommender: Recommender, visit: SampleVisit
    ) -> None:
        shop = sample_shop()
        shown = _shown(recommender, visit, shop)
        assert len(shown) <= visit.limit
        assert len(set(shown)) == len(shown)
        assert visit.product not in shown
        assert all(shop.showable(product) for product in shown)

    def test_most_of_what_it_ranks_exists(
        self, recommender: Recommender, visit: SampleVisit
    ) -> None:
        """The hub leaves out what can not be shown; a ranking of nothing else is no ranking."""
        shop = sample_shop()
        ranked = _ranked(recommender, visit, shop)
        assert all(type(product) is str for product in ranked)
        known = [product for product in ranked if shop.get(product) is not None]
        assert len(known) * 2 >= len(ranked), "more than half of the ranking are unknown products"

    def test_no_product_comes_twice(self, recommender: Recommender, visit: SampleVisit) -> None:
        ranked = _ranked(recommender, visit, sample_shop())
        assert len(set(ranked)) == len(ranked)

    def test_the_same_facts_give_the_same_ranking(
        self, recommender: Recommender, visit: SampleVisit
    ) -> None:
        first = _ranked(recommender, visit, sample_shop())
        for _ in range(3):
            assert _ranked(recommender, visit, sample_shop()) == first
        for other in VISITS.values():  # nothing of another visitor is remembered
            _ranked(recommender, other, sample_shop())
        assert _ranked(recommender, visit, sample_shop()) == first

    def test_it_changes_nothing(self, recommender: Recommender, visit: SampleVisit) -> None:
        shop = sample_shop()
        seen, best = copy.deepcopy(dict(visit.seen)), list(shop.popular())
        near = list(shop.viewed_with("p7"))
        _ranked(recommender, visit, shop)
        assert (dict(visit.seen), list(shop.popular())) == (seen, best)
        assert list(shop.viewed_with("p7")) == near

    def test_a_new_shop_and_a_first_visit_raise_nothing(self, recommender: Recommender) -> None:
        empty = CountingShop((), {}, ())
        assert _ranked(recommender, SampleVisit(), empty) == []
        shown = _shown(recommender, SampleVisit(), sample_shop())
        if recommender.needs_visitor:
            assert shown == [], "it says that it needs the visitor, and did without"

    @pytest.mark.parametrize("hostile", HOSTILE_IDS)
    def test_hostile_ids_raise_nothing(self, recommender: Recommender, hostile: str) -> None:
        visit = SampleVisit(product=hostile, category=hostile, locale=hostile, seen={hostile: NOW})
        shop = sample_shop()
        assert all(shop.showable(product) for product in _shown(recommender, visit, shop))

    def test_more_room_shows_at_least_as_much(
        self, recommender: Recommender, visit: SampleVisit
    ) -> None:
        shop = sample_shop()
        few = _shown(recommender, _with_limit(visit, 2), shop)
        many = _shown(recommender, _with_limit(visit, 12), shop)
        assert len(few) <= 2
        assert len(many) >= len(few)

    def test_it_looks_at_few_products(self, recommender: Recommender, visit: SampleVisit) -> None:
        """A page waits for it: it may not read a large catalogue to show four products."""
        shop = sample_shop(20_000)
        _shown(recommender, visit, shop)
        assert shop.reads <= READS, f"{shop.reads} reads for {visit.limit} products"


def _ranked(recommender: Recommender, visit: SampleVisit, shop: CountingShop) -> list[str]:
    found: list[str] = []
    for product_id in recommender.rank(visit, shop):
        found.append(product_id)
        if len(found) == MAX_CANDIDATES:
            break
    return found


def _shown(recommender: Recommender, visit: SampleVisit, shop: CountingShop) -> list[str]:
    """What the hub would show of the ranking."""
    chosen: list[str] = []
    for looked_at, product_id in enumerate(recommender.rank(visit, shop)):
        if len(chosen) == visit.limit or looked_at == MAX_CANDIDATES:
            break
        if product_id not in (*chosen, visit.product) and shop.showable(product_id):
            chosen.append(product_id)
    return chosen


def _with_limit(visit: SampleVisit, limit: int) -> SampleVisit:
    return SampleVisit(visit.product, visit.category, visit.locale, visit.now, limit, visit.seen)
