"""What is done to a filled database as a whole, beside a plain copy of the same bytes."""

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
from hub.flows.erase import carry_on, request_erasure
from hub.flows.export_person import export_person
from hub.flows.run import open_hub
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
SOMEBODY = "SELECT email FROM person WHERE email <> '' AND orders > 0 ORDER BY id DESC LIMIT 1"
REVENUE = "SELECT currency, SUM(total - refunded), COUNT(*) FROM shop_order GROUP BY currency"


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
        *asyncio.run(_person(data, control)),
    ]


async def _person(data: Path, control: str) -> list[dict[str, Any]]:
    """One of them is exported, then erased; what the files still hold of her."""
    async with open_hub(load_settings(data), SystemClock()) as hub:
        ((who,),) = await hub.database.fetch(SOMEBODY)
        before = await hub.database.fetch(REVENUE)
        started = time.perf_counter()
        export = await export_person(hub, who, "bench")
        exported = time.perf_counter()
        lines = sum(len(section) for section in export.sections.values())
        state = await carry_on(hub, await request_erasure(hub, who, "bench"), at_once=True)
        erased = time.perf_counter()
        if await hub.database.fetch(REVENUE) != before or state != "done":
            raise RuntimeError(f"the erasure is {state}, or the books have changed")
    return [
        _row(f"export of a person, {lines} lines", exported - started, "s", control),
        _row("erasure of a person, the file written anew", erased - exported, "s", control),
        _row("files that still hold her address", _files_with(data, who.encode()), "", "", 0),
    ]


def _files_with(folder: Path, text: bytes) -> int:
    return sum(_holds(file, text) for file in folder.rglob("*") if file.is_file())


def _holds(file: Path, text: bytes) -> bool:
    with file.open("rb") as stream:
        tail = b""
        while data := stream.read(1 << 22):
            if text in tail + data:
                return True
            tail = data[-len(text) :]
    return False


def _row(
    name: str, value: float, unit: str, control: str, target: float | None = None
) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "control": control,
            "target": f"<= {target:g}" if target is not None else "",
            "met": value <= target if target is not None else None}  # fmt: skip


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
