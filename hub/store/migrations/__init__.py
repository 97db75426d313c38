"""The steps from an empty database to today's tables, each as SQL for both databases.

`0003_name.sqlite.sql` and `0003_name.postgres.sql` are one step, written by `hub dev migration
name`. Steps only add: a table, an index, a column that may be empty or has a default, rows. So
the version before still runs on the new tables, and a step never loses a row. A step that was
released is never edited.

Tortoise has migrations of its own. They note a step as done outside of its transaction (a kill
between the two stops every later start), know no lock, leave out the index and the default of a
new column, and rebuild SQLite tables, which deletes child rows. Hence plain SQL.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

Dialect = Literal["sqlite", "postgres"]
FOLDER = Path(__file__).parent
_NAME = re.compile(r"(\d{4}_[a-z0-9_]+)\.(sqlite|postgres)\.sql")


class DatabaseTooNew(Exception):
    """A newer version of Regulars has used this database."""


class ForeignTable(Exception):
    """The database holds a table of another program."""


class Migration(msgspec.Struct, frozen=True):
    """One step: its name and its statements for one database."""

    name: str
    sql: str

    @property
    def statements(self) -> list[str]:
        """The SQL, cut into statements."""
        found, part = [], ""
        for line in self.sql.splitlines(keepends=True):
            if not part and (not line.strip() or line.startswith("--")):
                continue
            part += line
            if sqlite3.complete_statement(part):
                found.append(part.strip())
                part = ""
        if part.strip():
            raise ValueError(f"{self.name}: the last statement does not end with a semicolon")
        return found


@cache
def migrations(dialect: Dialect, folder: Path = FOLDER) -> tuple[Migration, ...]:
    """Every step for one database, in order."""
    return tuple(
        Migration(found[1], file.read_text(encoding="utf-8"))
        for file in sorted(folder.iterdir())
        if (found := _NAME.fullmatch(file.name)) and found[2] == dialect
    )


def pending(steps: Sequence[Migration], applied: Iterable[str]) -> list[Migration]:
    """The steps still to take. Raises DatabaseTooNew."""
    done = set(applied)
    unknown = sorted(done - {step.name for step in steps})
    if unknown:
        from hub import __version__

        raise DatabaseTooNew(
            f"this database was used by a newer version of Regulars (it has {unknown[-1]}, which "
            f"version {__version__} does not know). Install that version again, or restore the "
            "backup that was made before the upgrade: hub restore FILE --data NEWFOLDER"
        )
    return [step for step in steps if step.name not in done]
