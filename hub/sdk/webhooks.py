"""Webhook signatures: over the raw bytes, in constant time, with every live secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence

from hub.sdk.errors import Refused
from hub.sdk.secret import SecretText


class Forged(Refused):
    """The delivery is not signed with a live secret: answer 401, keep nothing of it."""


def lower_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers with lower-case names, as verifiers look them up."""
    return {name.lower(): value for name, value in headers.items()}


def sign_base64(secret: str, body: bytes) -> str:
    """base64(HMAC-SHA256(secret, body))."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def verify_base64(secrets: Iterable[str], body: bytes, signature: str) -> None:
    """Raise Forged unless `signature` is that of the body under one of the secrets."""
    given = signature.strip().encode("utf-8", "replace")
    found = False
    for secret in secrets:
        if secret:  # an empty secret would let anybody sign
            found |= hmac.compare_digest(sign_base64(secret, body).encode(), given)
    if not found:
        raise Forged("The delivery's signature is missing or wrong.")


def content_key(*parts: str, body: bytes) -> str:
    """A dedupe key from what the delivery says, for vendors whose delivery id is not unique."""
    return ":".join((*parts, hashlib.sha256(body).hexdigest()))


def live_secrets(secret: Mapping[str, SecretText]) -> Sequence[str]:
    """The webhook secrets to accept, newest first: the present one and, while the shop is
    being moved to it, the one before (`webhook_secret`, `webhook_secret_old`)."""
    names = ("webhook_secret", "webhook_secret_old")
    return [secret[name].reveal() for name in names if secret.get(name)]
