"""Signed texts: device tokens, mail links. All are HMACs with the hub's own key."""

from __future__ import annotations

import base64
import hmac
import secrets
from hashlib import sha256

import msgspec

MAC_BYTES = 16


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Signer:
    """Signs and checks with one key; `purpose` keeps one kind of text from passing as another."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self.key_id = sha256(b"key-id" + secret).hexdigest()[:4]

    def __repr__(self) -> str:
        return f"Signer({self.key_id})"

    def mac(self, purpose: str, text: str) -> str:
        key = self._secret + purpose.encode()
        return _b64(hmac.digest(key, text.encode(), "sha256")[:MAC_BYTES])

    def derive(self, purpose: str) -> str:
        """A secret of 256 bits that only this hub and whoever is told it can know."""
        return _b64(hmac.digest(self._secret, b"derive:" + purpose.encode(), "sha256"))

    def mint_device(self) -> str:
        """A new device token `did.mac.keyid`, 128 random bits."""
        did = secrets.token_urlsafe(16)
        return f"{did}.{self.mac('device', did)}.{self.key_id}"

    def device(self, token: object) -> str:
        """The device id of a genuine token, or ""."""
        if not isinstance(token, str) or len(token) > 100:
            return ""
        did, _, rest = token.partition(".")
        given, _, key_id = rest.partition(".")
        if key_id != self.key_id or not did:
            return ""
        return did if hmac.compare_digest(given.encode(), self.mac("device", did).encode()) else ""

    def seal(self, purpose: str, claims: dict[str, str | int]) -> str:
        """A signed link text that carries `claims` (readable by its holder)."""
        body = _b64(msgspec.json.encode(claims))
        return f"{body}.{self.mac(purpose, body)}"

    def open(self, purpose: str, text: str) -> dict[str, str | int] | None:
        """The claims of a genuine text of this purpose, or None."""
        body, _, given = text.partition(".")
        if not hmac.compare_digest(given.encode(), self.mac(purpose, body).encode()):
            return None
        try:
            raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
            return msgspec.json.decode(raw, type=dict[str, str | int])
        except (ValueError, msgspec.DecodeError):
            return None
