"""Growth: what an event, a decision and freshness cost when the hub knows ten and a hundred times
as many people. The people who come by are drawn from the whole table, so that most are cold."""

from __future__ import annotations

import random
from collections.abc import Iterator
from statistics import median
from typing import Any

import orjson

from tests.benchmarks.bench_decide import decisions
from tests.benchmarks.bench_freshness import Line, fresh, quantile
from tests.benchmarks.bench_ingest import bare_requests, event
from tests.benchmarks.load import drive, post
from tests.benchmarks.servers import Server, running

FLAT = 1.3


def known_singles(n: int, server: Server, rng: random.Random) -> Iterator[bytes]:
    """Events of devices that the hub knows."""
    tokens, key = list(server.facts["tokens"]), server.facts["key"]  # type: ignore[call-overload]
    for _ in range(n):
        body = {**event(), "writeKey": key, "token": rng.choice(tokens)}
        yield post("/v1/track", orjson.dumps(body))


def known_decisions(n: int, server: Server, rng: random.Random) -> Iterator[bytes]:
    """Page views of devices that the hub knows."""
    tokens: list[str] = list(server.facts["tokens"])  # type: ignore[call-overload]
    for _ in range(n):
        yield from decisions(1, str(server.facts["key"]), rng.choice(tokens))


def cpu_each(server: Server, requests: list[bytes]) -> float:
    """Microseconds of the server's processor per request."""
    before = server.cpu_seconds()
    result = drive(server.port, iter(requests))
    if result.errors:
        raise RuntimeError(f"{result.errors} of {result.requests} requests failed")
    return (server.cpu_seconds() - before) / len(requests) * 1e6


def at_size(people: int, rounds: int, n: int) -> dict[str, float]:
    """Each figure over that of the bare endpoint in the same round: medians; freshness in ms."""
    rng = random.Random(people)
    events, pages, waits = [], [], []
    with (
        running("tests.benchmarks.bare") as bare,
        running("tests.benchmarks.hub_server", "--filled", "--people", str(people)) as hub,
    ):
        seq = int(str(hub.facts["seq"]))
        drive(bare.port, bare_requests(n // 4))
        for _ in range(rounds):
            control = max(cpu_each(bare, list(bare_requests(n))), 1e-3)
            events.append(cpu_each(hub, list(known_singles(n, hub, rng))) / control)
            seq += n
            hub.wait_projected(seq)
            pages.append(cpu_each(hub, list(known_decisions(n, hub, rng))) / control)
            line = Line(hub)  # a kept one would be closed meanwhile
            found = [fresh(line) for _ in range(max(20, n // 40))]
            seq += 2 * len(found)
            waits.append(quantile(found, 0.99) * 1000)
    return {"event": median(events), "decision": median(pages), "freshness": median(waits)}


def run(quick: bool) -> list[dict[str, Any]]:
    """One row per size and figure, then last over first."""
    sizes = (500, 2_000) if quick else (10_000, 100_000, 1_000_000)
    found = [at_size(size, *((1, 300) if quick else (3, 4000))) for size in sizes]
    rows = [
        {"name": f"{name} at {size:,} people", "value": values[name], "unit": unit,
         "control": "bare, same round" if unit != "ms" else "", "target": "", "met": None}
        for name, unit in (("event", "x bare CPU"), ("decision", "x bare CPU"),
                           ("freshness", "ms"))
        for size, values in zip(sizes, found, strict=True)
    ]  # fmt: skip
    for name in ("event", "decision", "freshness"):
        ratio = found[-1][name] / found[0][name]
        rows.append({"name": f"{name}, last over first", "value": ratio, "unit": "x",
                     "control": f"at {sizes[0]:,}", "target": f"<= {FLAT}",
                     "met": ratio <= FLAT})  # fmt: skip
    return rows
