"""D4: the disk fills up under load and has space again some seconds later: what was promised is
there, pages are answered all the time, and events are taken again soon, without a restart."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import orjson

from tests.benchmarks.callers import Ledger, calling
from tests.benchmarks.load import post
from tests.benchmarks.promises import Kept, furnish, judge
from tests.benchmarks.served import Served

DISK_MB = 320  # the ballast, room for the hub to work, and the log of the hub itself
ROUNDS = 5
FULL_SECONDS = 5.0
RECOVER_SECONDS = 5.0
LOOK_SECONDS = 0.05


class Outcome(msgspec.Struct):
    """`took`: seconds from the moment there was space to the next event that was taken.
    `unread`: decisions that were not answered with 200 while the disk was full."""

    ledger: Ledger
    took: list[float]
    asked: int
    unread: int
    kept: Kept


@contextmanager
def small_disk(megabytes: int = DISK_MB) -> Iterator[Path]:
    """A folder on a disk of its own. Raises PermissionError where none can be mounted."""
    with tempfile.TemporaryDirectory(prefix="hub-full-") as name:
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", name]
        if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
            raise PermissionError("a small disk can be mounted by root only")
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "-l", name], check=True)


async def fill_often(folder: Path, rounds: int, seconds: float, seed: int = 7) -> Outcome:
    """Load; another program takes all the space for so many seconds, and gives it back."""
    ledger = Ledger(keys := await furnish(folder), seed)
    page = {"writeKey": keys["browser"], "slots": ["top"], "page": {"url": "https://shop.example/"}}
    ask = post("/v1/decide", orjson.dumps(page), "Connection: close\r\n")
    served = Served(folder)
    outcome = Outcome(ledger, [], 0, 0, None)  # type: ignore[arg-type]  # judged at the end
    try:
        await served.start()
        async with calling(served.port, ledger):
            for _ in range(rounds):
                await ledger.reached(ledger.events + 200)
                filler = await _filled(folder, ledger)
                await _look_on(served.port, ask, seconds, outcome)
                filler.unlink()
                outcome.took.append(await _taken_again(ledger))
        await served.stop()
    finally:
        served.leave()
    outcome.kept = await judge(folder, ledger)
    return outcome


async def _filled(folder: Path, ledger: Ledger) -> Path:
    """Take what is free, again and again, until the hub refuses events for it."""
    filler = folder / "filler"
    refused = ledger.statuses[503]
    with filler.open("ab") as file:
        while ledger.statuses[503] == refused:
            found = os.statvfs(folder)
            if free := found.f_bavail * found.f_frsize:
                with suppress(OSError):  # the hub took some of it meanwhile
                    os.posix_fallocate(file.fileno(), filler.stat().st_size, free)
            await asyncio.sleep(LOOK_SECONDS)
    return filler


async def _look_on(port: int, ask: bytes, seconds: float, outcome: Outcome) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        outcome.asked += 1
        outcome.unread += not (await _answer(port, ask)).startswith(b"HTTP/1.1 200")
        await asyncio.sleep(LOOK_SECONDS)


async def _answer(port: int, ask: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(ask)
        return await reader.read()
    finally:
        writer.close()


async def _taken_again(ledger: Ledger) -> float:
    began, before = time.perf_counter(), ledger.events
    await ledger.reached(before + 1)
    return time.perf_counter() - began


def run(quick: bool, rounds: int = ROUNDS) -> list[dict[str, Any]]:
    """So many times the disk is full."""
    try:
        with small_disk() as folder:
            seen = asyncio.run(
                fill_often(folder, 1 if quick else rounds, 1.0 if quick else FULL_SECONDS)
            )
    except PermissionError as error:
        return [_row(f"D4 disk full: not run, {error}", 0, "", "", "", None)]
    n, kept = seen.ledger.events, seen.kept
    middle, longest = median(seen.took), max(seen.took)
    return [
        _row("D4 disk full: until events are taken again, median", middle, "s",
             f"{len(seen.took)} times", f"< {RECOVER_SECONDS:g}", middle < RECOVER_SECONDS),
        _row("D4 disk full: the longest", longest, "s", "", f"< {RECOVER_SECONDS:g}",
             longest < RECOVER_SECONDS),
        _row("D4 disk full: acknowledged events lost", len(kept.lost), f"of {n}", "", 0,
             not kept.lost),
        _row("D4 disk full: rows twice, wrong effects",
             len(kept.twice) + len(kept.effects) + len(kept.accounts), "", kept.integrity, 0,
             kept.whole),
        _row("D4 disk full: decisions not answered", seen.unread, f"of {seen.asked}", "", 0,
             not seen.unread),
    ]  # fmt: skip


def _row(
    name: str, value: float, unit: str, control: str, target: object, met: bool | None
) -> dict[str, Any]:
    return {
        "name": name, "value": value, "unit": unit, "control": control, "target": target,
        "met": met,
    }  # fmt: skip
