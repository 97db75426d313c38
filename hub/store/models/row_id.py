"""The number of a row."""

from __future__ import annotations

from tortoise import fields


class IdField(fields.BigIntField):
    """A number given by the hub. INTEGER makes it SQLite's own row id: one index less to write."""

    class _db_sqlite:
        SQL_TYPE = "INTEGER"
