"""Signatures over raw bytes, with every live secret."""

from __future__ import annotations

import pytest

from hub.sdk.errors import Refused
from hub.sdk.secret import SecretText
from hub.sdk.webhooks import (
    Forged,
    content_key,
    live_secrets,
    lower_headers,
    sign_base64,
    verify_base64,
)

# A delivery of another vendor with the same scheme, published with its signature.
SECRET, BODY = "test_secret_key", b'{"foo": "bar"}'
SIGNATURE = "B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g="


def test_a_known_signature() -> None:
    assert sign_base64(SECRET, BODY) == SIGNATURE
    verify_base64([SECRET], BODY, SIGNATURE)
    verify_base64(["newer", SECRET], BODY, f" {SIGNATURE} ")


@pytest.mark.parametrize(
    ("secrets", "body", "signature"),
    [
        ([], BODY, SIGNATURE),
        (["other"], BODY, SIGNATURE),
        ([SECRET], BODY + b" ", SIGNATURE),
        ([SECRET], BODY, ""),
        ([SECRET], BODY, SIGNATURE[:-1]),
        ([SECRET], BODY, SIGNATURE.lower()),
        ([SECRET], BODY, "é\ud800"),
        ([""], BODY, sign_base64("", BODY)),
    ],
)
def test_anything_else_is_forged(secrets: list[str], body: bytes, signature: str) -> None:
    with pytest.raises(Forged):
        verify_base64(secrets, body, signature)


def test_every_bit_of_the_body_counts() -> None:
    for i in range(len(BODY) * 8):
        flipped = bytearray(BODY)
        flipped[i // 8] ^= 1 << (i % 8)
        with pytest.raises(Forged):
            verify_base64([SECRET], bytes(flipped), SIGNATURE)


def test_a_forged_delivery_is_refused_for_good() -> None:
    assert issubclass(Forged, Refused)


def test_live_secrets_newest_first() -> None:
    both = {"webhook_secret_old": SecretText("a"), "webhook_secret": SecretText("b")}
    assert live_secrets(both) == ["b", "a"]
    assert live_secrets({"webhook_secret": SecretText("")}) == []


def test_the_content_key_follows_topic_id_and_body() -> None:
    keys = {
        content_key("order.updated", "1", body=b"a"),
        content_key("order.updated", "2", body=b"a"),
        content_key("order.created", "1", body=b"a"),
        content_key("order.updated", "1", body=b"b"),
    }
    assert len(keys) == 4
    assert content_key("t", "1", body=b"a") == content_key("t", "1", body=b"a")


def test_header_names_in_any_case() -> None:
    assert lower_headers({"X-A": "1", "x-b": "2"}) == {"x-a": "1", "x-b": "2"}
