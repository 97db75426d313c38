"""Decimal text to minor units, exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.sdk.errors import InvalidRecord
from hub.sdk.money import currency_code, decimal, exponent, minor_units, plain


@pytest.mark.parametrize(
    ("currency", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("ISK", 0), ("XYZ", 2)]
)
def test_exponents(currency: str, digits: int) -> None:
    assert exponent(currency) == digits


@given(st.integers(-(10**12), 10**12), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_minor_units_and_back(units: int, currency: str) -> None:
    text = str(Decimal(units).scaleb(-exponent(currency)))
    assert minor_units(decimal(text, "x"), currency) == units


@pytest.mark.parametrize(
    "value", ["", "x", "1,5", "NaN", "-Infinity", "1e99", None, True, [], {}, float("nan"), "0x10"]
)
def test_what_is_no_amount(value: object) -> None:
    with pytest.raises(InvalidRecord, match="price: is not an amount"):
        decimal(value, "price")


def test_a_float_keeps_its_shortest_form() -> None:
    assert decimal(0.1, "x") == Decimal("0.1")
    assert minor_units(decimal(1.005, "x"), "EUR") == 101


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("10.950000", "10.95"),
        ("10", "10"),
        ("100", "100"),
        ("-0.0000001", "0"),
        ("4.0333333", "4.033333"),
    ],
)
def test_plain_text(amount: str, text: str) -> None:
    assert plain(Decimal(amount)) == text


@pytest.mark.parametrize("value", ["EURO", "E1R", "", None, 978, "ÉUR"])
def test_what_is_no_currency(value: object) -> None:
    with pytest.raises(InvalidRecord, match="three-letter"):
        currency_code(value, "currency")


def test_a_currency_in_small_letters() -> None:
    assert currency_code(" eur ", "currency") == "EUR"
