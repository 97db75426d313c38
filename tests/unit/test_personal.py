"""What looks personal: by name and by value, and what only seems to be."""

from __future__ import annotations

import orjson
import pytest

from hub.personal import (
    CARD_MARK,
    has_card,
    is_bsn,
    may_hold_card,
    personal_name,
    personal_value,
    strip_cards,
    without_cards,
)

CARDS = (
    "4111111111111111", "4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005",
    "2223003122003222", "6011111111111117", "30569309025904", "3530111333300000",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("email", "email"), ("customerEmail", "email"), ("e-mail", "email"), ("E_MAIL", "email"),
        ("phoneNumber", "phone"), ("mobile", "phone"), ("cc_number", "card"), ("IBAN", "iban"),
        ("bsn", "national_id"), ("shipping_street", "address"), ("postalCode", "address"),
        ("firstName", "name"), ("date_of_birth", "birth"), ("password", "secret"),
        ("product_name", ""), ("name", ""), ("panel", ""), ("mailing_list_size", ""),
        ("telemetry", ""), ("price", ""), ("", ""), ("streetwear", ""),
    ],
)  # fmt: skip
def test_names(name: str, kind: str) -> None:
    assert personal_name(name) == kind


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("ann@example.com", "email"), ("please mail ann@example.com soon", "text"),
        ("NL91 ABNA 0417 1643 00", "iban"), ("pay to NL91ABNA0417164300 please", "iban"),
        ("NL91 ABNA 0417 1643 01", ""), ("+31 6 1234 5678", "phone"), ("0612345678", "phone"),
        ("0031612345678", "phone"), ("Kerkstraat 12", "address"),
        ("12 Baker Street", "address"), (4111111111111111, "card"), (4.111111111111111e15, "card"),
        ("000000123", ""), ("2026-11-24T04:31:54.123Z", ""), ("550e8400-e29b-41d4-a716", ""),
        ("4006381333931", ""), ("1700000000000", ""), ("@home", ""), ("blue", ""), (True, ""),
        (None, ""), (12.5, ""), (10**400, ""), ("Size 12", ""), (1e400, ""), ("1.2.3.4", ""),
    ],
)  # fmt: skip
def test_values(value: object, kind: str) -> None:
    assert personal_value(value) == kind


@pytest.mark.parametrize("card", CARDS)
def test_card_numbers_are_found_wherever_they_stand(card: str) -> None:
    assert personal_value(card) == "card"
    assert has_card(f"my card is {card}, thanks")
    assert without_cards(f"it is {card}.", "[x]") == "it is [x]."
    wrong = card[:-1] + str((int(card[-1]) + 1) % 10)
    assert not has_card(wrong)
    assert not has_card(f"1{card}") or card[0] not in "456"


def test_a_longer_number_is_no_card() -> None:
    assert not has_card("94111111111111111999999")
    assert not has_card("0000000000000000")


def test_citizens_numbers_pass_the_elfproef() -> None:
    assert is_bsn("123456782")
    assert is_bsn(111222333)
    assert not is_bsn("123456789")
    assert not is_bsn("000000000")
    assert not is_bsn("12345678")
    assert not is_bsn("١٢٣٤٥٦٧٨٢")


@pytest.mark.parametrize(
    "bomb",
    ["a" * 30_000 + "@", "@" * 30_000, "1 " * 15_000, "NL12" * 7_000, "+1" * 15_000,
     "A" + "a-" * 15_000, "1 Ab " * 6_000, "x@" + "a." * 15_000, "4" * 32_000],
)  # fmt: skip
def test_no_text_takes_long(bomb: str) -> None:
    """With a search that goes back and forth this would not end within the hour."""
    personal_value(bomb)
    personal_name(bomb)
    without_cards(bomb, "x")


HIDDEN = [
    '"4111111111111111"', "4111111111111111", "4.111111111111111e15", "411111111111111.1E1",
    '"4111 1111-1111 1111"', '"\\u0034111111111111111"', '"4111\\u00201111\\u00201111\\u00201111"',
    '"41\\u002d11111111111111"', "4111111111111111.0", "41111111111111110e-1",
]  # fmt: skip


@pytest.mark.parametrize("written", HIDDEN)
def test_a_card_is_taken_out_however_json_writes_it(written: str) -> None:
    raw = f'{{"a": {{"b": ["x", {written}, 5]}}, "n": {written} , "id": "p1"}}'.encode()
    assert may_hold_card(raw)
    clean = strip_cards(orjson.loads(raw))
    assert clean == {"a": {"b": ["x", CARD_MARK, 5]}, "n": CARD_MARK, "id": "p1"}
    assert personal_value(CARD_MARK) == "card"


def test_a_card_is_no_name_of_a_field_either() -> None:
    assert strip_cards({"4111111111111111": {"x": 1}}) == {CARD_MARK: {"x": 1}}
    assert strip_cards({"id": "4111111111111111"}, keep={"id"}) == {"id": "4111111111111111"}


@pytest.mark.parametrize(
    "written",
    ['"550e8400-e29b-41d4-a716-446655440000"', "1700000000000", '"2026-11-24T04:31:54.123Z"',
     '"1234567890.1700000000"', "12.5", "9007199254740991", '"4006381333931"', "true"],
)  # fmt: skip
def test_what_is_no_card_stays_as_it_is(written: str) -> None:
    value = orjson.loads(f'{{"a": {written}}}')
    assert strip_cards(value) == value
