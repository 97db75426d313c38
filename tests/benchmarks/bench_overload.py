"""B1: one who floods a hub with a public key, beside an honest shop on the same hub. D15: five
times what the hub can take: it goes on at its peak, and all that it promised is there afterwards.
"""

from __future__ import annotations

import sqlite3
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import orjson

from tests.benchmarks.flood import Flooding, Plan, Told
from tests.benchmarks.servers import Server, running

NOMINAL = 100  # requests per second of one busy shop
RSS_MB = 256  # what a flood may add
ADMIN_SECONDS = 0.5
DRAIN_SECONDS = 120


class Watcher:
    """Opens an admin page again and again and watches the memory, until it is told to stop."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.pages: list[float] = []
        self.failed = 0
        self.memory: list[float] = [server.memory_mb()]

    def __enter__(self) -> Watcher:
        self._open()  # the first one compiles its template
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(30)

    def _open(self) -> None:
        url = f"http://127.0.0.1:{self._server.port}/admin/"
        cookie = f"regulars_8700={self._server.facts['session']}"
        request = urllib.request.Request(url, headers={"Cookie": cookie})
        with urllib.request.urlopen(request, timeout=30) as answer:
            if "/login" in answer.url:
                raise RuntimeError("nobody is signed in")
            answer.read()

    def _watch(self) -> None:
        while not self._over.wait(0.25):
            began = time.perf_counter()
            try:
                self._open()
            except OSError:
                self.failed += 1
            self.pages.append(time.perf_counter() - began)
            self.memory.append(self._server.memory_mb())

    def p99(self) -> float:
        return sorted(self.pages)[int(len(self.pages) * 0.99)]


def lost(folder: Path, prefix: str, told: Told) -> int:
    """How many events that were answered 200 are not in the log."""
    database = sqlite3.connect(f"file:{folder / 'hub.db'}?mode=ro", uri=True)
    try:
        rows = database.execute(
            "SELECT body FROM log WHERE kind = 'event' AND body LIKE ?", (f'%"{prefix}-%',)
        )
        kept = {orjson.loads(body)["properties"]["mark"] for (body,) in rows}
    finally:
        database.close()
    return sum(f"{prefix}-{number}" not in kept for number in told.acked)


def keys(server: Server) -> tuple[str, str]:
    """The write key that is flooded, and the honest one."""
    flooded, honest = msgspec.convert(server.facts["keys"], tuple[str, str])
    return flooded, honest


def last_seq(folder: Path) -> int:
    database = sqlite3.connect(f"file:{folder / 'hub.db'}?mode=ro", uri=True)
    try:
        return int(database.execute("SELECT COALESCE(MAX(seq), 0) FROM log").fetchone()[0])
    finally:
        database.close()


def run(quick: bool, seconds: int = 60) -> list[dict[str, Any]]:
    """First the flood beside an honest shop, then five times what the hub can take."""
    seconds = 3 if quick else seconds
    with tempfile.TemporaryDirectory(prefix="hub-overload-") as name:
        folder = Path(name)
        with running("tests.benchmarks.hub_whole", name) as server:
            rows = _flooded(server, folder, seconds)
            return rows + _overloaded(server, folder, seconds)


def _flooded(server: Server, folder: Path, seconds: float) -> list[dict[str, Any]]:
    flooded, honest = keys(server)
    port = server.port
    calm = Flooding(
        Plan(port, honest, "calm", "127.0.1.1", min(10.0, seconds), NOMINAL, 20)
    ).told(60)  # fmt: skip
    idle = server.memory_mb()
    with Watcher(server) as watcher:
        flood = Flooding(
            Plan(port, flooded, "flood", "127.0.2.1", seconds, 10 * NOMINAL, 200)
        )  # fmt: skip
        good = Flooding(Plan(port, honest, "good", "127.0.1.1", seconds, NOMINAL, 20)).told(
            seconds + 60
        )
        bad = flood.told(60)
    drained = server.wait_projected(last_seq(folder), DRAIN_SECONDS)
    gone = lost(folder, "good", good) + lost(folder, "flood", bad)
    share = good.good / calm.good
    load = f"{10 * NOMINAL}/s beside {NOMINAL}/s, {seconds:.0f} s"
    pages = f"{len(watcher.pages)} pages, median {median(watcher.pages) * 1000:.0f} ms"
    flood_text = f"flood: {len(bad.acked)} taken, {bad.refused} refused"
    return [
        _row("B1 honest shop: answered 200, share of its rate", share, "x calm", load, ">= 0.9",
             share >= 0.9),
        _row("B1 honest shop: p99", good.quantile(0.99) * 1000, "ms",
             f"calm {calm.quantile(0.99) * 1000:.0f} ms", "", None),
        _row("B1 admin page p99", watcher.p99() * 1000, "ms", pages, "< 500",
             watcher.p99() < ADMIN_SECONDS and not watcher.failed),
        _row("B1 memory added", max(watcher.memory) - idle, "MB", f"idle {idle:.0f} MB",
             f"< {RSS_MB}", max(watcher.memory) - idle < RSS_MB),
        _row("B1 acknowledged events lost", gone, f"of {len(good.acked) + len(bad.acked)}",
             flood_text, 0, gone == 0),
        _row("B1 drained", drained, "s", "", f"< {DRAIN_SECONDS}", drained < DRAIN_SECONDS),
    ]  # fmt: skip


def _overloaded(server: Server, folder: Path, seconds: float) -> list[dict[str, Any]]:
    key, honest = keys(server)
    port = server.port
    with Watcher(server):  # the pages cost something too, and peak and flood must be alike
        peak = Flooding(
            Plan(port, key, "peak", "127.0.3.1", min(15.0, seconds), 0.0, 64)
        ).told(60)  # fmt: skip
    server.wait_projected(last_seq(folder), DRAIN_SECONDS)
    idle = server.memory_mb()
    with Watcher(server) as watcher:
        flood = Flooding(Plan(port, key, "over", "127.0.4.1", seconds, 5 * peak.good, 600))
        good = Flooding(Plan(port, honest, "fair", "127.0.1.1", seconds, NOMINAL, 20)).told(
            seconds + 60
        )
        over = flood.told(60)
    drained = server.wait_projected(last_seq(folder), DRAIN_SECONDS)
    gone = lost(folder, "peak", peak) + lost(folder, "over", over) + lost(folder, "fair", good)
    share = (over.good + good.good) / peak.good
    fair = good.good / NOMINAL
    promised = f"of {sum(len(told.acked) for told in (peak, over, good))}"
    told = f"{over.refused} refused, {over.retry_after} told when to come back"
    return [
        _row("D15 goodput at 5x capacity", share, "x peak", f"peak {peak.good:.0f}/s", ">= 0.9",
             share >= 0.9),
        _row("D15 honest shop beside it: share of its rate", fair, "x wish",
             f"{NOMINAL}/s, p99 {good.quantile(0.99) * 1000:.0f} ms", ">= 0.9", fair >= 0.9),
        _row("D15 answered 200: p99", over.quantile(0.99) * 1000, "ms", told, "", None),
        _row("D15 admin page p99", watcher.p99() * 1000, "ms", f"{len(watcher.pages)} pages",
             "", None),
        _row("D15 memory added", max(watcher.memory) - idle, "MB", f"before {idle:.0f} MB",
             f"< {RSS_MB}", max(watcher.memory) - idle < RSS_MB),
        _row("D15 acknowledged events lost", gone, promised, "", 0, gone == 0),
        _row("D15 drained", drained, "s", "", f"< {DRAIN_SECONDS}", drained < DRAIN_SECONDS),
    ]  # fmt: skip


def _row(
    name: str, value: float, unit: str, control: str, target: object, met: bool | None
) -> dict[str, Any]:
    return {
        "name": name, "value": value, "unit": unit, "control": control, "target": target,
        "met": met,
    }  # fmt: skip
