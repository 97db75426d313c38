"""One look into a database that a running hub may have open: no lock is taken, nothing written."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from hub.store.database import Row
from hub.store.orm import sqlite_path
from hub.store.postgres import PostgresDatabase


async def read_once(url: str, sql: str, params: Row = ()) -> list[Row]:
    """The rows. Raises LookupError when there is no database yet."""
    if not url.startswith("sqlite:"):
        database = await PostgresDatabase.open(url)
        try:
            return await database.fetch(sql, params)
        finally:
            await database.close()
    path = sqlite_path(url)
    if not path.is_file():
        raise LookupError(f"there is no hub in {path.parent}: name its folder with --data")
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return list(connection.execute(sql, params))
