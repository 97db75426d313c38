"""Decisions for shoppers while a hostile connector hangs, eats memory and floods, and without."""

from __future__ import annotations

import os
import signal
from statistics import median
from typing import Any

from tests.benchmarks.bench_decide import decisions
from tests.benchmarks.load import drive
from tests.benchmarks.servers import running

RATE = 150.0


def run(quick: bool) -> list[dict[str, Any]]:
    """The p99 at one rate, interleaved: two equal hubs, one of them with company."""
    rounds, n = (1, 300) if quick else (5, 1500)
    ratios, alone, beside = [], [], []
    with (
        running("tests.benchmarks.hub_server", "--filled") as calm,
        running("tests.benchmarks.hub_hostile") as shared,
    ):
        for server in (calm, shared):
            asked(server, n // 4)  # warm
        for _ in range(rounds):
            alone.append(asked(calm, n, rate=RATE).quantile(0.99))
            os.kill(shared.pid, signal.SIGUSR1)
            beside.append(asked(shared, n, rate=RATE).quantile(0.99))
            os.kill(shared.pid, signal.SIGUSR2)
            ratios.append(beside[-1] / alone[-1])
    text = f"alone {median(alone) * 1000:.1f} ms, beside {median(beside) * 1000:.1f} ms"
    return [
        {"name": "decide p99 beside a hostile connector", "value": median(ratios),
         "unit": "x p99 alone", "control": text, "target": "~ 1", "met": median(ratios) <= 1.5},
    ]  # fmt: skip


def asked(server: Any, n: int, rate: float | None = None) -> Any:
    found = drive(
        server.port, decisions(n, str(server.facts["key"]), str(server.facts["token"])), rate=rate
    )
    if found.errors:
        raise RuntimeError(f"{found.errors} decisions failed")
    return found
