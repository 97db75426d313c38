"""A database of which the N-th write fails: before anything is done, or after it is done."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal

from hub.store.database import Database, StoreUnavailable

# away: the database did not answer, nothing was done. unknown: it was done, the answer was lost.
# fault: an error nobody thought of.
Mode = Literal["away", "unknown", "fault"]


class Failing:
    """Stands before the writes of an open database; harmless until it is armed."""

    def __init__(self, database: Database) -> None:
        self._left = 0  # writes until the one that fails; 0: none does
        self.mode: Mode = "away"
        self.failed = ""
        for name in ("append", "write"):
            setattr(database, name, self._failing(name, getattr(database, name)))
        begin = database.transaction

        @asynccontextmanager
        async def transaction() -> AsyncIterator[Any]:
            async with self._turn("transaction"), begin() as opened:
                yield opened

        database.transaction = transaction  # type: ignore[method-assign]

    def arm(self, n: int, mode: Mode) -> None:
        self._left, self.mode, self.failed = n, mode, ""

    def _failing(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        async def failing(*args: Any, **kwargs: Any) -> Any:
            async with self._turn(name):
                return await call(*args, **kwargs)

        return failing

    @asynccontextmanager
    async def _turn(self, name: str) -> AsyncIterator[None]:
        mine = self._left == 1
        self._left = max(0, self._left - 1)
        if mine:
            self.failed = name
        if mine and self.mode == "away":
            raise StoreUnavailable("the database went away")
        if mine and self.mode == "fault":
            raise RuntimeError("nobody thought of this")
        yield
        if mine:
            raise StoreUnavailable("the database went away in the middle of the answer")
