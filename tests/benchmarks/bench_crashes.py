"""PostgreSQL crashes under load: nothing acknowledged is lost, the hub is back by itself."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from tests.benchmarks.callers import CLIENTS, Ledger, calling
from tests.benchmarks.promises import Kept, furnish, judge
from tests.benchmarks.served import PATIENCE, Served
from tests.postgres import Server, durable_server, fresh_database

CRASHES = 50
BACK_SECONDS = 5.0


class Outcome(msgspec.Struct):
    """`back`: seconds from when PostgreSQL took connections again until an event was stored;
    `down`: how long it was away itself."""

    ledger: Ledger
    back: list[float]
    down: list[float]
    kept: Kept


async def crash_often(folder: Path, server: Server, crashes: int, seed: int = 7) -> Outcome:
    """The hub runs all the time; its database does not."""
    draw = random.Random(seed)
    url = fresh_database(server.url)
    ledger = Ledger(await furnish(folder, url), seed)
    served = Served(folder, url)
    back, down = [], []
    try:
        await served.start()
        async with calling(served.port, ledger):
            for _ in range(crashes):
                await ledger.reached(ledger.events + draw.randint(20, 400))
                await asyncio.sleep(draw.uniform(0, 0.02))  # answers are when commits ended
                began = time.perf_counter()
                await asyncio.to_thread(server.crash)
                before = ledger.events
                await asyncio.to_thread(server.start)
                up = time.perf_counter()
                async with asyncio.timeout(PATIENCE):
                    await ledger.reached(before + 1)
                down.append(up - began)
                back.append(time.perf_counter() - up)
        await served.stop()
    finally:
        served.leave()
    return Outcome(ledger, back, down, await judge(folder, ledger, url))


def run(quick: bool, crashes: int = 0) -> list[dict[str, Any]]:
    """One hub, one server that crashes again and again."""
    times = crashes or (2 if quick else CRASHES)
    with tempfile.TemporaryDirectory(prefix="hub-crashes-") as folder:
        outcome = asyncio.run(crash_often(Path(folder), durable_server(), times))
    kept, ledger, back = outcome.kept, outcome.ledger, outcome.back
    wrong = [*ledger.wrong, *kept.effects, *kept.accounts]
    load = f"{times} crashes, {CLIENTS} clients"
    away = f"PostgreSQL itself {median(outcome.down):.1f} s"
    return [
        {"name": "D7 acknowledged events lost", "value": len(kept.lost),
         "unit": f"of {ledger.events}", "control": load, "target": 0, "met": not kept.lost},
        {"name": "D7 events stored twice", "value": len(kept.twice), "unit": f"of {kept.stored}",
         "control": f"{ledger.statuses[503]} refused for now", "target": 0, "met": not kept.twice},
        {"name": "D7 effects, answers and counts that are wrong", "value": len(wrong), "unit": "",
         "control": "; ".join(wrong)[:300], "target": 0, "met": not wrong},
        {"name": "D7 back after PostgreSQL is back, median", "value": median(back), "unit": "s",
         "control": away, "target": "", "met": None},
        {"name": "D7 back after PostgreSQL is back, longest", "value": max(back), "unit": "s",
         "control": away, "target": f"< {BACK_SECONDS:.0f}", "met": max(back) < BACK_SECONDS},
    ]  # fmt: skip
