"""A token of the shop proves one customer for a quarter of an hour, and nothing else does."""

from __future__ import annotations

import base64
import hmac
from typing import Any

import pytest

from hub.ingest.shop_tokens import BadToken, read_shop_token
from tests.shop_token import claims, sign

NOW, KEY, SECRET = 1_800_000_000_000, "wk_1", "s" * 43


def read(text: str, *secrets: str) -> tuple[str, str]:
    said = read_shop_token(text, secrets or [SECRET], audience=KEY, now_ms=NOW)
    return said.customer, said.jti


def test_a_good_token_names_its_customer() -> None:
    assert read(sign(SECRET, claims(KEY, "42", NOW))) == ("42", "0123456789")
    assert read(sign(SECRET, claims(KEY, "42", NOW, sub=42, aud=["x", KEY])))[0] == "42"
    assert read(sign("old", claims(KEY, "42", NOW)), SECRET, "old")[0] == "42"


def test_the_digits_of_the_digest_are_a_signature_too() -> None:
    signed = sign(SECRET, claims(KEY, "42", NOW)).rpartition(".")[0]
    digits = hmac.new(SECRET.encode(), signed.encode(), "sha256").hexdigest()
    assert read(f"{signed}.{digits}")[0] == "42"
    with pytest.raises(BadToken, match="signature"):
        read(f"{signed}.{digits[:-1]}")


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"aud": "wk_2"}, "aud"), ({"aud": []}, "aud"), ({"aud": 3}, "claims"),
        ({"exp": NOW // 1000 - 61}, "exp: the token is too old"),
        ({"exp": NOW // 1000 + 961}, "exp: more than 900"), ({"exp": None}, "claims"),
        ({"sub": "0"}, "sub"), ({"sub": ""}, "sub"), ({"sub": None}, "claims"),
        ({"sub": "guest"}, "sub"), ({"jti": "short"}, "jti"), ({"jti": "x" * 129}, "jti"),
        ({"sub": "x" * 3000}, "token"),
    ],
)  # fmt: skip
def test_a_wrong_claim_is_refused_with_its_name(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadToken, match=f"^{reason}"):
        read(sign(SECRET, claims(KEY, "42", NOW, **more)))


@pytest.mark.parametrize(
    "header",
    [{"alg": "none"}, {"alg": "hs256"}, {"alg": "HS512"}, {"alg": "RS256"}, {}, {"alg": None},
     {"alg": "HS256", "crit": ["b64"]}],
)  # fmt: skip
def test_no_other_way_of_signing_is_taken(header: dict[str, Any]) -> None:
    with pytest.raises(BadToken, match=r"^(alg|header)"):
        read(sign(SECRET, claims(KEY, "42", NOW), header))


def test_without_a_secret_nothing_is_proved() -> None:
    text = sign("", claims(KEY, "42", NOW))
    with pytest.raises(BadToken, match="signature"):
        read_shop_token(text, [], audience=KEY, now_ms=NOW)


@pytest.mark.parametrize(
    "text", ["", "a.b", "a.b.c", "..", "a.b.c.d", "ä.b.c", "e30.e30.", "====.e30.x", "\u0000.e30.x"]
)
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(BadToken):
        read(text)


def test_no_bit_of_a_token_can_be_turned() -> None:
    good = sign(SECRET, claims(KEY, "42", NOW))
    for at in range(len(good)):
        turned = good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1 :]
        if (
            base64.urlsafe_b64decode(turned.split(".")[-1] + "==")
            == base64.urlsafe_b64decode(good.split(".")[-1] + "==")
            and turned.rpartition(".")[0] == good.rpartition(".")[0]
        ):
            continue  # the last letter of base64 has bits that mean nothing
        with pytest.raises(BadToken):
            read(turned)
