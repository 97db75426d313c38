"""The files of a lake: days of events as Parquet, and one file of late ones."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hub.lake.manifest import Dirty, Manifest, Part, save
from hub.lake.parquet import lines_of, literal, open_duckdb, sha256, write_parquet
from hub.store.database import DAY_MS

if TYPE_CHECKING:
    import duckdb

COLUMNS = {
    "seq": "BIGINT", "kind": "VARCHAR", "name": "VARCHAR", "node_id": "BIGINT",
    "links": "VARCHAR", "at": "BIGINT", "received_at": "BIGINT", "source_id": "BIGINT",
    "body": "VARCHAR",
}  # fmt: skip
DAY = f'CAST(floor("at" / {DAY_MS}.0) AS BIGINT)'
# A day with fewer late events than this waits among the late ones: an importer or a wrong clock
# must not make thousands of small files.
DAY_ROWS = 1000
SCRATCH = "scratch"


class Files:
    """One open lake. Use it in one thread at a time, and under the lock when it writes."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder = folder
        self.manifest = manifest
        self._db = open_duckdb(folder / SCRATCH)

    def close(self) -> None:
        self._db.close()
        shutil.rmtree(self._folder / SCRATCH, ignore_errors=True)

    def relation(self, parts: Sequence[Part]) -> str:
        """The rows of some files."""
        if not parts:
            names = ", ".join(f"NULL::{kind} AS {name}" for name, kind in COLUMNS.items())
            return f"(SELECT {names} WHERE false)"
        files = ", ".join(literal(self._folder / part.name) for part in parts)
        return f"read_parquet([{files}])"

    def add(self, lines: Path, border: int) -> None:
        """Take in a file of JSON lines: the entries after the old border up to the new one."""
        late = [part for part in self.manifest.parts if part.day is None]
        fresh = f"(FROM {lines_of(lines, COLUMNS)})"
        self._merge(f"({fresh} UNION ALL FROM {self.relation(late)})", late, border)

    def _merge(self, rows: str, late: list[Part], border: int) -> None:
        """Days that are there or are full enough get their rows; the rest stays late."""
        self._db.execute(f"CREATE OR REPLACE TABLE fresh AS SELECT * FROM {rows}")  # noqa: S608
        counts = self._db.execute(
            f"SELECT {DAY}, COUNT(*) FROM fresh GROUP BY 1 ORDER BY 1"  # noqa: S608
        ).fetchall()
        known = {part.day: part for part in self.manifest.parts if part.day is not None}
        days = [day for day, n in counts if day in known or n >= DAY_ROWS]
        gone = {part.name for part in late} | {known[d].name for d in days if d in known}
        parts = [part for part in self.manifest.parts if part.name not in gone]
        number = self.manifest.number
        for day in days:
            number += 1
            before = self.relation([known[day]] if day in known else [])
            mine = f"SELECT * FROM fresh WHERE {DAY} = {day}"  # noqa: S608
            rows = f"({mine} UNION ALL FROM {before})"
            parts.append(self._write(rows, f"day-{day}-{number}.parquet", day))
        listed = ", ".join(map(str, days)) or "NULL"
        rest = f"(FROM fresh WHERE ({DAY} IN ({listed})) IS NOT TRUE)"
        if len(days) < len(counts):
            number += 1
            parts.append(self._write(rest, f"late-{number}.parquet", None))
        self._save(Manifest(border, number, tuple(parts)))

    def _write(self, rows: str, name: str, day: int | None) -> Part:
        file = self._folder / name
        n = write_parquet(self._db, rows, file, '"at", seq')
        first, last = self._db.execute(
            f"SELECT MIN(seq), MAX(seq) FROM read_parquet({literal(file)})"  # noqa: S608
        ).fetchall()[0]
        return Part(name, day, n, first or 0, last or 0, sha256(file))

    def _save(self, manifest: Manifest) -> None:
        save(self._folder, manifest)
        self.manifest = manifest

    def touched(self, dirty: Dirty) -> list[Part]:
        """The files that hold entries of these nodes, or these entries."""
        self._numbers("dirty_node", dirty.nodes)
        self._numbers("dirty_seq", dirty.seqs)
        return [part for part in self.manifest.parts if self._holds(part)]

    def _holds(self, part: Part) -> bool:
        sql = (
            f"SELECT COUNT(*) FROM {self.relation([part])} WHERE "  # noqa: S608
            "node_id IN (SELECT n FROM dirty_node) OR seq IN (SELECT n FROM dirty_seq)"
        )
        return bool(self._db.execute(sql).fetchall()[0][0])

    def _numbers(self, table: str, numbers: Iterable[int]) -> None:
        listed = ", ".join(f"({int(n)})" for n in numbers)
        self._db.execute(f"CREATE OR REPLACE TABLE {table} (n BIGINT)")
        if listed:
            self._db.execute(f"INSERT INTO {table} VALUES {listed}")  # noqa: S608

    def again(self, part: Part, lines: Path) -> None:
        """Write a file anew; `lines` holds the entries of its stretch as they are now."""
        number = self.manifest.number + 1
        mine = f"SELECT seq FROM {self.relation([part])}"  # noqa: S608
        rows = f"(SELECT * FROM {lines_of(lines, COLUMNS)} WHERE seq IN ({mine}))"  # noqa: S608
        stem = part.name.rsplit("-", 1)[0]
        fresh = self._write(rows, f"{stem}-{number}.parquet", part.day)
        others = tuple(p for p in self.manifest.parts if p != part)
        kept = (*others, fresh) if fresh.rows else others
        self._save(Manifest(self.manifest.border, number, kept))

    def events(self, tail: Path) -> duckdb.DuckDBPyConnection:
        """A connection with the view `events`: the files and the open end, each entry once."""
        self._db.execute(f"CREATE TABLE tail AS FROM {lines_of(tail, COLUMNS)}")
        sealed = self.relation(self.manifest.parts)
        self._db.execute(f"CREATE VIEW events AS FROM {sealed} UNION ALL FROM tail")
        return self._db
