"""kill -9 under load: what was answered with 200 is there, once, and so is what follows from it."""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from tests.benchmarks.callers import CLIENTS, Ledger, calling
from tests.benchmarks.promises import Kept, furnish, judge
from tests.benchmarks.served import HUB, Served
from tests.postgres import fresh_database, postgres_url

KILLS = {"sqlite": 200, "postgres": 100}
QUICK_KILLS = 2
READY_SECONDS = 3.0
# Answers before it has stored: what it loses shows that a loss would be seen.
HASTY = (sys.executable, "-m", "tests.benchmarks.hub_hasty")


class Outcome(msgspec.Struct):
    """`ready`: seconds from each start until the hub said it was ready."""

    ledger: Ledger
    ready: list[float]
    kept: Kept


async def kill_often(
    folder: Path, url: str, kills: int, *, seed: int = 7, command: Sequence[str] = (HUB,)
) -> Outcome:
    """Load, kill at a random moment, start again; at the end everything is asked once more."""
    draw = random.Random(seed)
    ledger = Ledger(await furnish(folder, url), seed)
    served = Served(folder, url, command)
    try:
        ready = [await served.start()]
        async with calling(served.port, ledger):
            for _ in range(kills):
                await ledger.reached(ledger.events + draw.randint(20, 400))
                await asyncio.sleep(draw.uniform(0, 0.02))  # answers are when commits ended
                served.kill()
                if draw.random() < 0.2:  # and again while it comes back
                    await served.stumble(draw.uniform(0, 1.5))
                ready.append(await served.start())
        await served.stop()
    finally:
        served.leave()
    return Outcome(ledger, ready, await judge(folder, ledger, url))


def run(quick: bool, kills: int = 0, database: str = "") -> list[dict[str, Any]]:
    """Both databases, or the one named."""
    rows = []
    for name in [database] if database else ["sqlite", "postgres"]:
        if name not in KILLS:
            raise ValueError(f"database: '{name}' is not one of sqlite, postgres")
        times = kills or (QUICK_KILLS if quick else KILLS[name])
        url = fresh_database(postgres_url()) if name == "postgres" else ""
        with tempfile.TemporaryDirectory(prefix="hub-kills-") as folder:
            outcome = asyncio.run(kill_often(Path(folder), url, times))
        rows += _rows(name, times, outcome)
    with tempfile.TemporaryDirectory(prefix="hub-kills-") as folder:
        hasty = asyncio.run(kill_often(Path(folder), "", QUICK_KILLS, command=HASTY))
    lost = len(hasty.kept.lost)
    return [
        *rows,
        _row("D1 control: a hub that answers first and stores later", lost, "events lost",
             f"{QUICK_KILLS} kills", "> 0", lost > 0),
    ]  # fmt: skip


def _rows(name: str, kills: int, outcome: Outcome) -> list[dict[str, Any]]:
    kept, ledger, ready = outcome.kept, outcome.ledger, outcome.ready
    load = f"{kills} kills, {CLIENTS} clients"
    wrong = [*ledger.wrong, *kept.effects, *kept.accounts]
    return [
        _row(f"D1 {name}: acknowledged events lost", len(kept.lost), f"of {ledger.events}", load,
             0, not kept.lost),
        _row(f"D1 {name}: events stored twice", len(kept.twice), f"of {kept.stored}",
             f"{ledger.unanswered} requests sent again", 0, not kept.twice),
        _row(f"D1 {name}: effects, answers and counts that are wrong", len(wrong), "", wrong[:1]
             and wrong[0][:80], 0, not wrong and kept.integrity == "ok"),
        _row(f"D1 {name}: ready after a restart, median", median(ready), "s", "", "", None),
        _row(f"D1 {name}: ready after a restart, longest", max(ready), "s", "",
             f"< {READY_SECONDS:.0f}", max(ready) < READY_SECONDS),
    ]  # fmt: skip


def _row(
    name: str, value: float, unit: str, control: object, target: object, met: bool | None
) -> dict[str, Any]:
    return {
        "name": name, "value": value, "unit": unit, "control": control or "", "target": target,
        "met": met,
    }  # fmt: skip
