"""What a plugin may remember between runs: small JSON values under its own keys.

A plugin names its keys and says which of them hold something about people. What it remembers of
one person it keeps under that person: the hub exports it with her data, and erases it with her.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any, Protocol

import msgspec

from hub.sdk.errors import HubError
from hub.sdk.records import Identifier

MAX_BYTES = 64 * 1024


class StateKey(msgspec.Struct, frozen=True):
    """A key, or with `*` a family of keys. `personal`: its values tell something about people,
    and are kept per person."""

    key: str
    purpose: str
    personal: bool = False


class UndeclaredState(HubError):
    """A plugin wrote under a key that it did not declare."""


class State(Protocol):
    """JSON values of at most 64 KB; the hub keeps, exports and erases them."""

    async def get(self, key: str, person: Identifier | None = None) -> Any | None:
        """The stored value, of this person if one is named, or None."""
        ...

    async def put(self, key: str, value: Any, person: Identifier | None = None) -> None:
        """Store a JSON value, replacing an older one. Raises UndeclaredState."""
        ...

    async def delete(self, key: str, person: Identifier | None = None) -> None:
        """Forget the key; nothing happens when it is not there."""
        ...


def check_key(declared: Sequence[StateKey], key: str, person: Identifier | None) -> None:
    """Raise UndeclaredState unless the key is declared, and per person just when it is personal."""
    for known in declared:
        if fnmatchcase(key, known.key):
            if known.personal and person is None:
                raise UndeclaredState(
                    f"state '{key}' is declared personal: name the person it is about"
                )
            if person is not None and not known.personal:
                raise UndeclaredState(f"state '{key}' is kept of a person: declare it personal")
            return
    names = ", ".join(known.key for known in declared) or "none"
    raise UndeclaredState(
        f"state '{key}' is not declared (declared are: {names}): add "
        f"StateKey('{key}', 'what it is for') to state_keys"
    )
