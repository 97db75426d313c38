"""Secrets of connections, sealed with a key that is not in the database."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class WrongKey(Exception):
    """The sealed text was made with another key, or for another place."""


class Vault:
    """AES-256-GCM. The place is authenticated too: a sealed text moved elsewhere does not open."""

    def __init__(self, secret: bytes) -> None:
        key = HKDF(SHA256(), 32, salt=None, info=b"regulars vault").derive(secret)
        self._cipher = AESGCM(key)

    def __repr__(self) -> str:
        return "Vault()"

    def seal(self, place: str, values: Mapping[str, str]) -> str:
        """The values, unreadable without the key."""
        nonce = os.urandom(12)
        sealed = self._cipher.encrypt(nonce, msgspec.json.encode(dict(values)), place.encode())
        return base64.b64encode(nonce + sealed).decode()

    def open(self, place: str, text: str) -> dict[str, str]:
        """The values again. Raises WrongKey."""
        data = base64.b64decode(text)
        try:
            plain = self._cipher.decrypt(data[:12], data[12:], place.encode())
        except InvalidTag as error:
            raise WrongKey(
                f"the secret of {place} does not open: was secret.key of the data folder replaced?"
            ) from error
        return msgspec.json.decode(plain, type=dict[str, str])
