"""Tokens as a shop's server signs them, right and wrong."""

from __future__ import annotations

import base64
import hmac
from typing import Any

import orjson


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(secret: str, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
    """A JWT; the signature is always HMAC-SHA256, whatever the header says."""
    head = {"alg": "HS256", "typ": "JWT"} if header is None else header
    signed = f"{_b64(orjson.dumps(head))}.{_b64(orjson.dumps(claims))}"
    return f"{signed}.{_b64(hmac.digest(secret.encode(), signed.encode(), 'sha256'))}"


def claims(key: str, customer: str, now_ms: int, **more: Any) -> dict[str, Any]:
    """The claims of a good token."""
    return {"sub": customer, "aud": key, "exp": now_ms // 1000 + 600, "jti": "0123456789", **more}
