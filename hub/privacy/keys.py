"""The keys of privacy, all made from the hub's own: for hashes, for receipts, for the audit log."""

from __future__ import annotations

import hmac
from hashlib import blake2b

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hub.sdk.records import Identifier


class PrivacyKeys:
    """A hash names nobody to who does not hold `secret`, and cannot be found by guessing."""

    def __init__(self, secret: bytes) -> None:
        self._names = _derived(secret, b"regulars erased names")
        self._chain = _derived(secret, b"regulars audit chain")
        self._sign = Ed25519PrivateKey.from_private_bytes(_derived(secret, b"regulars receipts"))

    def __repr__(self) -> str:
        return f"PrivacyKeys({self.public[:8]})"

    def hash(self, who: Identifier) -> str:
        """The keyed hash of an identifier, 64 hexadecimal digits."""
        return self.digest(who.namespace, who.type, who.value)

    def digest(self, namespace: str, kind: str, value: str) -> str:
        """The keyed hash of an identifier given by its parts."""
        return self.mark(namespace, kind, value).hex()

    def mark(self, namespace: str, kind: str, value: str) -> bytes:
        """The same as bytes. BLAKE2 with a key: asked for every identifier that comes in, it is
        several times faster than an HMAC and proves as much."""
        text = f"{namespace}\0{kind}\0{value}".encode("utf-8", "surrogatepass")
        return blake2b(text, digest_size=32, key=self._names).digest()

    def link(self, before: str, row: bytes) -> str:
        """The mark of an audit row: keyed, over the row and the mark before it."""
        return hmac.digest(self._chain, before.encode() + b"\0" + row, "sha256").hex()

    @property
    def public(self) -> str:
        """The key with which anybody can check a receipt, 64 hexadecimal digits."""
        raw = self._sign.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return raw.hex()

    def sign(self, text: bytes) -> str:
        return self._sign.sign(text).hex()


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(secret)
