"""What a plugin may remember between runs: small JSON values under its own keys."""

from __future__ import annotations

from typing import Any, Protocol

MAX_BYTES = 64 * 1024


class State(Protocol):
    """JSON values of at most 64 KB; the hub keeps, exports and erases them."""

    async def get(self, key: str) -> Any | None:
        """The stored value, or None."""
        ...

    async def put(self, key: str, value: Any) -> None:
        """Store a JSON value, replacing an older one."""
        ...

    async def delete(self, key: str) -> None:
        """Forget the key; nothing happens when it is not there."""
        ...
