"""Which column of a file holds which field of an order."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

# Spellings are compared in lower case without spaces and signs; the first that fits wins.
_SPELLINGS: dict[str, tuple[str, ...]] = {
    "order_id": ("orderid", "invoiceno", "invoice", "ordernumber", "orderno", "invoiceid",
                 "invoicenumber", "transactionid", "order", "bestelnummer", "bestellnummer"),
    "placed_at": ("placedat", "invoicedate", "orderdate", "createdat", "datecreated", "purchasedat",
                  "date", "timestamp", "time", "besteldatum", "bestelldatum"),
    "customer_id": ("customerid", "customerno", "customernumber", "userid", "clientid", "customer",
                    "klantnummer", "kundennummer"),
    "product_id": ("productid", "stockcode", "itemid", "articleid", "articleno", "productcode",
                   "sku", "artikelnummer"),
    "quantity": ("quantity", "qty", "amountordered", "units", "aantal", "menge"),
    "unit_price": ("unitprice", "price", "itemprice", "priceeach", "prijs", "preis"),
    "title": ("title", "description", "productname", "itemname", "product",
              "omschrijving"),
    "variant_id": ("variantid",),
    "sku": ("sku",),
    "email": ("email", "emailaddress", "customeremail", "billingemail"),
    "phone": ("phone", "phonenumber", "telephone", "billingphone"),
    "first_name": ("firstname", "givenname", "billingfirstname"),
    "last_name": ("lastname", "surname", "familyname", "billinglastname"),
    "country": ("country", "countrycode", "billingcountry", "land"),
    "currency": ("currency", "currencycode"),
    "status": ("status", "orderstatus"),
    "updated_at": ("updatedat", "modifiedat", "datemodified", "lastmodified"),
}  # fmt: skip
FIELDS = tuple(_SPELLINGS)
REQUIRED = ("order_id", "placed_at", "product_id", "quantity", "unit_price")


class MappingError(Exception):
    """The columns can not be used; the message names what is missing and what there is."""


def guess(columns: Sequence[str]) -> dict[str, str]:
    """Field -> column, as far as the names tell; each column is used once."""
    free = {_plain(column): column for column in reversed(columns)}
    found: dict[str, str] = {}
    for field, spellings in _SPELLINGS.items():
        for spelling in spellings:
            if spelling in free:
                found[field] = free.pop(spelling)
                break
    return found


def parse_pairs(pairs: Iterable[str]) -> dict[str, str]:
    """`field=column` as written on a command line. Raises MappingError."""
    found: dict[str, str] = {}
    for pair in pairs:
        field, sign, column = pair.partition("=")
        if not sign or not field.strip() or not column.strip():
            raise MappingError(f"--map '{pair}': write it as field=column")
        if field.strip() in found:
            raise MappingError(f"--map {field.strip()}: given twice")
        found[field.strip()] = column.strip()
    return found


def from_data(data: object) -> dict[str, str]:
    """A mapping read from YAML. Raises MappingError."""
    if not isinstance(data, Mapping) or not data:
        raise MappingError("the map file must hold lines like `order_id: InvoiceNo`")
    for field, column in data.items():
        if not isinstance(field, str) or not isinstance(column, str | int):
            raise MappingError(f"the map file: {field}: must name one column")
    return {str(field): str(column) for field, column in data.items()}


def check(mapping: Mapping[str, str], columns: Sequence[str]) -> None:
    """Raises MappingError naming every fault: unknown fields, absent columns, missing fields."""
    faults = [f"{field}: no such field{_like(field, FIELDS)}"
              for field in mapping if field not in _SPELLINGS]  # fmt: skip
    for field, column in mapping.items():
        if columns.count(column) == 0:
            faults.append(f"{field}: the file has no column '{column}'{_like(column, columns)}")
        elif columns.count(column) > 1:
            faults.append(f"{field}: the file has several columns '{column}'")
    missing = [field for field in REQUIRED if field not in mapping]
    if missing:
        faults.append(f"no column for {', '.join(missing)}: add --map {missing[0]}=COLUMN")
    if faults:
        there = ", ".join(repr(column[:60]) for column in columns[:60])
        known = f"\nfields: {', '.join(FIELDS)}" if mapping.keys() - _SPELLINGS.keys() else ""
        raise MappingError("; ".join(faults) + f"\ncolumns of the file: {there}{known}")


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _like(name: str, among: Sequence[str]) -> str:
    close = difflib.get_close_matches(_plain(name), [_plain(word) for word in among], n=1)
    return next((f" (do you mean {word}?)" for word in among if [_plain(word)] == close), "")
