"""Tokens that a shop's server signs for a shopper who is signed in there (JWT, HS256 only)."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from hub.sdk.identifiers import clean_id

MAX_BYTES = 2048
MAX_SECONDS = 900
T = TypeVar("T")
LEEWAY = 60  # the clocks of shop and hub may differ by so much


class BadToken(Exception):
    """The token proves nothing; the message names the claim and the remedy."""


class ShopToken(msgspec.Struct, frozen=True):
    """`customer`: the account's id in the shop. `jti`: the token's own number."""

    customer: str
    jti: str


class _Header(msgspec.Struct):
    alg: str = ""
    crit: msgspec.Raw = msgspec.Raw()


class _Claims(msgspec.Struct):
    sub: str | int
    aud: str | list[str]
    exp: int | float
    jti: str


_headers = msgspec.json.Decoder(_Header)
_claims = msgspec.json.Decoder(_Claims)


def read_shop_token(text: str, secrets: Iterable[str], *, audience: str, now_ms: int) -> ShopToken:
    """Who the token names. The signature is base64url, or the hexadecimal digits of the same
    digest, for template languages that know no bytes. Raises BadToken."""
    parts = text.split(".")
    if len(parts) != 3 or len(text) > MAX_BYTES or not text.isascii():
        raise BadToken("token: not of the form header.claims.signature")
    header = _read(parts[0], _headers, "header")
    if header.alg != "HS256" or header.crit != msgspec.Raw():
        raise BadToken("alg: only HS256 is taken")
    signed = f"{parts[0]}.{parts[1]}".encode()
    if not any(_fits(parts[2], hmac.digest(s.encode(), signed, "sha256")) for s in secrets):
        raise BadToken("signature: made with another secret; copy the one of this source again")
    claims = _read(parts[1], _claims, "claims")
    if audience not in ([claims.aud] if isinstance(claims.aud, str) else claims.aud):
        raise BadToken("aud: not the write key of this source")
    left = claims.exp - now_ms / 1000
    if left < -LEEWAY:
        raise BadToken("exp: the token is too old; make a new one for each page")
    if left > MAX_SECONDS + LEEWAY:
        raise BadToken(f"exp: more than {MAX_SECONDS} seconds ahead")
    customer = clean_id(claims.sub)
    if not customer:
        raise BadToken("sub: names nobody; make no token for guests")
    if not 8 <= len(claims.jti) <= 128:
        raise BadToken("jti: a number of its own for each token, 8 to 128 characters")
    return ShopToken(customer, claims.jti)


def _fits(given: str, digest: bytes) -> bool:
    plain = base64.urlsafe_b64encode(digest).rstrip(b"=")
    return hmac.compare_digest(given.encode(), plain) or hmac.compare_digest(
        given.encode(), digest.hex().encode()
    )


def _read(part: str, decoder: msgspec.json.Decoder[T], what: str) -> T:
    try:
        raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        return decoder.decode(raw)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadToken(f"{what}: {error}") from error
