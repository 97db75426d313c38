"""Backup, restore and upgrade of a filled database, beside a plain copy of the same bytes."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hub.clock import SystemClock
from hub.flows.backup import make_backup
from hub.flows.backup_restore import restore
from hub.settings import load_settings
from hub.store.migrate import migrate_sqlite
from hub.store.migrations import Migration, migrations
from hub.store.recovery_key import new_key, store_public
from hub.store.sqlite import connect
from tests.benchmarks.filled import fill

GB = 1e9
# What a costly step does: a column and an index on the largest table, a value for every person.
HEAVY = Migration("9999_heavy", """\
ALTER TABLE "log" ADD COLUMN "heavy" INT NOT NULL DEFAULT 0;
CREATE INDEX "idx_heavy" ON "log" ("received_at");
ALTER TABLE "person" ADD COLUMN "heavy" INT NOT NULL DEFAULT 0;
UPDATE "person" SET "heavy" = "events";
""")  # fmt: skip
RESTORE_A_GB = 300.0  # seconds


def run(quick: bool) -> list[dict[str, Any]]:
    """Each figure beside its control."""
    people = 5_000 if quick else 100_000
    with tempfile.TemporaryDirectory(prefix="hub-house-") as name:
        return _measure(Path(name), people)


def _measure(folder: Path, people: int) -> list[dict[str, Any]]:
    data = folder / "data"
    filling = _seconds(lambda: fill(data, people))
    size = (data / "hub.db").stat().st_size
    key = new_key()
    store_public(data, key)
    target = folder / "x.backup"
    copying = _seconds(lambda: _copy(data / "hub.db", folder / "copy.db"))
    saving = _seconds(lambda: asyncio.run(make_backup(load_settings(data), SystemClock(), target)))
    restoring = _seconds(lambda: asyncio.run(restore(target, folder / "new", key, b"", "sqlite")))
    upgrading = _seconds(lambda: _upgrade(folder / "new" / "hub.db"))
    control = f"copy {copying:.1f} s"
    label = f"{people:,} people, {size / 1e6:.0f} MB"
    return [
        _row(f"fill: {label}", filling, "s", ""),
        _row("backup", saving, "s", control),
        _row("size of the backup", target.stat().st_size / 1e6, "MB", f"{size / 1e6:.0f} MB"),
        _row("restore", restoring, "s", control),
        _row("restore of 1 GB", restoring / size * GB, "s", "", RESTORE_A_GB),
        _row(
            "upgrade: a column and an index on the log, a value per person", upgrading, "s", control
        ),
    ]


def _row(
    name: str, value: float, unit: str, control: str, target: float | None = None
) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "control": control,
            "target": f"<= {target:g}" if target else "",
            "met": value <= target if target else None}  # fmt: skip


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as read, target.open("wb") as write:
        while data := read.read(1 << 20):
            write.write(data)
        write.flush()
        os.fsync(write.fileno())


def _upgrade(file: Path) -> None:
    connection = connect(file)
    migrate_sqlite(connection, [*migrations("sqlite"), HEAVY])
    connection.close()
