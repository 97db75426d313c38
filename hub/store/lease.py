"""The right to write to a shared PostgreSQL database: one holder, and a token that only grows.

A lease alone is a promise about clocks: a process that was stopped for a minute wakes up and
believes that it still holds it. So each write names the token of its holder, and the database
refuses the token of a former one. The holder also keeps a lock of its connection, so that another
process need not wait for the lease to end when the holder has died.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable
from typing import Any

import asyncpg

log = logging.getLogger("hub.store")

NAME = "hub"
SECONDS = 15.0
LOCKS = 7_203_116  # the first half of each lock's number; the second is the token
NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"  # one clock for all processes
FENCE_SQL = "SELECT 1 FROM lease WHERE name = $1 AND token = $2 FOR SHARE"
_FIRST_SQL = (
    "INSERT INTO lease (name, token, holder, until) VALUES ($1, 0, '', 0) "
    "ON CONFLICT (name) DO NOTHING"
)
_SEE_SQL = f"SELECT token, holder, until > {NOW} FROM lease WHERE name = $1"  # noqa: S608
_TAKE_SQL = (
    f"UPDATE lease SET token = token + 1, holder = $2, until = {NOW} + $3 "  # noqa: S608
    "WHERE name = $1 AND token = $4 RETURNING token"
)
_RENEW_SQL = f"UPDATE lease SET until = {NOW} + $3 WHERE name = $1 AND token = $2 RETURNING 1"  # noqa: S608
_END_SQL = "UPDATE lease SET until = 0 WHERE name = $1 AND token = $2"


def this_process() -> str:
    """How a holder is named to people."""
    return f"process {os.getpid()} on {socket.gethostname()}"


class Lease:
    """One process's side of the lease. `take` until it answers "", then `start`, then `release`.

    `lost` is called once when another process took over, or when it may have.
    """

    def __init__(self, url: str, *, seconds: float = SECONDS, holder: str = "") -> None:
        self._url = url
        self._seconds = seconds
        self._holder = (holder or this_process())[:200]
        self._connection: asyncpg.Connection[Any] | None = None
        self._task: asyncio.Task[None] | None = None
        self.token = 0

    async def take(self) -> str:
        """Take it if it is free or its holder is gone; else answer who holds it. Raises OSError
        and asyncpg's errors while the database does not answer."""
        connection = await self._connected()
        async with connection.transaction():
            await connection.execute(_FIRST_SQL, NAME)
            token, holder, valid = await connection.fetchrow(_SEE_SQL, NAME)
            if valid and not await self._lock(connection, token):
                return str(holder)
            if valid:  # its lock was free: the process behind it is dead
                await connection.execute("SELECT pg_advisory_unlock($1, $2)", LOCKS, token % 2**31)
            # While a write of the holder goes on, this waits for it: nothing is half done.
            taken = await connection.fetchval(
                _TAKE_SQL, NAME, self._holder, int(self._seconds * 1000), token
            )
            if taken is None:
                return "another process, since this moment"
            await self._lock(connection, taken)
        self.token = taken
        return ""

    def start(self, lost: Callable[[], None]) -> None:
        """Renew it from now on, three times as often as needed."""
        self._task = asyncio.create_task(self._keep(lost), name="hub-lease")

    async def release(self) -> None:
        """Give it back, so that the next one need not wait."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._connection is not None:
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._connection.execute(_END_SQL, NAME, self.token)
            with contextlib.suppress(OSError, TimeoutError):
                await self._connection.close(timeout=2)

    async def _keep(self, lost: Callable[[], None]) -> None:
        pause = self._seconds / 3
        while True:
            await asyncio.sleep(pause)
            pause = self._seconds / 3
            try:
                if not await self._renew():
                    break
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                # While nobody can be asked nobody else has it for sure, and no write of ours gets
                # through in any case: a hub that left now would not come back with its database.
                log.warning("the lease could not be renewed, trying again: %s", error)
                pause = self._seconds / 15
        log.error("another process took over this database: this one stops")
        lost()

    async def _renew(self) -> bool:
        async with asyncio.timeout(self._seconds / 3):
            connection = await self._connected()
            milliseconds = int(self._seconds * 1000)
            return bool(await connection.fetchval(_RENEW_SQL, NAME, self.token, milliseconds))

    async def _connected(self) -> asyncpg.Connection[Any]:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(self._url)
            if self.token:
                await self._lock(self._connection, self.token)
        return self._connection

    async def _lock(self, connection: asyncpg.Connection[Any], token: int) -> bool:
        number = token % 2**31
        return bool(await connection.fetchval("SELECT pg_try_advisory_lock($1, $2)", LOCKS, number))
