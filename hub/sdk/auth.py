"""Ways to prove who we are to a vendor: Basic, Bearer, key in the query, OAuth 1.0a."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote

from hub.sdk.clock import Clock
from hub.sdk.secret import SecretText

Params = list[tuple[str, str]]


class Auth(Protocol):
    """Signs one attempt; a repeated request is signed anew."""

    @property
    def secrets(self) -> tuple[SecretText, ...]:
        """What must be blanked in any message about the request."""
        ...

    def sign(self, method: str, url: str, params: Params) -> tuple[Params, dict[str, str]]:
        """The query parameters to send (all of them) and the headers to add."""
        ...


@dataclass(frozen=True, slots=True)
class Basic:
    """HTTP Basic."""

    user: SecretText
    password: SecretText

    @property
    def secrets(self) -> tuple[SecretText, ...]:
        return (self.user, self.password)

    def sign(self, method: str, url: str, params: Params) -> tuple[Params, dict[str, str]]:
        pair = f"{self.user.reveal()}:{self.password.reveal()}".encode()
        return params, {"Authorization": "Basic " + base64.b64encode(pair).decode()}


@dataclass(frozen=True, slots=True)
class Bearer:
    """A bearer token in the Authorization header."""

    token: SecretText

    @property
    def secrets(self) -> tuple[SecretText, ...]:
        return (self.token,)

    def sign(self, method: str, url: str, params: Params) -> tuple[Params, dict[str, str]]:
        return params, {"Authorization": f"Bearer {self.token.reveal()}"}


@dataclass(frozen=True, slots=True)
class QueryKey:
    """Key and secret as query parameters: for hosts that strip the Authorization header."""

    names: tuple[str, str]
    key: SecretText
    secret: SecretText

    @property
    def secrets(self) -> tuple[SecretText, ...]:
        return (self.key, self.secret)

    def sign(self, method: str, url: str, params: Params) -> tuple[Params, dict[str, str]]:
        own = [(self.names[0], self.key.reveal()), (self.names[1], self.secret.reveal())]
        return [*params, *own], {}


def _nonce() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class OAuth1:
    """One-legged OAuth 1.0a with HMAC-SHA256 and no token, in the query: works without TLS."""

    key: SecretText
    secret: SecretText
    clock: Clock
    nonce: Callable[[], str] = field(default=_nonce, repr=False)

    @property
    def secrets(self) -> tuple[SecretText, ...]:
        return (self.key, self.secret)

    def sign(self, method: str, url: str, params: Params) -> tuple[Params, dict[str, str]]:
        full = [
            *params,
            ("oauth_consumer_key", self.key.reveal()),
            ("oauth_nonce", self.nonce()),
            ("oauth_signature_method", "HMAC-SHA256"),
            ("oauth_timestamp", str(int(self.clock.now().timestamp()))),
            ("oauth_version", "1.0"),
        ]
        signature = oauth1_signature(method, url, full, self.secret.reveal())
        return [*full, ("oauth_signature", signature)], {}


def oauth1_signature(method: str, url: str, params: Params, secret: str) -> str:
    """The HMAC-SHA256 signature of RFC 5849 section 3.4 without a token secret."""
    pairs = sorted((_encode(name), _encode(value)) for name, value in params)
    text = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join((method.upper(), _encode(url), _encode(text)))
    key = f"{_encode(secret)}&".encode()
    return base64.b64encode(hmac.digest(key, base.encode(), hashlib.sha256)).decode()


def _encode(text: str) -> str:
    return quote(text, safe="-._~")
