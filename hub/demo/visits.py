"""What the demo shop remembers of a browser: its basket and who signed in. In memory, bounded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.demo.catalogue import DemoProduct, DemoVariant, shipping_for

MOST_OF_ONE = 20
_MOST_LINES = 30


@dataclass(frozen=True, slots=True)
class Event:
    """Something the page tells the hub once: an event, or who signed in."""

    name: str
    properties: dict[str, Any]
    user_id: str = ""  # with a user id it is an identify call and the properties are traits


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a basket, priced; money in minor units."""

    key: str
    product: DemoProduct
    variant: DemoVariant | None
    quantity: int

    @property
    def price(self) -> int:
        return self.variant.price if self.variant else self.product.price

    @property
    def total(self) -> int:
        return self.price * self.quantity

    @property
    def available(self) -> int:
        return self.variant.quantity if self.variant else self.product.quantity


@dataclass(frozen=True, slots=True)
class Account:
    user_id: str
    email: str
    first_name: str


@dataclass(slots=True)
class Visit:
    """One browser's basket, pending events and sign-in."""

    cart_id: str
    quantities: dict[str, int] = field(default_factory=dict)
    pending: list[Event] = field(default_factory=list)
    notice: str = ""
    account: Account | None = None
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)

    def lines(self, catalogue: Sequence[DemoProduct]) -> list[Line]:
        """The basket with what its lines are and cost now."""
        found = (line_for(catalogue, key, n) for key, n in self.quantities.items())
        return [line for line in found if line]

    def change(self, line: Line, quantity: int) -> int:
        """Sets how many of this line are wanted, within stock; answers what it became."""
        wanted = max(0, min(quantity, line.available, MOST_OF_ONE))
        if wanted == 0:
            self.quantities.pop(line.key, None)
        elif line.key in self.quantities or len(self.quantities) < _MOST_LINES:
            self.quantities[line.key] = wanted
        return self.quantities.get(line.key, 0)

    def take(self) -> tuple[list[Event], str]:
        """The events and the notice for the next page, once."""
        events, notice = self.pending, self.notice
        self.pending, self.notice = [], ""
        return events, notice


def line_for(catalogue: Sequence[DemoProduct], key: str, quantity: int = 0) -> Line | None:
    """The line a basket key ("product" or "product.variant") stands for; None when unknown."""
    product_id, _, variant_id = key.partition(".")
    product = next((p for p in catalogue if p.product_id == product_id), None)
    if product is None:
        return None
    variant = product.variant(variant_id)
    if bool(product.variants) != (variant is not None) or (variant_id and variant is None):
        return None
    return Line(key, product, variant, quantity)


def totals(lines: Sequence[Line]) -> tuple[int, int, int]:
    """Goods, shipping and what is to be paid, in minor units."""
    goods = sum(line.total for line in lines)
    shipping = shipping_for(goods)
    return goods, shipping, goods + shipping


class Visits:
    """The shop's sessions by cookie; the one unused for longest goes first."""

    def __init__(self, mint: Callable[[], str], most: int = 5000) -> None:
        self._mint, self._most = mint, most
        self._held: OrderedDict[str, Visit] = OrderedDict()

    def find(self, token: str) -> Visit | None:
        """The visit of this cookie, or None."""
        visit = self._held.get(token)
        if visit is not None:
            self._held.move_to_end(token)
        return visit

    def open(self) -> tuple[str, Visit]:
        """A new visit and the cookie for it."""
        token, visit = self._mint(), Visit(cart_id=self._mint()[:16])
        self._held[token] = visit
        while len(self._held) > self._most:
            self._held.popitem(last=False)
        return token, visit

    def move(self, old: str, visit: Visit) -> str:
        """The same visit under a new cookie, as is due after a sign-in."""
        self._held.pop(old, None)
        token = self._mint()
        self._held[token] = visit
        return token
