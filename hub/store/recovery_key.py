"""The key that opens backups: its open half seals them, its secret half is kept by a person.

The server holds the open half only, so that neither a stolen server nor a stolen backup disk
reads an old backup.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

PUBLIC_FILE = "backup.pub"
_LABEL = "regulars-backup-key-1 "
_CHECK_BYTES = 3


class BadKey(Exception):
    """A recovery key that is mistyped, or a damaged file of the open half."""


class RecoveryKey(msgspec.Struct, frozen=True):
    """The secret half. Its text form is shown once; it never enters a repr or a log."""

    secret: bytes

    def __repr__(self) -> str:
        return "RecoveryKey()"

    @property
    def public(self) -> bytes:
        private = X25519PrivateKey.from_private_bytes(self.secret)
        return private.public_key().public_bytes_raw()

    @property
    def text(self) -> str:
        """56 letters and digits in groups of four; the last ones tell a typing error."""
        whole = base64.b32encode(self.secret + _check(self.secret)).decode().rstrip("=")
        return "-".join(whole[i : i + 4] for i in range(0, len(whole), 4))


def _check(secret: bytes) -> bytes:
    return hashlib.sha256(b"regulars recovery key" + secret).digest()[:_CHECK_BYTES]


def new_key() -> RecoveryKey:
    """Another key."""
    return RecoveryKey(os.urandom(32))


def read_key(text: str) -> RecoveryKey:
    """The key as a person types it; case, spaces and dashes do not matter. Raises BadKey."""
    plain = "".join(text.split()).replace("-", "").upper().replace("0", "O").replace("1", "I")
    try:
        data = base64.b32decode(plain)
    except binascii.Error as error:
        raise BadKey("this is not a recovery key: it has 56 letters and digits") from error
    secret = data[:32]
    if len(data) != 32 + _CHECK_BYTES or data[32:] != _check(secret):
        raise BadKey("the recovery key is mistyped: compare it with what was written down")
    return RecoveryKey(secret)


def store_public(folder: Path, key: RecoveryKey) -> None:
    """Keep the open half in the data folder; later backups are sealed with it."""
    part = folder / f"{PUBLIC_FILE}.part"
    part.write_text(f"{_LABEL}{key.public.hex()}\n")
    part.replace(folder / PUBLIC_FILE)


def load_public(folder: Path) -> bytes | None:
    """The open half; None: no key was made yet. Raises BadKey."""
    file = folder / PUBLIC_FILE
    if not file.exists():
        return None
    text = file.read_text().removeprefix(_LABEL).strip()
    try:
        raw = bytes.fromhex(text)
        X25519PublicKey.from_public_bytes(raw)
    except ValueError as error:
        raise BadKey(f"{file} is damaged: make another key with `hub backup --new-key`") from error
    return raw
