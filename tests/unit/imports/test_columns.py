"""Columns: guessed from their names, and checked before anything is read."""

import pytest

from hub.imports.columns import MappingError, check, from_data, guess, parse_pairs

UCI = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice",
       "CustomerID", "Country"]  # fmt: skip


def test_guess_knows_common_names():
    assert guess(UCI) == {
        "order_id": "InvoiceNo",
        "placed_at": "InvoiceDate",
        "customer_id": "CustomerID",
        "product_id": "StockCode",
        "quantity": "Quantity",
        "unit_price": "UnitPrice",
        "title": "Description",
        "country": "Country",
    }


def test_guess_uses_each_column_once():
    found = guess(["order id", "Order Date", "SKU", "qty", "Price"])
    assert found["product_id"] == "SKU"
    assert "sku" not in found


def test_every_fault_is_named_with_the_columns_there_are():
    with pytest.raises(MappingError) as caught:
        check({"order_id": "invoice no", "colour": "X"}, UCI)
    text = str(caught.value)
    assert "colour: no such field" in text
    assert "no column 'invoice no' (do you mean InvoiceNo?)" in text
    assert "no column for placed_at, product_id, quantity, unit_price" in text
    assert "'StockCode'" in text


def test_a_column_that_comes_twice_can_not_be_meant():
    mapping = guess(UCI)
    with pytest.raises(MappingError, match="several columns 'Quantity'"):
        check(mapping, [*UCI, "Quantity"])


@pytest.mark.parametrize("pairs", [["order_id"], ["=A"], ["order_id="], ["a=A", "a=B"]])
def test_malformed_pairs_are_refused(pairs):
    with pytest.raises(MappingError):
        parse_pairs(pairs)


def test_a_column_name_may_hold_an_equals_sign():
    assert parse_pairs(["order_id=a=b"]) == {"order_id": "a=b"}


@pytest.mark.parametrize("data", [None, [], "x", {"order_id": ["a"]}, {1: "a"}])
def test_a_map_file_must_be_a_flat_mapping(data):
    with pytest.raises(MappingError):
        from_data(data)
