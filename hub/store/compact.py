"""A SQLite file without anything that deleted rows left in it."""

from __future__ import annotations

from hub.store.sqlite import SqliteDatabase


async def compact(database: SqliteDatabase) -> None:
    """Write the whole file anew. Nobody is served meanwhile; it needs its size free on the disk.

    secure_delete overwrites a deleted row, but not the copies that stay in the free room of index
    pages when SQLite splits them (seen: 3 of 100 erased addresses in the index of nodes).
    """
    async with database.lock:
        await database.in_writer(lambda connection: connection.execute("VACUUM").fetchall())
    await database.forget(())
