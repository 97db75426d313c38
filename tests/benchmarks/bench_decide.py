"""Target 5: decisions for a warm profile, 50 published widgets, recommendations included."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any

import orjson

from tests.benchmarks.load import drive, post
from tests.benchmarks.servers import running


def decisions(n: int, key: str, token: str) -> Iterator[bytes]:
    for i in range(n):
        body = {
            "writeKey": key, "token": token, "locale": "en",
            "page": {"url": f"https://shop.example/p{i % 150}", "path": f"/p{i % 150}"},
            "product": {"product_id": f"p{i % 150}"}, "device": {"type": "phone", "width": 390},
            "slots": [], "recent": [],
        }  # fmt: skip
        yield post("/v1/decide", orjson.dumps(body))


def bare(n: int) -> Iterator[bytes]:
    for request in decisions(n, "x" * 26, "x" * 60):
        yield request.replace(b"POST /v1/decide", b"POST /json", 1)


def run(quick: bool) -> list[dict[str, Any]]:
    """Throughput ratio, and the ratio of p99 at one fixed rate, interleaved."""
    rounds, n = (1, 300) if quick else (5, 3000)
    rate: list[float] = []
    tail: list[float] = []
    absolute: list[float] = []
    with (
        running("tests.benchmarks.bare") as control,
        running("tests.benchmarks.hub_server", "--filled") as hub,
    ):
        key, token = str(hub.facts["key"]), str(hub.facts["token"])
        drive(control.port, bare(n // 4))
        drive(hub.port, decisions(n // 4, key, token))
        for _ in range(rounds):
            base = drive(control.port, iter(list(bare(n))))
            ours = drive(hub.port, iter(list(decisions(n, key, token))))
            if ours.errors or base.errors:
                raise RuntimeError(f"{ours.errors} decisions failed")
            rate.append((ours.requests / ours.seconds) / (base.requests / base.seconds))
            absolute.append(base.requests / base.seconds)
            fixed = 0.3 * min(ours.requests / ours.seconds, base.requests / base.seconds)
            calm = drive(control.port, iter(list(bare(n // 2))), rate=fixed)
            mine = drive(hub.port, iter(list(decisions(n // 2, key, token))), rate=fixed)
            tail.append(mine.quantile(0.99) / calm.quantile(0.99))
    text = f"bare {median(absolute):.0f} req/s"
    return [
        {"name": "5 POST /v1/decide, requests", "value": median(rate), "unit": "x bare req/s",
         "control": text, "target": ">= 0.7", "met": median(rate) >= 0.7},
        {"name": "5 POST /v1/decide, p99 at one rate", "value": median(tail), "unit": "x bare p99",
         "control": text, "target": "<= 2.0", "met": median(tail) <= 2.0},
    ]  # fmt: skip
