"""A text that must not be seen: it never shows in repr, str, format, logs or pickles."""

from __future__ import annotations

import hmac
from typing import NoReturn

HIDDEN = "***"


class SecretText:
    """Holds a key or a password; only `reveal()` gives it away."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself, for the one line that signs or sends it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return HIDDEN

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SecretText):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((SecretText, self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


def scrub(text: str, secrets: tuple[SecretText, ...]) -> str:
    """`text` with every given secret blanked: the other side may echo what we sent."""
    for secret in secrets:
        if value := secret.reveal():
            text = text.replace(value, HIDDEN)
    return text
