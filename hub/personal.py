"""What looks personal: by the name of a field, or by a value."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import pairwise
from typing import Any

# By the words of a field's name. Single words first, then pairs as they stand in a name.
_WORDS = {
    "email": "email", "mail": "email", "emailaddress": "email",
    "phone": "phone", "mobile": "phone", "telephone": "phone", "telefoon": "phone",
    "msisdn": "phone", "gsm": "phone", "tel": "phone", "phonenumber": "phone",
    "iban": "iban", "bankaccount": "iban", "rekeningnummer": "iban",
    "cardnumber": "card", "creditcard": "card", "pan": "card",
    "bsn": "national_id", "ssn": "national_id", "burgerservicenummer": "national_id",
    "sofinummer": "national_id", "rijksregisternummer": "national_id", "passport": "national_id",
    "street": "address", "straat": "address", "address": "address", "adres": "address",
    "address1": "address", "address2": "address", "postcode": "address", "zipcode": "address",
    "zip": "address", "housenumber": "address", "huisnummer": "address", "streetaddress": "address",
    "firstname": "name", "lastname": "name", "fullname": "name", "surname": "name",
    "voornaam": "name", "achternaam": "name", "familyname": "name", "givenname": "name",
    "birthday": "birth", "birthdate": "birth", "dob": "birth", "geboortedatum": "birth",
    "password": "secret", "passwd": "secret", "wachtwoord": "secret", "cvv": "secret",
    "cvc": "secret",
}  # fmt: skip
_PAIRS = {
    ("e", "mail"): "email", ("phone", "number"): "phone", ("bank", "account"): "iban",
    ("card", "number"): "card", ("cc", "number"): "card", ("credit", "card"): "card",
    ("national", "id"): "national_id", ("passport", "number"): "national_id",
    ("postal", "code"): "address", ("zip", "code"): "address", ("house", "number"): "address",
    ("first", "name"): "name", ("last", "name"): "name", ("full", "name"): "name",
    ("family", "name"): "name", ("given", "name"): "name", ("customer", "name"): "name",
    ("birth", "date"): "birth", ("date", "birth"): "birth", ("of", "birth"): "birth",
}  # fmt: skip
_CAMEL = re.compile(r"([a-z0-9])([A-Z])")
_PART = re.compile(r"[^a-z0-9]+")

CARD_MARK = "[card number removed]"
_HINT = re.compile(r"[@\d]|\[card n")
_EMAIL = re.compile(r"[^\s@<>()\"',;:]{1,64}@[^\s@<>()\"',;:]{1,190}\.[A-Za-z]{2,24}")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}")
_PHONE = re.compile(r"(?:\+|00)[1-9](?:[ ()./-]{0,2}\d){7,13}|0[1-9](?:[ ()./-]{0,2}\d){8}")
_STREET = re.compile(
    r"[A-Z][\w'’.-]*(?:straat|laan|weg|plein|gracht|kade|dreef|singel|stra(?:ss|ß)e|gasse)"
    r" {1,2}\d{1,4}\b"
    r"|\b\d{1,4} [A-Z][\w'’.-]*(?: [A-Z][\w'’.-]*){0,2} (?:Street|Avenue|Road|Lane|Drive)\b"
)
# 13 to 19 digits in groups or not, and no digit on either side.
_CARD = re.compile(r"(?<!\d)[2-6](?:[ -]?\d){12,18}(?!\d)")
LONGEST = 4000  # of a text that is searched: the rest of it is prose all the same


def personal_name(name: str) -> str:
    """What a field of this name holds of a person: email, phone, ...; "" for nothing known."""
    words = [part for part in _PART.split(_CAMEL.sub(r"\1 \2", name).lower()) if part]
    for word in words:
        if kind := _WORDS.get(word):
            return kind
    for pair in pairwise(words):
        if kind := _PAIRS.get(pair):
            return kind
    return _WORDS.get("".join(words), "")


def personal_value(value: object) -> str:
    """What this value tells of a person; "" for nothing that can be recognised."""
    if isinstance(value, str):
        return _text(value[:LONGEST]) if _HINT.search(value) else ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "card" if has_card(_digits(value)) else ""
    return ""


def _text(text: str) -> str:
    if "@" in text and (found := _EMAIL.search(text)):
        return "email" if found[0] == text.strip() else "text"
    if has_card(text) or CARD_MARK in text:
        return "card"
    if any(is_iban(found[0]) for found in _IBAN.finditer(text)):
        return "iban"
    if _PHONE.fullmatch(text.strip()):
        return "phone"
    return "address" if len(text) < 200 and _STREET.search(text) else ""


def _digits(number: float) -> str:
    if isinstance(number, int):
        return str(number) if number.bit_length() <= 64 else ""
    return str(int(number)) if abs(number) < 1e19 and number == int(number) else ""


def is_iban(text: str) -> bool:
    """Whether the check digits are those of an IBAN."""
    plain = text.replace(" ", "").replace("-", "").upper()
    # A word may follow it after a space: some shorter part may be the number.
    return any(_mod97(plain[:n]) for n in range(min(len(plain), 34), 14, -1))


def _mod97(plain: str) -> bool:
    turned = plain[4:] + plain[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def is_bsn(value: object) -> bool:
    """Whether nine digits pass the check of a Dutch citizen's number: one in eleven does."""
    text = str(value)
    if len(text) != 9 or not text.isascii() or not text.isdecimal() or text == "0" * 9:
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(w * int(d) for w, d in zip(weights, text, strict=True)) % 11 == 0


def has_card(text: str) -> bool:
    """Whether a payment card's number stands in the text."""
    return any(is_card(found[0]) for found in _CARD.finditer(text))


_DIGITS = bytes(0x30 if 0x30 <= i <= 0x39 else i for i in range(256))
_BETWEEN = b" -."
_CARD_LONG = re.compile(rb"[2-6][0-9]{12}")
# A number with a dot or an exponent in it may be whole all the same.
_LONG_NUMBER = re.compile(rb"[\[:,]\s*[0-9.]{13,}")


def may_hold_card(raw: bytes) -> bool:
    """Whether JSON could hold a card's number: quick, and wrong only in saying yes."""
    if b"\\u00" in raw and (b"\\u003" in raw or b"\\u002" in raw):
        return True  # digits or what stands between them, written as escapes
    if b"0000000000000" not in raw.translate(_DIGITS, _BETWEEN):
        return False
    if _CARD_LONG.search(raw.translate(None, _BETWEEN)) is None:  # such as milliseconds since 1970
        return False
    return _LONG_NUMBER.search(raw) is not None or has_card(raw.decode("latin-1"))


def strip_cards(value: Any, keep: Collection[str] = ()) -> Any:
    """A JSON value without card numbers, in names of fields too; `keep`: fields at the top that
    hold numbers of the shop's own and stay as they are."""
    if isinstance(value, str):
        return without_cards(value)
    if isinstance(value, list):
        return [strip_cards(item) for item in value]
    if isinstance(value, dict):
        return {
            without_cards(key): item if key in keep else strip_cards(item)
            for key, item in value.items()
        }
    if isinstance(value, int | float) and not isinstance(value, bool):
        return CARD_MARK if has_card(_digits(value)) else value
    return value


def without_cards(text: str, mark: str = CARD_MARK) -> str:
    """The text with `mark` in the place of every card number."""
    return _CARD.sub(lambda found: mark if is_card(found[0]) else found[0], text)


def is_card(text: str) -> bool:
    """The length and the first digits of a card scheme, and a right check digit."""
    digits = text.replace(" ", "").replace("-", "")
    return _scheme(digits) and _luhn(digits)


def _scheme(digits: str) -> bool:
    size, two, four = len(digits), int(digits[:2]), int(digits[:4])
    if two // 10 == 4:
        return size in (16, 19)
    if 51 <= two <= 55 or 2221 <= four <= 2720 or 3528 <= four <= 3589:
        return size == 16
    if two in (34, 37):
        return size == 15
    if two in (36, 38, 39) or 3000 <= four <= 3059:
        return size in (14, 16)
    if four == 6011 or 644 <= int(digits[:3]) <= 659 or two == 62:
        return 16 <= size <= 19
    return two in (50, 56, 57, 58, 63, 67) and size in (16, 18, 19)


def _luhn(digits: str) -> bool:
    odd = sum(int(d) for d in digits[-1::-2])
    even = sum(sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (odd + even) % 10 == 0 and len(set(digits)) > 1
