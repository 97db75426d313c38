"""Lines of a file become whole orders; an order with a broken line is put aside as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import cast, get_args

import msgspec

from hub.imports.table import RawLine
from hub.imports.values import BadCell, Moments, Numbers
from hub.sdk.errors import InvalidRecord
from hub.sdk.money import currency_code, exponent
from hub.sdk.records import Order, OrderLine, OrderStatus

MAX_LINES = 10_000
# How other shops call the hub's statuses.
_SPELT = {
    **dict.fromkeys(("complete", "completed", "shipped", "delivered", "closed"), "fulfilled"),
    **dict.fromkeys(("processing", "confirmed"), "paid"),
    **dict.fromkeys(("on-hold", "open", "new"), "pending"),
    **dict.fromkeys(("canceled", "voided"), "cancelled"),
}
STATUSES: tuple[str, ...] = get_args(OrderStatus)
# As long as the columns in which they are kept.
_LONGEST = {"order_id": 128, "product_id": 128, "variant_id": 128, "sku": 128, "customer_id": 128}
_CUT = {"title": 500, "phone": 40, "first_name": 100, "last_name": 100, "country": 100,
        "email": 320}  # fmt: skip
_SAME = ("customer_id", "currency", "status", "email")
_FAULT = 2  # a raw line: first line of the order, line, fault, then the values


class Given(msgspec.Struct, frozen=True):
    """What holds for all orders of the file, unless a column says otherwise."""

    shop: str
    currency: str
    status: OrderStatus = "fulfilled"


class Problem(msgspec.Struct, frozen=True):
    """A line that is not imported, and why."""

    line: int
    reason: str
    values: tuple[str, ...]


class Found(msgspec.Struct, frozen=True):
    """One order of the file, or the lines that were put aside in its place."""

    first: int  # the order's first line in the file
    lines: int
    order: Order | None
    problems: tuple[Problem, ...] = ()


class OrderReader:
    """Turns sorted lines into orders."""

    def __init__(
        self, fields: Sequence[str], given: Given, numbers: Numbers, moments: Moments
    ) -> None:
        self._fields = tuple(fields)
        self._at = {field: i for i, field in enumerate(fields)}
        self._given = given
        self._numbers = numbers
        self._moments = moments

    def read(self, rows: Iterable[RawLine]) -> Iterator[Found]:
        """One Found per order, in the order of the rows."""
        for first, group in groupby(rows, key=itemgetter(0)):
            yield self._group(first, group)

    def _group(self, first: int, group: Iterator[RawLine]) -> Found:
        lines = list(islice(group, MAX_LINES))
        beyond = sum(1 for _ in group)
        return self._too_long(first, lines, beyond) if beyond else self._order(first, lines)

    def _too_long(self, first: int, lines: list[RawLine], beyond: int) -> Found:
        count = len(lines) + beyond
        reason = (
            f"order_id: {count} lines name the same order, at most {MAX_LINES} are possible: "
            f"is it the right column? (the first {MAX_LINES} lines are listed)"
        )
        return Found(first, count, None, tuple(self._problem(row, reason) for row in lines))

    def _order(self, first: int, rows: list[RawLine]) -> Found:
        cells = [[text.strip() for text in row[_FAULT + 1 :]] for row in rows]
        head: dict[str, str] = {}
        broken = self._each(rows, cells, lambda values: self._collect(head, values))
        lines: list[OrderLine] = []
        order = None
        if not broken:
            try:
                code = _currency(head["currency"]) if "currency" in head else self._given.currency
                digits = exponent(code)
                broken = self._each(
                    rows, cells, lambda values: lines.append(self._line(values, digits))
                )
                if not broken:
                    order = self._whole(head, code, cells, lines)
            except BadCell as error:
                broken = {0: str(error)}
        return Found(first, len(rows), order, self._problems(rows, broken))

    def _each(
        self, rows: list[RawLine], cells: list[list[str]], take: Callable[[list[str]], None]
    ) -> dict[int, str]:
        broken = {}
        for i, (row, values) in enumerate(zip(rows, cells, strict=True)):
            try:
                if row[_FAULT]:
                    raise BadCell(row[_FAULT])
                take(values)
            except BadCell as error:
                broken[i] = str(error)
        return broken

    def _check(self, values: list[str]) -> None:
        for field, longest in _LONGEST.items():
            i = self._at.get(field)
            if i is not None and len(values[i]) > longest:
                raise BadCell(f"{field}: is longer than {longest} characters")
        for field in ("order_id", "product_id"):
            if not values[self._at[field]]:
                raise BadCell(f"{field}: is empty")
        if "\0" in "".join(values):
            raise BadCell("holds a NUL character")

    def _collect(self, head: dict[str, str], values: list[str]) -> None:
        self._check(values)
        for field in ("order_id", "customer_id", "email", "phone", "first_name", "last_name",
                      "country", "currency", "status"):  # fmt: skip
            i = self._at.get(field)
            if i is None or not values[i]:
                continue
            value = _whole_id(values[i]) if field == "customer_id" else values[i]
            value = value.lower() if field in ("status", "email") else value
            if head.setdefault(field, value) != value and field in _SAME:
                raise BadCell(
                    f"{field}: '{value[:40]}', but an earlier line of the same order says "
                    f"'{head[field][:40]}'"
                )

    def _line(self, values: list[str], digits: int) -> OrderLine:
        at = self._at
        quantity, price, total = self._numbers.line(
            values[at["quantity"]], values[at["unit_price"]], digits
        )
        self._moments.read(values[at["placed_at"]], "placed_at")
        return OrderLine(
            product_id=values[at["product_id"]],
            quantity=quantity,
            unit_price=price,
            total=total,
            variant_id=values[at["variant_id"]] if "variant_id" in at else "",
            sku=values[at["sku"]] if "sku" in at else "",
            title=values[at["title"]][: _CUT["title"]] if "title" in at else "",
        )

    def _whole(
        self, head: dict[str, str], currency: str, cells: list[list[str]], lines: list[OrderLine]
    ) -> Order:
        placed = min(self._moments.read(v[self._at["placed_at"]], "placed_at") for v in cells)
        status = head.get("status", self._given.status)
        status = _SPELT.get(status, status)
        if status not in STATUSES:
            raise BadCell(f"status: '{status[:40]}' is not one of {', '.join(STATUSES)}")
        updated = placed
        if "updated_at" in self._at:
            said = [v[self._at["updated_at"]] for v in cells if v[self._at["updated_at"]]]
            updated = max([placed, *(self._moments.read(text, "updated_at") for text in said)])
        return Order(
            shop=self._given.shop,
            order_id=head["order_id"],
            status=cast(OrderStatus, status),
            placed_at=placed,
            updated_at=updated,
            currency=currency,
            total=sum(line.total for line in lines),
            lines=tuple(lines),
            customer_id=head.get("customer_id", ""),
            email=_cut(head, "email"),
            phone=_cut(head, "phone"),
            first_name=_cut(head, "first_name"),
            last_name=_cut(head, "last_name"),
            country=_cut(head, "country"),
        )

    def _problems(self, rows: list[RawLine], broken: dict[int, str]) -> tuple[Problem, ...]:
        if not broken:
            return ()
        culprit = rows[min(broken)][1]
        aside = f"put aside with its order: line {culprit} of it can not be read"
        return tuple(self._problem(row, broken.get(i, aside)) for i, row in enumerate(rows))

    def _problem(self, row: RawLine, reason: str) -> Problem:
        return Problem(row[1], reason, tuple(row[_FAULT + 1 :]))


def _cut(head: dict[str, str], field: str) -> str:
    return head.get(field, "")[: _CUT[field]]


def _whole_id(text: str) -> str:
    """13085.0 is the customer 13085, written by a program that knows no whole numbers with gaps."""
    return text[:-2] if text.endswith(".0") and text[:-2].isdecimal() else text


def _currency(text: str) -> str:
    try:
        return currency_code(text, "currency")
    except InvalidRecord as error:
        raise BadCell(f"currency: '{text[:40]}' is not a three-letter code") from error
