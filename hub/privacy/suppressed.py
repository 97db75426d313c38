"""Who must not come back: keyed hashes, in memory. With none, nothing is ever hashed."""

from __future__ import annotations

from collections.abc import Iterable

from hub.privacy.keys import PrivacyKeys
from hub.sdk.records import Identifier


class Suppressed:
    """Asked for every identifier that comes in."""

    def __init__(self, keys: PrivacyKeys) -> None:
        self._keys = keys
        self._hashes: frozenset[bytes] = frozenset()

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def __len__(self) -> int:
        return len(self._hashes)

    def __contains__(self, who: Identifier) -> bool:
        return (
            bool(self._hashes)
            and self._keys.mark(who.namespace, who.type, who.value) in self._hashes
        )

    def replace(self, hashes: Iterable[str]) -> None:
        """What is in force from now on."""
        self._hashes = frozenset(map(bytes.fromhex, hashes))

    def add(self, hashes: Iterable[str]) -> None:
        self._hashes |= frozenset(map(bytes.fromhex, hashes))

    def remove(self, hashes: Iterable[str]) -> None:
        self._hashes -= frozenset(map(bytes.fromhex, hashes))
