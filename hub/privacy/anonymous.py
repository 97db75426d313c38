"""What is left of an order, or of a text, once nobody may be recognised in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from hub.sdk.records import Order, Refund

ERASED = "[erased]"
# Shorter values would be found inside ordinary words and numbers.
SHORTEST = 4


def nameless(order: Order) -> Order:
    """The order for the books: amounts, products and dates, and no person."""
    return msgspec.structs.replace(
        order,
        email="", phone="", first_name="", last_name="", customer_id="", order_key="",
        cart_token="", checkout_token="",
        refunds=None if order.refunds is None else tuple(map(nameless_refund, order.refunds)),
    )  # fmt: skip


def nameless_refund(refund: Refund) -> Refund:
    """The refund without its reason: people write names into it."""
    return msgspec.structs.replace(refund, reason="")


class Scrubber:
    """Finds values in texts whatever their case, and blanks them."""

    def __init__(self, values: Iterable[str]) -> None:
        known = sorted({v for v in values if len(v) >= SHORTEST}, key=lambda v: (-len(v), v))
        self._pattern = (
            re.compile("|".join(map(re.escape, known)), re.IGNORECASE) if known else None
        )

    def found(self, text: str) -> bool:
        return self._pattern is not None and self._pattern.search(text) is not None

    def text(self, text: str) -> str:
        """The text with each value blanked."""
        return self._pattern.sub(ERASED, text) if self._pattern is not None else text

    def value(self, value: Any) -> Any:
        """The same for every text inside a JSON value, names of fields too."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {self.text(str(key)): self.value(item) for key, item in value.items()}
        return value
