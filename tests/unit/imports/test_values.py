"""Numbers and times as files write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.imports.values import BadCell, Moments, Numbers

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("quantity", "price", "digits", "expected"),
    [
        ("12", "6.95", 2, (12, "6.95", 8340)),
        ("1", "0.005", 2, (1, "0.005", 1)),  # half goes away from zero
        ("-1", "0.005", 2, (-1, "0.005", -1)),
        ("3", "0.001", 2, (3, "0.001", 0)),
        ("1", "-53594.36", 2, (1, "-53594.36", -5359436)),
        ("12.0", "2", 2, (12, "2", 2400)),
        ("2", "1e-05", 2, (2, "0.00001", 0)),
        ("2", "150", 0, (2, "150", 300)),
        ("1", "1.2345", 3, (1, "1.2345", 1235)),
    ],
)
def test_line(quantity, price, digits, expected):
    assert Numbers(decimal_comma=False).line(quantity, price, digits) == expected


@pytest.mark.parametrize(
    ("quantity", "price", "word"),
    [
        ("", "1", "quantity: is empty"),
        ("1.5", "1", "not a whole number"),
        ("two", "1", "quantity: 'two' is not a number"),
        ("99999999999", "1", "whole number"),
        ("1", "", "unit_price: is empty"),
        ("1", "nan", "not a number"),
        ("1", "inf", "not a number"),
        ("1", "1_000", "not a number"),
        ("1", "£2.10", "not a number"),
        ("1", "12,50", "--decimal-comma"),
        ("1", "1e300", "too large"),
        ("1", "1e-300", "too fine"),
        ("2000000000", "999999999999", "too large"),
        ("١", "1", "not a number"),
    ],
)
def test_what_is_no_number_is_refused_by_name(quantity, price, word):
    with pytest.raises(BadCell, match=word):
        Numbers(decimal_comma=False).line(quantity, price, 2)


def test_decimal_comma():
    numbers = Numbers(decimal_comma=True)
    assert numbers.line("1.200", "1.234,50", 2) == (1200, "1234.50", 148140000)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(-10_000, 10_000),
    st.decimals(-10_000, 10_000, places=6, allow_nan=False, allow_infinity=False),
)
def test_line_totals_are_those_of_duckdb(quantity, price):
    row = duckdb.execute(
        "SELECT CAST(round(?::INTEGER * ?::DECIMAL(18,6), 2) * 100 AS BIGINT)",
        [quantity, str(price)],
    ).fetchone()
    assert Numbers(decimal_comma=False).line(str(quantity), str(price), 2)[2] == row[0]


def test_times_without_a_zone_are_local():
    moments = Moments(ZoneInfo("Europe/London"), NOW)
    assert moments.read("2010-07-01 12:00", "t") == datetime(2010, 7, 1, 11, tzinfo=UTC)
    assert moments.read("2010-01-01 12:00:00", "t") == datetime(2010, 1, 1, 12, tzinfo=UTC)
    assert moments.read("2010-07-01T12:00:00+02:00", "t") == datetime(2010, 7, 1, 10, tzinfo=UTC)


def test_other_forms_need_a_pattern():
    with pytest.raises(BadCell, match="--date-format"):
        Moments(ZoneInfo("UTC"), NOW).read("12/1/2010 8:26", "placed_at")
    moments = Moments(ZoneInfo("UTC"), NOW, "%m/%d/%Y %H:%M")
    assert moments.read("12/1/2010 8:26", "placed_at") == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "soon", "0001-01-01", "9999-12-31", "1900-01-01", "2026-01-03", "2010-02-30"]
)
def test_impossible_times_are_refused(text):
    with pytest.raises(BadCell, match="placed_at"):
        Moments(ZoneInfo("America/New_York"), NOW).read(text, "placed_at")
