"""A receipt says what was erased where, signed, so that it can be checked without the hub."""

from __future__ import annotations

from typing import Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.privacy.keys import PrivacyKeys

KIND = "regulars erasure receipt 1"


class System(msgspec.Struct, frozen=True, omit_defaults=True):
    """One place that was asked to erase. `state`: done, nothing (knew nobody), manual (a person
    must do it, and has not said so) or by-hand (a person said so)."""

    name: str
    state: str
    at: str
    attempts: int = 0


class Receipt(msgspec.Struct, frozen=True):
    """`subject`: keyed hash of the identifier that was asked for. Times are ISO 8601, UTC."""

    kind: str
    workspace: str
    request: int
    subject: str
    asked_at: str
    finished_at: str
    stores: dict[str, int]
    kept: dict[str, int]
    systems: tuple[System, ...]
    identifiers: int


class Signed(msgspec.Struct, frozen=True):
    """`text` is signed byte by byte, so that no program's way to write JSON can break it."""

    text: str
    key: str
    signature: str
    algorithm: Literal["Ed25519"] = "Ed25519"


class BadReceipt(Exception):
    """It proves nothing; the message says why."""


def seal(receipt: Receipt, keys: PrivacyKeys) -> str:
    """The signed receipt, as the text of a file."""
    text = msgspec.json.encode(receipt, order="sorted")
    signed = Signed(text.decode(), keys.public, keys.sign(text))
    return msgspec.json.format(msgspec.json.encode(signed), indent=2).decode() + "\n"


def verify(text: bytes, key: str = "") -> tuple[Receipt, str]:
    """The receipt and the key that signed it. `key`: the one it must be. Raises BadReceipt."""
    try:
        signed = msgspec.json.decode(text, type=Signed)
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed.key))
        public.verify(bytes.fromhex(signed.signature), signed.text.encode())
        receipt = msgspec.json.decode(signed.text, type=Receipt)
    except InvalidSignature as error:
        raise BadReceipt("the signature is wrong: the receipt was changed") from error
    except (msgspec.DecodeError, UnicodeError, ValueError) as error:
        raise BadReceipt(f"this is no receipt of Regulars ({error})") from error
    if receipt.kind != KIND:
        raise BadReceipt(f"this is no erasure receipt, but: {receipt.kind[:80]}")
    if key and key.strip().lower() != signed.key:
        raise BadReceipt("it was signed with another key than the one given")
    return receipt, signed.key
