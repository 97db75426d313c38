"""Targets 1, 2, 3: durable collecting, with authentication, dedupe, identity, consent, and the
projector on; a round ends when the projector has caught up."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from statistics import median
from typing import Any

import orjson

from tests.benchmarks.load import drive, post
from tests.benchmarks.servers import Server, running

CONTEXT = {
    "page": {"url": "https://shop.example/p/blue-mug", "path": "/p/blue-mug", "title": "Blue mug",
             "referrer": "https://shop.example/c/mugs", "search": "?utm_source=mail"},
    "locale": "nl-NL", "library": {"name": "regulars", "version": "1"},
    "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156 Safari/537.36",
}  # fmt: skip
_ids = itertools.count()


def event() -> dict[str, Any]:
    """A product view of about 800 bytes by one of a thousand visitors."""
    number = next(_ids)
    return {
        "type": "track",
        "event": "Product Viewed",
        "anonymousId": f"visitor-{number % 1000}",
        "messageId": f"m-{number:012d}",
        "originalTimestamp": "2026-11-23T10:00:00.000Z",
        "sentAt": "2026-11-23T10:00:00.100Z",
        "properties": {
            "product_id": f"p{number % 150}", "name": "Blue mug", "category": "Mugs",
            "price": 12.95, "currency": "EUR", "url": "https://shop.example/p/blue-mug",
        },
        "context": CONTEXT,
    }  # fmt: skip


def singles(n: int, key: str) -> Iterator[bytes]:
    for _ in range(n):
        yield post("/v1/track", orjson.dumps({**event(), "writeKey": key}))


def batches(n: int, key: str) -> Iterator[bytes]:
    for _ in range(n):
        body = {"writeKey": key, "batch": [event() for _ in range(50)]}
        yield post("/v1/batch", orjson.dumps(body))


def bare_requests(n: int) -> Iterator[bytes]:
    for _ in range(n):
        yield post("/json", orjson.dumps(event()))


class _Meter:
    """Requests per second and CPU per request of one server, catching up included."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.seq = int(str(server.facts.get("seq", 0)))

    def run(self, requests: list[bytes], events: int) -> tuple[float, float]:
        before = self.server.cpu_seconds()
        result = drive(self.server.port, iter(requests))
        if result.errors:
            raise RuntimeError(f"{result.errors} of {result.requests} requests failed")
        seconds = result.seconds
        if "key" in self.server.facts:
            self.seq += events
            seconds += self.server.wait_projected(self.seq)
        cpu = self.server.cpu_seconds() - before
        return events / seconds, cpu / events


def run(quick: bool) -> list[dict[str, Any]]:
    """Interleaved rounds; the medians of the ratios of each round."""
    rounds, n = (1, 400) if quick else (5, 4000)
    rate, cpu, batch = [], [], []
    absolute: list[float] = []
    with running("tests.benchmarks.bare") as bare, running("tests.benchmarks.hub_server") as hub:
        key = str(hub.facts["key"])
        control, meter = _Meter(bare), _Meter(hub)
        control.run(list(bare_requests(n // 4)), n // 4)
        meter.run(list(singles(n // 4, key)), n // 4)
        for _ in range(rounds):
            bare_rate, bare_cpu = control.run(list(bare_requests(n)), n)
            hub_rate, hub_cpu = meter.run(list(singles(n, key)), n)
            batch_rate, _ = meter.run(list(batches(max(1, n // 25), key)), max(1, n // 25) * 50)
            rate.append(hub_rate / bare_rate)
            cpu.append(hub_cpu / max(bare_cpu, 1e-9))
            batch.append(batch_rate / bare_rate)
            absolute.append(bare_rate)
    control_text = f"bare {median(absolute):.0f} req/s"
    return [
        _row("1 POST /v1/track, requests", median(rate), "x bare req/s", control_text, ">= 0.70",
             median(rate) >= 0.70),
        _row("2 POST /v1/track, CPU per event", median(cpu), "x bare CPU", control_text, "<= 1.2",
             median(cpu) <= 1.2),
        _row("3 POST /v1/batch of 50, events", median(batch), "x bare req/s", control_text, ">= 4",
             median(batch) >= 4),
    ]  # fmt: skip


def _row(
    name: str, value: float, unit: str, control: str, target: str, met: bool
) -> dict[str, Any]:
    return {
        "name": name, "value": value, "unit": unit, "control": control, "target": target,
        "met": met,
    }  # fmt: skip
