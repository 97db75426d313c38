"""D6: another program holds the lock of the database for half a minute while events come in: who is
refused hears it soon, and all that was promised is there. Then one that only reads, and forgets to
stop: the write-ahead log has an end."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.bench_overload import Watcher, keys, last_seq, lost
from tests.benchmarks.flood import Flooding, Plan, Told
from tests.benchmarks.servers import Server, running

RATE = 100
WAL_MB = 256
SOON_SECONDS = 2.0


def run(quick: bool, seconds: int = 30) -> list[dict[str, Any]]:
    """A lock held for so long, then a reader for as long."""
    seconds = 3 if quick else seconds
    with tempfile.TemporaryDirectory(prefix="hub-locked-") as name:
        folder = Path(name)
        with running("tests.benchmarks.hub_whole", name) as server:
            return [*_locked(server, folder, seconds), *_read(server, folder, seconds)]


def _locked(server: Server, folder: Path, seconds: int) -> list[dict[str, Any]]:
    key = keys(server)[1]
    other = sqlite3.connect(folder / "hub.db", isolation_level=None)
    plan = Plan(server.port, key, "locked", "127.0.1.1", seconds + 4.0, RATE, 300)
    with Watcher(server) as watcher:
        flood = Flooding(plan)
        time.sleep(1)
        other.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        other.execute("ROLLBACK")
        other.close()
        told = flood.told(60)
    server.wait_projected(last_seq(folder), 60)
    gone = lost(folder, "locked", told)
    refused = told.statuses.get(503, 0) + told.statuses.get(429, 0)
    return [
        _row("D6 lock held: slowest refusal", told.slowest_refusal, "s", f"{seconds} s, {RATE}/s",
             f"< {SOON_SECONDS}", told.slowest_refusal < SOON_SECONDS),
        _row("D6 lock held: refused with 429 or 503 and Retry-After", refused, "requests",
             f"{len(told.acked)} taken", "all", refused == told.refused == told.retry_after),
        _row("D6 lock held: acknowledged events lost", gone, f"of {len(told.acked)}", "", 0,
             gone == 0),
        _row("D6 lock held: memory", max(watcher.memory), "MB",
             f"before {watcher.memory[0]:.0f} MB", "", None),
    ]  # fmt: skip


def _read(server: Server, folder: Path, seconds: int) -> list[dict[str, Any]]:
    key = keys(server)[1]
    other = sqlite3.connect(folder / "hub.db", isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT COUNT(*) FROM log").fetchone()
    wal = folder / "hub.db-wal"
    longest = 0
    told: list[Told] = []
    for part in range(6):
        name = f"reader{part}"
        flood = Flooding(Plan(server.port, key, name, "127.0.1.1", seconds / 2, 0.0, 32))
        told.append(flood.told(60 + seconds))
        longest = max(longest, wal.stat().st_size)
    other.execute("ROLLBACK")
    other.close()
    after = Flooding(Plan(server.port, key, "after", "127.0.1.1", 2, RATE, 8)).told(60)
    server.wait_projected(last_seq(folder), 60)
    gone = sum(lost(folder, f"reader{part}", one) for part, one in enumerate(told))
    taken = sum(len(one.acked) for one in told)
    size = longest / 1024**2
    return [
        _row("D6 idle reader: longest write-ahead log", size, "MB",
             f"{taken} events, {sum(one.refused for one in told)} refused", f"< {WAL_MB}",
             size < WAL_MB),
        _row("D6 idle reader: acknowledged events lost", gone, f"of {taken}", "", 0, gone == 0),
        _row("D6 idle reader gone: taken again", len(after.acked), "events",
             f"{after.refused} refused", "all", not after.refused),
        _row("D6 idle reader gone: write-ahead log", wal.stat().st_size / 1024**2, "MB", "", "",
             None),
    ]  # fmt: skip


def _row(
    name: str, value: float, unit: str, control: str, target: object, met: bool | None
) -> dict[str, Any]:
    return {
        "name": name, "value": value, "unit": unit, "control": control, "target": target,
        "met": met,
    }  # fmt: skip
