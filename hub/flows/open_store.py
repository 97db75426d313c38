"""Opening the database of a workspace, and being the only one who writes to it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hub.settings import Settings
from hub.store.database import Database
from hub.store.lease import Lease
from hub.store.lockfile import DataFolderInUse, LockFile
from hub.store.orm import close_orm, open_orm
from hub.store.postgres import PostgresDatabase
from hub.store.reach import reach
from hub.store.sqlite import SqliteDatabase

log = logging.getLogger("hub")

STANDBY_SECONDS = 1.0  # between two looks at a lease of another process


@asynccontextmanager
async def open_store(
    settings: Settings, *, standby: bool = False
) -> AsyncIterator[tuple[Database, asyncio.Event]]:
    """The database, with its tables of today, and what is set when another process takes it over.
    Raises DataFolderInUse or DatabaseUnreachable, or waits if it is to stand by."""
    lock = LockFile(settings.data_dir)
    lost = asyncio.Event()
    try:
        database = await _open_database(settings, wait=standby)
        lease: Lease | None = None
        try:
            if isinstance(database, PostgresDatabase):
                lease = Lease(settings.url)
                await _take(lease, standby)
                lease.start(lost.set)
                database.fence = lease.token
            yield database, lost
        finally:
            if lease is not None:
                await lease.release()
            await close_orm()
            await database.close()
    finally:
        lock.release()


async def _open_database(settings: Settings, *, wait: bool) -> Database:
    if settings.url.startswith("sqlite:"):
        sqlite = SqliteDatabase(settings.data_dir / "hub.db")
        await open_orm(settings.url, sqlite.lock)
        return sqlite
    await reach(settings.url, wait=wait)
    await open_orm(settings.url, None)
    return await PostgresDatabase.open(settings.url)


async def _take(lease: Lease, standby: bool) -> None:
    said = False
    while holder := await lease.take():
        if not standby:
            raise DataFolderInUse(
                f"this database is in use by another hub ({holder}): stop it first"
            )
        if not said:
            log.warning("%s has this database: waiting to take over from it", holder)
            said = True
        await asyncio.sleep(STANDBY_SECONDS)
