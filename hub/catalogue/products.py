"""The products of all shops, in memory: what decisions price and filter from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import msgspec

from hub.clock import to_ms
from hub.sdk.records import Product

Key = tuple[str, str]  # shop, product id


class ProductState(msgspec.Struct, omit_defaults=True):
    """`version` is (rank, updated_at, seq) of the sighting that won; `price_at` in ms."""

    pk: int
    product: Product
    version: tuple[int, int, int] = (0, 0, 0)
    price_at: int = 0


def see_product(
    old: ProductState | None, product: Product, *, rank: int, seq: int, received_at: int
) -> ProductState:
    """Take in one sighting; a sighting without variants keeps those known before."""
    version = (rank, to_ms(product.updated_at), seq)
    if old is None:
        return ProductState(seq, product, version, received_at)
    if version < old.version:
        return old
    if product.variants is None and old.product.variants is not None:
        product = msgspec.structs.replace(product, variants=old.product.variants)
    return ProductState(old.pk, product, version, received_at)


def see_product_deleted(old: ProductState, at: int, rank: int, seq: int) -> ProductState:
    """The shop deleted the product: it is never shown again, unless a newer sighting returns it."""
    version = (rank, max(at, old.version[1]), seq)
    gone = msgspec.structs.replace(old.product, deleted=True)
    return ProductState(old.pk, gone, version, old.price_at)


class Catalogue:
    """The map of products kept by the projector, with the other names a product goes by."""

    def __init__(self) -> None:
        self._products: dict[Key, ProductState] = {}
        self._aliases: dict[Key, dict[int, str]] = {}  # -> product id, by the product's pk
        self._categories: dict[Key, dict[int, str]] = {}  # the same, by category

    def __len__(self) -> int:
        return len(self._products)

    def __iter__(self) -> Iterator[ProductState]:
        return iter(self._products.values())

    def put(self, states: Iterable[ProductState]) -> None:
        for state in states:
            product = state.product
            old = self._products.get((product.shop, product.product_id))
            for alias in aliases(old.product) if old is not None else ():
                self._aliases[product.shop, alias].pop(state.pk, None)
            for category in old.product.categories if old is not None else ():
                self._categories[product.shop, category].pop(state.pk, None)
            for category in product.categories:
                listed = self._categories.setdefault((product.shop, category), {})
                listed[state.pk] = product.product_id
            self._products[product.shop, product.product_id] = state
            for alias in aliases(product):
                named = self._aliases.setdefault((product.shop, alias), {})
                named[state.pk] = product.product_id

    def clear(self) -> None:
        self._products.clear()
        self._aliases.clear()
        self._categories.clear()

    def in_category(self, shop: str, category: str) -> Iterable[str]:
        """The products of a category, in the order in which they became known to it."""
        return self._categories.get((shop, category), {}).values()

    def get(self, shop: str, product_id: str) -> ProductState | None:
        return self._products.get((shop, product_id))

    def resolve(self, shop: str, reference: str) -> str:
        """The product id behind an id, sku, variant id or url; "" when nothing is known."""
        if (shop, reference) in self._products:
            return reference
        if reference.startswith(("http://", "https://")):
            reference = _path(reference)
        named = self._aliases.get((shop, reference))
        # Two products of one name: always the one known first, whatever was seen last.
        return named[min(named)] if named else ""

    def showable(self, shop: str, product_id: str, *, now: int, price_max_age: int) -> bool:
        """Whether a browser may be shown this product: priced, fresh, published, not sold out."""
        state = self.get(shop, product_id)
        if state is None or now - state.price_at > price_max_age:
            return False
        product = state.product
        return (
            product.price is not None
            and product.published
            and not product.deleted
            and product.stock != "no"
            and bool(product.url)
        )


def aliases(product: Product) -> list[str]:
    """The other names of a product."""
    # A shop without speaking addresses tells its products apart by the query alone.
    names = [product.sku, _path(product.url) if "?" not in product.url else ""]
    for variant in product.variants or ():
        names += [variant.variant_id, variant.sku]
    return [name for name in names if name and name != product.product_id]


def _path(url: str) -> str:
    """The path of an address; "" for the front page and for what is no address."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return "" if path == "/" else path
