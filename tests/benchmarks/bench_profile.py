"""The profile API: who has an identifier, asked by a program of the shop with a token."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any

import orjson

from tests.benchmarks.load import drive, post
from tests.benchmarks.servers import running

TARGET_MS = 10.0  # at a third of what it can answer: a till or a call centre does not wait


def asked(n: int, devices: list[str], token: str, path: str) -> Iterator[bytes]:
    headers = f"Authorization: Bearer {token}\r\n"
    for i in range(n):
        did = devices[i % len(devices)].partition(".")[0]
        body = orjson.dumps({"type": "device", "value": did})
        request = post(path, body, headers)
        yield request.replace(b"Content-Type: text/plain", b"Content-Type: application/json", 1)


def run(quick: bool) -> list[dict[str, Any]]:
    """Requests a second over bare ones, and p99 at a fixed rate, interleaved."""
    people, rounds, n = (200, 1, 300) if quick else (10_000, 5, 3000)
    rate: list[float] = []
    tail: list[float] = []
    absolute: list[float] = []
    with (
        running("tests.benchmarks.bare") as control,
        running("tests.benchmarks.hub_server", "--people", str(people)) as hub,
    ):
        token, devices = str(hub.facts["api"]), list(hub.facts["tokens"])  # type: ignore[call-overload]
        ours = list(asked(n, devices, token, "/api/v1/people/find"))
        bare = list(asked(n, devices, token, "/json"))
        drive(hub.port, iter(ours[: n // 4]))
        for _ in range(rounds):
            base = drive(control.port, iter(bare))
            mine = drive(hub.port, iter(ours))
            if mine.errors or base.errors:
                raise RuntimeError(f"{mine.errors} questions failed")
            rate.append((mine.requests / mine.seconds) / (base.requests / base.seconds))
            absolute.append(base.requests / base.seconds)
            fixed = 0.3 * mine.requests / mine.seconds
            calm = drive(hub.port, iter(ours[: n // 2]), rate=fixed)
            tail.append(calm.quantile(0.99) * 1000)
    text = f"bare {median(absolute):.0f} req/s, {people} people"
    return [
        {"name": "profile by an identifier, requests", "value": median(rate),
         "unit": "x bare req/s", "control": text, "target": "-", "met": True},
        {"name": "profile, p99 at a third of that", "value": median(tail), "unit": "ms",
         "control": text, "target": f"<= {TARGET_MS:g}", "met": median(tail) <= TARGET_MS},
    ]  # fmt: skip
