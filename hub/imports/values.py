"""Cells of a file as values: quantities, exact prices, moments. Errors say what is wrong."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from zoneinfo import ZoneInfo

MAX_QUANTITY = 2**31 - 1
MAX_PRICE = Decimal(10) ** 12
MAX_TOTAL = Decimal(10) ** 17
MAX_DECIMALS = 20
_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
_EXACT = Context(prec=80)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_CACHED = 50_000


class BadCell(Exception):
    """A cell can not be read; the message says why, the caller knows the field."""


class Numbers:
    """Reads quantities and prices and remembers what it read: the same pairs come again."""

    def __init__(self, *, decimal_comma: bool) -> None:
        self._comma = decimal_comma
        self._known: dict[tuple[str, str, int], tuple[int, str, int]] = {}

    def line(self, quantity: str, price: str, exponent: int) -> tuple[int, str, int]:
        """Quantity, exact unit price, and their product in minor units rounded half away from
        zero. Raises BadCell."""
        key = (quantity, price, exponent)
        known = self._known.get(key)
        if known is None:
            known = self._line(quantity, price, exponent)
            if len(self._known) > _CACHED:
                self._known.clear()
            self._known[key] = known
        return known

    def _line(self, quantity: str, price: str, exponent: int) -> tuple[int, str, int]:
        pieces = self._number(quantity, "quantity")
        if pieces != pieces.to_integral_value() or abs(pieces) > MAX_QUANTITY:
            raise BadCell(f"quantity: '{quantity[:40]}' is not a whole number of pieces")
        each = self._number(price, "unit_price")
        if abs(each) >= MAX_PRICE or _decimals(each) > MAX_DECIMALS:
            raise BadCell(f"unit_price: '{price[:40]}' is too large or too fine for a price")
        amount = _EXACT.multiply(pieces, each).scaleb(exponent, _EXACT)
        total = amount.to_integral_value(ROUND_HALF_UP, _EXACT)
        if abs(total) > MAX_TOTAL:
            raise BadCell(f"quantity: {quantity[:40]} times {price[:40]} is too large an amount")
        return int(pieces), format(each, "f"), int(total)

    def _number(self, text: str, field: str) -> Decimal:
        if not text:
            raise BadCell(f"{field}: is empty")
        plain = text.replace(".", "").replace(",", ".") if self._comma else text
        if not _NUMBER.fullmatch(plain):
            comma = "," in text and not self._comma
            raise BadCell(
                f"{field}: '{text[:40]}' is not a number"
                + (" (for decimal commas add --decimal-comma)" if comma else "")
            )
        return Decimal(plain)


class Moments:
    """Reads times and remembers the last ones: lines of one order share theirs."""

    def __init__(self, zone: ZoneInfo, now: datetime, pattern: str = "") -> None:
        self._zone = zone
        self._pattern = pattern
        self._latest = now + timedelta(days=1)
        self._known: dict[str, datetime] = {}

    def read(self, text: str, field: str) -> datetime:
        """The aware UTC moment; a time without a zone is in the import's zone. Raises BadCell."""
        known = self._known.get(text)
        if known is None:
            known = self._read(text, field)
            if len(self._known) > _CACHED:
                self._known.clear()
            self._known[text] = known
        return known

    def _read(self, text: str, field: str) -> datetime:
        if not text:
            raise BadCell(f"{field}: is empty")
        try:
            local = (
                datetime.strptime(text, self._pattern)
                if self._pattern
                else datetime.fromisoformat(text)
            )
            if local.tzinfo is None:
                local = local.replace(tzinfo=self._zone)
            moment = local.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            like = self._pattern or "2026-01-31 14:05"
            raise BadCell(
                f"{field}: '{text[:40]}' is not a time like {like}"
                + ("" if self._pattern else " (name its form: --date-format '%d/%m/%Y %H:%M')")
            ) from error
        if not _EARLIEST <= moment <= self._latest:
            raise BadCell(f"{field}: '{text[:40]}' lies before 1970 or in the future")
        return moment


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else MAX_DECIMALS + 1
