"""Money as vendors write it (decimal text) and as the hub keeps it (integer minor units)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from hub.sdk.errors import InvalidRecord

# ISO 4217 minor units that are not 2.
_EXPONENTS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
_LARGEST = Decimal(10) ** 15


def exponent(currency: str) -> int:
    """How many decimals the currency's minor unit has (EUR 2, JPY 0, KWD 3)."""
    return _EXPONENTS.get(currency, 2)


def currency_code(value: object, field: str) -> str:
    """A three-letter ISO 4217 code in capitals."""
    if isinstance(value, str):
        code = value.strip().upper()
        if len(code) == 3 and code.isascii() and code.isalpha():
            return code
    raise InvalidRecord("is not a three-letter currency code", field=field)


def decimal(value: object, field: str) -> Decimal:
    """An exact decimal from vendor JSON: text or a number, never NaN, infinite or absurd."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise InvalidRecord("is not an amount", field=field)
    try:
        # repr of a float is its shortest exact form: 10.95 stays 10.95
        amount = Decimal(value.strip() if isinstance(value, str) else str(value))
    except InvalidOperation:
        raise InvalidRecord("is not an amount", field=field) from None
    if not amount.is_finite() or abs(amount) >= _LARGEST:
        raise InvalidRecord("is not an amount", field=field)
    return amount


def minor_units(amount: Decimal, currency: str) -> int:
    """The amount in the currency's minor units, rounded half away from zero."""
    return int(amount.scaleb(exponent(currency)).to_integral_value(ROUND_HALF_UP))


def plain(amount: Decimal, places: int = 6) -> str:
    """The amount as plain decimal text of at most `places` decimals: 10.950000 is 10.95."""
    text = f"{amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
