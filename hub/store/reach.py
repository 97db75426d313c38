"""Whether PostgreSQL answers, told in words with a remedy before anything is opened."""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import urlsplit

log = logging.getLogger("hub")

CONNECT_SECONDS = 10.0
AGAIN_SECONDS = 1.0


class DatabaseUnreachable(Exception):
    """No database opens at this address; the message says why and what to do."""


class _NotYet(DatabaseUnreachable):
    """It may answer in a moment: it is starting, or so is its machine."""


async def reach(url: str, *, wait: bool = False) -> None:
    """Return when the PostgreSQL server takes a connection. Raises DatabaseUnreachable; with
    `wait` only for what waiting does not heal."""
    said = False
    while True:
        try:
            await _try(url)
        except _NotYet as error:
            if not wait:
                raise
            if not said:
                log.warning("%s Waiting for it.", str(error))
                said = True
        else:
            return
        await asyncio.sleep(AGAIN_SECONDS)


async def _try(url: str) -> None:
    import asyncpg  # here: every command imports this module for its error

    parts = urlsplit(url)
    where = f"{parts.hostname or 'localhost'}:{parts.port or 5432}"
    try:
        connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as error:
        text = f"PostgreSQL at {where} refuses this user: check user and password in database_url"
        raise DatabaseUnreachable(text) from error
    except asyncpg.InvalidCatalogNameError as error:
        name = parts.path.lstrip("/")
        text = f"PostgreSQL at {where} has no database '{name}': make it with 'createdb {name}'"
        raise DatabaseUnreachable(text) from error
    except (OSError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError) as error:
        text = f"no PostgreSQL answers at {where}: start it, or put database_url right."
        raise _NotYet(text) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise DatabaseUnreachable(f"PostgreSQL at {where}: {type(error).__name__}") from error
    await connection.close()
