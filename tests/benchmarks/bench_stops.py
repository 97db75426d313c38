"""SIGTERM under load: what was answered is stored, all others are refused, and it is quick."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from tests.benchmarks.callers import CLIENTS, Ledger, calling
from tests.benchmarks.promises import Kept, furnish, judge
from tests.benchmarks.served import Served, asked

STOPS = 20
STOP_SECONDS = 10.0
LOOK_SECONDS = 0.1


class Outcome(msgspec.Struct):
    """`took`: seconds from each SIGTERM until the process was gone."""

    ledger: Ledger
    took: list[float]
    kept: Kept


async def stop_often(folder: Path, stops: int, seed: int = 7) -> Outcome:
    """Load, SIGTERM at a random moment, start again; a load balancer asks /ready all the time."""
    draw = random.Random(seed)
    ledger = Ledger(await furnish(folder), seed)
    served = Served(folder)
    took = []
    try:
        await served.start()
        async with watching(served.port), calling(served.port, ledger):
            for _ in range(stops):
                await ledger.reached(ledger.events + draw.randint(20, 400))
                await asyncio.sleep(draw.uniform(0, 0.02))  # answers are when commits ended
                took.append(await served.stop())
                await served.start()
        await served.stop()
    finally:
        served.leave()
    return Outcome(ledger, took, await judge(folder, ledger))


@asynccontextmanager
async def watching(port: int) -> AsyncIterator[None]:
    """Somebody asks again and again whether the hub is ready."""

    async def look() -> None:
        while True:
            await asked(port, "/ready")
            await asyncio.sleep(LOOK_SECONDS)

    task = asyncio.create_task(look())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def run(quick: bool, stops: int = 0) -> list[dict[str, Any]]:
    """One hub on SQLite, stopped and started."""
    times = stops or (2 if quick else STOPS)
    with tempfile.TemporaryDirectory(prefix="hub-stops-") as folder:
        outcome = asyncio.run(stop_often(Path(folder), times))
    kept, ledger, took = outcome.kept, outcome.ledger, outcome.took
    wrong = [*ledger.wrong, *kept.twice, *kept.effects, *kept.accounts]
    load = f"{times} stops, {CLIENTS} clients"
    return [
        {"name": "D16 acknowledged events lost", "value": len(kept.lost),
         "unit": f"of {ledger.events}", "control": load, "target": 0, "met": not kept.lost},
        {"name": "D16 requests that got no answer", "value": ledger.unanswered, "unit": "",
         "control": f"of {ledger.answered.total() + ledger.unanswered}", "target": 0,
         "met": not ledger.unanswered},
        {"name": "D16 effects, answers and counts that are wrong", "value": len(wrong), "unit": "",
         "control": "; ".join(wrong)[:300], "target": 0, "met": not wrong},
        {"name": "D16 from SIGTERM to the end, median", "value": median(took), "unit": "s",
         "control": "", "target": "", "met": None},
        {"name": "D16 from SIGTERM to the end, longest", "value": max(took), "unit": "s",
         "control": "", "target": f"< {STOP_SECONDS:.0f}", "met": max(took) < STOP_SECONDS},
    ]  # fmt: skip
