"""Products: the best sighting wins, every name resolves alike, and only what may be shown is."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.catalogue.products import Catalogue, ProductState, see_product, see_product_deleted
from hub.clock import to_ms
from hub.sdk.records import Product, Variant

DAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOW = to_ms(DAY)


def product(product_id: str = "p1", hours: int = 0, **values: Any) -> Product:
    fields = {
        "title": "Towel", "currency": "EUR", "price": 1995, "stock": "yes",
        "url": f"https://shop.example/p/{product_id}", **values,
    }  # fmt: skip
    return Product(
        shop="linen", product_id=product_id, updated_at=DAY + timedelta(hours=hours), **fields
    )


def seen(*products: Product, rank: int = 4) -> ProductState:
    state: ProductState | None = None
    for seq, one in enumerate(products, start=1):
        state = see_product(state, one, rank=rank, seq=seq, received_at=NOW)
    assert state is not None
    return state


def catalogue(*products: Product) -> Catalogue:
    found = Catalogue()
    found.put(seen_at(n, one) for n, one in enumerate(products, start=1))
    return found


def seen_at(seq: int, one: Product) -> ProductState:
    return see_product(None, one, rank=4, seq=seq, received_at=NOW)


def test_the_newest_sighting_wins_in_any_order() -> None:
    sightings = [product(hours=h, price=1000 + h) for h in range(3)]
    for permutation in itertools.permutations(sightings):
        assert seen(*permutation).product.price == 1002


def test_a_connector_is_believed_above_a_newer_import() -> None:
    state = seen(product(hours=0, price=5))
    newer = see_product(state, product(hours=9, price=1), rank=2, seq=9, received_at=NOW)
    assert newer.product.price == 5


def test_variants_are_kept_when_a_sighting_says_nothing_of_them() -> None:
    variants = (Variant("v1", sku="red"),)
    state = seen(product(variants=variants), product(hours=1))
    assert state.product.variants == variants
    assert seen(product(variants=variants), product(hours=1, variants=())).product.variants == ()


def test_a_deleted_product_is_gone_until_it_is_seen_again() -> None:
    gone = see_product_deleted(seen(product()), NOW, 4, 2)
    found = Catalogue()
    found.put([gone])
    assert not found.showable("linen", "p1", now=NOW, price_max_age=1)
    back = see_product(gone, product(hours=1), rank=4, seq=3, received_at=NOW)
    found.put([back])
    assert found.showable("linen", "p1", now=NOW, price_max_age=1)


@pytest.mark.parametrize(
    "reference", ["p1", "sku-1", "v1", "vsku-1", "/p/p1", "https://shop.example/p/p1?utm_source=x"]
)
def test_every_name_of_a_product(reference: str) -> None:
    known = catalogue(product(sku="sku-1", variants=(Variant("v1", sku="vsku-1"),)))
    assert known.resolve("linen", reference) == "p1"
    assert known.resolve("other", reference) == ""


@pytest.mark.parametrize(
    "reference", ["http://[", "https://a]b/", "http://", "https:///", "", "x" * 5000, "http://\x00"]
)
def test_a_broken_reference_names_nothing(reference: str) -> None:
    assert catalogue(product(url="https://shop.example/")).resolve("linen", reference) == ""


def test_addresses_told_apart_by_their_query_are_no_names() -> None:
    known = catalogue(
        product("p1", url="https://shop.example/?product=1"),
        product("p2", url="https://shop.example/index.php?product=2"),
    )
    assert known.resolve("linen", "https://shop.example/") == ""
    assert known.resolve("linen", "https://shop.example/index.php") == ""


def test_a_name_of_two_products_means_the_same_one_whatever_came_last() -> None:
    first = seen_at(1, product("p1", sku="twin"))
    second = seen_at(2, product("p2", sku="twin"))
    for sequence in ([first, second], [second, first], [first, second, first]):
        known = Catalogue()
        known.put(sequence)
        assert known.resolve("linen", "twin") == "p1"


def test_a_name_that_was_given_up_is_forgotten() -> None:
    known = catalogue(product("p1", sku="old"), product("p2", sku="other"))
    old = known.get("linen", "p1")
    known.put([see_product(old, product("p1", 1, sku="new"), rank=4, seq=9, received_at=NOW)])
    assert (known.resolve("linen", "old"), known.resolve("linen", "new")) == ("", "p1")


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({}, True), ({"price": None}, False), ({"published": False}, False),
        ({"deleted": True}, False), ({"stock": "no"}, False), ({"stock": "unknown"}, True),
        ({"url": ""}, False),
    ],
)  # fmt: skip
def test_what_may_be_shown(values: dict[str, Any], shown: bool) -> None:
    known = catalogue(product(**values))
    assert known.showable("linen", "p1", now=NOW, price_max_age=1000) is shown


def test_an_old_price_is_not_shown() -> None:
    known = catalogue(product())
    assert known.showable("linen", "p1", now=NOW + 1000, price_max_age=1000)
    assert not known.showable("linen", "p1", now=NOW + 1001, price_max_age=1000)
    assert not known.showable("linen", "nowhere", now=NOW, price_max_age=1000)
