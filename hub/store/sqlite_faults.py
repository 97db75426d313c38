"""What SQLite's faults mean, and what to do about them."""

from __future__ import annotations

import sqlite3


def is_locked(error: sqlite3.OperationalError) -> bool:
    """Whether another program holds the file."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def remedy(error: sqlite3.OperationalError) -> str:
    """The fault in words that say what to do."""
    if "full" in str(error):
        return "the disk is full: free some space; nothing that was accepted is lost"
    if is_locked(error):
        return "the database is locked by another program: close it and try again"
    return str(error)
