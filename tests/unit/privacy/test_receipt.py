"""A receipt proves what it says to who has nothing but the public key."""

from __future__ import annotations

import msgspec
import pytest

from hub.privacy.keys import PrivacyKeys
from hub.privacy.receipt import KIND, BadReceipt, Receipt, Signed, System, seal, verify
from hub.sdk.records import Identifier

KEYS = PrivacyKeys(b"a" * 32)
OTHER = PrivacyKeys(b"b" * 32)
RECEIPT = Receipt(
    kind=KIND, workspace="Linen", request=7, subject="ab" * 32, asked_at="2026-11-23T12:00:00",
    finished_at="2026-11-23T12:01:00", stores={"log": 12}, kept={"orders without a name": 2},
    systems=(System("this hub", "done", "2026-11-23T12:01:00", 1),), identifiers=4,
)  # fmt: skip


def test_it_is_read_as_it_was_signed() -> None:
    text = seal(RECEIPT, KEYS).encode()
    assert verify(text) == (RECEIPT, KEYS.public)
    assert verify(text, KEYS.public.upper() + "\n") == (RECEIPT, KEYS.public)


def test_any_change_is_noticed() -> None:
    text = seal(RECEIPT, KEYS)
    for before, after in (("done", "manual"), ("12", "13"), ("Linen", "Limen")):
        with pytest.raises(BadReceipt, match="changed"):
            verify(text.replace(before, after, 1).encode())


def test_another_hubs_signature_is_not_ours() -> None:
    forged = seal(RECEIPT, OTHER)
    with pytest.raises(BadReceipt, match="another key"):
        verify(forged.encode(), KEYS.public)
    mixed = msgspec.json.decode(forged, type=Signed)
    mixed = msgspec.structs.replace(mixed, key=KEYS.public)
    with pytest.raises(BadReceipt, match="changed"):
        verify(msgspec.json.encode(mixed))


@pytest.mark.parametrize("text", [b"", b"{}", b"[1]", b'{"text":"x","key":"zz","signature":""}',
                                  b'{"text":"x","key":"","signature":""}'])  # fmt: skip
def test_what_is_no_receipt_is_said_to_be_none(text: bytes) -> None:
    with pytest.raises(BadReceipt):
        verify(text)


def test_another_signed_text_is_no_receipt() -> None:
    other = msgspec.structs.replace(RECEIPT, kind="a letter")
    with pytest.raises(BadReceipt, match="a letter"):
        verify(seal(other, KEYS).encode())


def test_hashes_are_keyed_and_tell_kinds_apart() -> None:
    email = Identifier("", "email", "ann@example.com")
    assert KEYS.hash(email) != OTHER.hash(email)
    assert KEYS.hash(email) != KEYS.hash(Identifier("", "phone", "ann@example.com"))
    assert KEYS.hash(email) == PrivacyKeys(b"a" * 32).hash(email)
    assert "ann" not in repr(KEYS)
