"""A file that anyone with the open half of a key can write and only its secret half can read.

Header: magic, id of the key, a one-time X25519 key. Then chunks of at most 1 MiB, each its length
and AES-256-GCM under a key derived from both X25519 keys. The nonce holds the chunk's number and
whether it is the last: chunks moved, left out, cut off or added are noticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.store.recovery_key import RecoveryKey

MAGIC = b"REGULARS BACKUP 1\n"
CHUNK = 1024 * 1024
_TAG = 16
_ID = 8


class Damaged(Exception):
    """The file is not whole, or was changed."""


class OtherKey(Exception):
    """The file was made for another recovery key."""


class SealedWriter:
    """Takes bytes, writes them sealed. `close` writes the last chunk: without it nothing opens."""

    def __init__(self, stream: BinaryIO, public: bytes) -> None:
        once = X25519PrivateKey.generate()
        shared = once.exchange(X25519PublicKey.from_public_bytes(public))
        once_public = once.public_key().public_bytes_raw()
        self._header = MAGIC + _key_id(public) + once_public
        self._cipher = _cipher(shared, once_public, public)
        self._stream = stream
        self._waiting = bytearray()
        self._number = 0
        stream.write(self._header)

    def write(self, data: bytes) -> None:
        self._waiting += data
        while len(self._waiting) > CHUNK:
            self._seal(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]

    def close(self) -> None:
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, plain: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, last), plain, self._header)
        self._number += 1
        self._stream.write(len(sealed).to_bytes(4, "big"))
        self._stream.write(sealed)


def open_sealed(stream: BinaryIO, key: RecoveryKey) -> Iterator[bytes]:
    """The plain bytes, chunk by chunk, each proven. Raises Damaged, OtherKey."""
    header = stream.read(len(MAGIC) + _ID + 32)
    if not header.startswith(MAGIC):
        raise Damaged("this is not a backup of Regulars")
    if len(header) < len(MAGIC) + _ID + 32:
        raise Damaged("the backup is cut off: copy it again from where it was made")
    if header[len(MAGIC) : len(MAGIC) + _ID] != _key_id(key.public):
        raise OtherKey("this backup was made for another recovery key")
    once = header[-32:]
    try:
        shared = X25519PrivateKey.from_private_bytes(key.secret).exchange(
            X25519PublicKey.from_public_bytes(once)
        )
    except ValueError as error:
        raise Damaged("the backup is damaged in its first bytes") from error
    cipher = _cipher(shared, once, key.public)
    number, last = 0, False
    while not last:
        plain, last = _unseal(stream, cipher, header, number)
        number += 1
        yield plain
    if stream.read(1):
        raise Damaged("the backup goes on after its end: it was changed")


def _unseal(stream: BinaryIO, cipher: AESGCM, header: bytes, number: int) -> tuple[bytes, bool]:
    size = int.from_bytes(length := stream.read(4), "big")
    sealed = stream.read(size) if size <= CHUNK + _TAG else b""
    if len(length) < 4 or (size <= CHUNK + _TAG and len(sealed) < size):
        raise Damaged("the backup is cut off: copy it again from where it was made")
    for last in (False, True):
        try:
            return cipher.decrypt(_nonce(number, last), sealed, header), last
        except InvalidTag:
            continue
    raise Damaged(f"the backup is damaged or was changed (part {number + 1}): use another one")


def _key_id(public: bytes) -> bytes:
    return hashlib.sha256(b"regulars backup key" + public).digest()[:_ID]


def _cipher(shared: bytes, once: bytes, public: bytes) -> AESGCM:
    info = b"regulars backup 1" + once + public
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=info).derive(shared))


def _nonce(number: int, last: bool) -> bytes:
    return bytes([last]) + number.to_bytes(11, "big")
