"""Parquet from lines of JSON, with bounded memory, by DuckDB."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

MEMORY = "512MB"
LONGEST_LINE = 64 * 1024 * 1024
# Bodies can be long: a group of rows is held in memory while it is written.
GROUP_ROWS = 20_000


def open_duckdb(scratch: Path) -> duckdb.DuckDBPyConnection:
    """A connection that downloads nothing and keeps what does not fit in memory in `scratch`."""
    import duckdb

    connection = duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "threads": 2,
            "temp_directory": str(scratch),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def literal(text: object) -> str:
    """A text as SQL writes it."""
    return "'" + str(text).replace("'", "''") + "'"


def lines_of(file: Path, columns: Mapping[str, str]) -> str:
    """A relation over a file of JSON lines; `columns`: name -> SQL type."""
    types = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in columns.items())
    return (
        f"read_json({literal(file)}, format = 'newline_delimited', columns = {{{types}}}, "
        f"maximum_object_size = {LONGEST_LINE})"
    )


def write_parquet(
    connection: duckdb.DuckDBPyConnection, relation: str, target: Path, order: str = ""
) -> int:
    """Write the rows of a relation, durably and for the owner alone; answer how many."""
    sorting = f" ORDER BY {order}" if order else ""
    rows = connection.execute(
        f"COPY (SELECT * FROM {relation}{sorting}) TO {literal(target)} "  # noqa: S608
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {GROUP_ROWS})"
    ).fetchone()
    os.chmod(target, 0o600)
    sync_file(target)
    return int(rows[0]) if rows else 0


def sync_file(place: Path) -> None:
    """What was written to a file, or which names a folder holds, survives a power cut."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256(file: Path) -> str:
    """The digest of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
