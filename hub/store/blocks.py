"""Many rows in few SQLite statements."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain

from hub.store.database import Row

BLOCK_ROWS = 256
EXACT_ROWS = 64  # up to here each number of rows has a statement of its own
CACHED_STATEMENTS = 512  # of one connection


@lru_cache(maxsize=CACHED_STATEMENTS)
def _repeated(sql: str, times: int) -> str:
    """The INSERT with `times` rows of parameters."""
    head, values, tail = sql.partition(" VALUES ")
    one, _, rest = tail.partition(")")
    return f"{head}{values}{', '.join([one + ')'] * times)}{rest}"


def run_rows(connection: sqlite3.Connection, sql: str, rows: Sequence[Row]) -> None:
    """As executemany, with up to BLOCK_ROWS rows of an INSERT in one statement.

    Each statement lets go of the interpreter and must win it back from the thread that serves
    requests: a statement per row would make every append wait for it hundreds of times.
    """
    if len(rows) < 2 or not sql.startswith("INSERT"):
        connection.executemany(sql, rows)
        return
    start, block = 0, BLOCK_ROWS
    while start < len(rows):
        left = len(rows) - start
        if left <= EXACT_ROWS:  # most commits of a busy hub: one statement
            block = left
        while block > left:
            block //= 2
        part = rows[start : start + block]
        connection.execute(_repeated(sql, block), tuple(chain.from_iterable(part)))
        start += block
