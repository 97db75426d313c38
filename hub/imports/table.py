"""The lines of a file, those of one order together, however large the file is.

DuckDB sorts within a memory limit and spills into the scratch folder. Every value comes out as
text, so that CSV and Parquet are read by the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from hub.imports.csv_lines import MAX_CELL, BadFile, Dialect, read_header, write_plain

MEMORY = "160MB"
FETCH = 5000
_IDS = {"order_id", "customer_id", "product_id", "variant_id", "sku", "phone"}
_MAGIC = {
    b"PK\x03\x04": "is a spreadsheet or an archive: save it as CSV",
    b"\xd0\xcf\x11\xe0": "is an old spreadsheet: save it as CSV",
    b"\x1f\x8b": "is compressed: unpack it first",
    b"\x28\xb5\x2f\xfd": "is compressed: unpack it first",
}

# first line of the order, line, fault, then the values in the order of the mapping's fields
RawLine = tuple[Any, ...]


def is_parquet(path: Path) -> bool:
    """By the content, whatever the name. Raises BadFile for what is no table at all."""
    with path.open("rb") as stream:
        head = stream.read(4)
    for magic, remedy in _MAGIC.items():
        if head.startswith(magic):
            raise BadFile(f"{path}: {remedy}")
    return head == b"PAR1"


def read_columns(path: Path, dialect: Dialect) -> list[str]:
    """The names of the file's columns. Raises BadFile."""
    if not is_parquet(path):
        return read_header(path, dialect)
    with duckdb.connect() as connection:
        return list(_types(connection, path))


class Table:
    """An opened file. Use it in one thread at a time, and close it."""

    def __init__(
        self, path: Path, mapping: Mapping[str, str], dialect: Dialect, scratch: Path
    ) -> None:
        self.fields = tuple(mapping)
        self._connection = duckdb.connect(
            config={
                "memory_limit": MEMORY,
                "threads": 2,
                "temp_directory": str(scratch / "sort"),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        self._connection.execute("SET enable_progress_bar = false")
        try:
            if is_parquet(path):
                self._source, self.lines = self._parquet(path, mapping)
            else:
                self._source, self.lines = self._csv(path, mapping, dialect, scratch)
        except BaseException:
            self._connection.close()
            raise

    def rows(self, after: int = 0) -> Iterator[RawLine]:
        """Lines sorted by their order's first line, then by line; only orders that start below
        line `after`. A line without an order id stands alone."""
        source, file = self._source
        first = "CASE WHEN order_id = '' THEN line ELSE min(line) OVER (PARTITION BY order_id) END"
        names = ", ".join(f"v{i}" for i in range(len(self.fields)))
        sql = (
            f"SELECT * FROM (SELECT {first} AS first, line, fault, {names} "  # noqa: S608
            f"FROM (SELECT *, trim(v{self.fields.index('order_id')}) AS order_id FROM {source})) "
            "WHERE first > ? ORDER BY first, line"
        )
        result = self._connection.execute(sql, [file, after])
        while rows := result.fetchmany(FETCH):
            yield from rows

    def close(self) -> None:
        self._connection.close()

    def _parquet(self, path: Path, mapping: Mapping[str, str]) -> tuple[tuple[str, str], int]:
        types = _types(self._connection, path)
        cells = ", ".join(
            f"coalesce(left({_as_text(column, types[column], field)}, {MAX_CELL}), '') AS v{i}"
            for i, (field, column) in enumerate(mapping.items())
        )
        file = _literal(path)
        lines = _one(self._connection, "SELECT count(*) FROM read_parquet(?)", file)
        if not lines:
            raise BadFile(f"{path}: has no lines")
        source = (
            f"(SELECT file_row_number + 1 AS line, '' AS fault, {cells} "  # noqa: S608
            "FROM read_parquet(?, file_row_number = true))"
        )
        return (source, file), lines

    def _csv(
        self, path: Path, mapping: Mapping[str, str], dialect: Dialect, scratch: Path
    ) -> tuple[tuple[str, str], int]:
        header = read_header(path, dialect)
        wanted = [header.index(column) for column in mapping.values()]
        plain = scratch / "lines.csv"
        lines = write_plain(path, dialect, wanted, plain)
        cells = "".join(f", 'v{i}': 'VARCHAR'" for i in range(len(wanted)))
        # An empty cell must stay an empty text: no text of ours is this null.
        source = (
            "read_csv(?, header = false, auto_detect = false, delim = ',', quote = '\"', "
            "escape = '\"', new_line = '\\n', nullstr = '\\N\\N', max_line_size = 8388608, "
            f"columns = {{'line': 'BIGINT', 'fault': 'VARCHAR'{cells}}})"
        )
        return (source, _literal(plain)), lines


def _types(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    try:
        rows = connection.execute(
            "DESCRIBE SELECT * FROM read_parquet(?)", [_literal(path)]
        ).fetchall()
    except duckdb.Error as error:
        raise BadFile(f"{path}: is a damaged Parquet file ({_short(error)})") from error
    return {row[0]: row[1] for row in rows}


def _as_text(column: str, kind: str, field: str) -> str:
    name = '"' + column.replace('"', '""') + '"'
    if kind in ("DOUBLE", "FLOAT"):
        # Ids with gaps are often kept as floating point: 13085.0 is the customer 13085.
        whole = f"CASE WHEN {name} = trunc({name}) AND abs({name}) < 1e15 "
        whole += f"THEN CAST(CAST({name} AS BIGINT) AS VARCHAR) ELSE CAST({name} AS VARCHAR) END"
        text = whole if field in _IDS else f"CAST({name} AS VARCHAR)"
        return f"CASE WHEN isnan({name}) THEN '' ELSE {text} END"
    if kind == "BLOB":
        return f"decode({name})"
    return f"CAST({name} AS VARCHAR)"


def _literal(path: Path) -> str:
    """The path such that no letter of it is taken for a pattern."""
    return re.sub(r"([*?\[])", r"[\1]", str(path.absolute()))


def _one(connection: duckdb.DuckDBPyConnection, sql: str, file: str) -> int:
    row = connection.execute(sql, [file]).fetchone()
    return int(row[0]) if row else 0


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
