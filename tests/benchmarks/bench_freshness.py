"""Target 7: from the answer to an event until a decision that knows of it, while other traffic
goes on at a third of what the hub can take. Segments and journeys read the same memory."""

from __future__ import annotations

import http.client
import itertools
import multiprocessing
import time
from statistics import median
from typing import Any

import orjson

from tests.benchmarks.bench_ingest import bare_requests, singles
from tests.benchmarks.load import drive, keep_busy
from tests.benchmarks.servers import Server, running

SHARE = 0.3
_numbers = itertools.count()


class Line:
    """One kept connection that posts JSON and reads JSON."""

    def __init__(self, server: Server) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self.server = server

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        body = {"writeKey": self.server.facts.get("key", ""), **body}
        self._line.request("POST", path, orjson.dumps(body), {"Content-Type": "text/plain"})
        answer = self._line.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}: {text[:200]!r}")
        found: dict[str, Any] = orjson.loads(text)
        return found


def fresh(line: Line) -> float:
    """Seconds from the answer to an event until the answer of the first decision that shows it."""
    agreed = {"analytics": True, "personalisation": True}
    token = line.post("/v1/device", {"consent": {"purposes": agreed}})["token"]
    event = {"event": "Fresh", "messageId": f"fresh-{next(_numbers)}", "token": token}
    line.post("/v1/track", event)
    start = time.perf_counter()
    page = {"url": "https://shop.example/", "path": "/"}
    asked = {"token": token, "locale": "en", "page": page, "slots": [], "recent": []}
    while time.perf_counter() - start < 30:
        decisions = line.post("/v1/decide", asked)["decisions"]
        if any(decision["widget"] == "fresh" for decision in decisions):
            return time.perf_counter() - start
    raise TimeoutError("no decision knew of the event")


def quantile(values: list[float], q: float) -> float:
    return sorted(values)[min(len(values) - 1, int(q * len(values)))]


def bare_latencies(server: Server, n: int) -> list[float]:
    """What one request to the bare endpoint takes over the same kind of connection."""
    line, found = Line(server), []
    for _ in range(n):
        start = time.perf_counter()
        line.post("/json", {"token": "x" * 60})
        found.append(time.perf_counter() - start)
    return found


def measure(hub: Server, samples: int, capacity: float) -> list[float]:
    """Samples of `fresh`, beside other traffic from a process of its own."""
    rate = capacity * SHARE
    requests = list(singles(int(rate * samples / 100) + 50, str(hub.facts["key"])))
    beside = multiprocessing.get_context("spawn").Process(
        target=keep_busy, args=(hub.port, requests, rate)
    )
    beside.start()
    try:
        line = Line(hub)
        return [fresh(line) for _ in range(samples)]
    finally:
        beside.join(120)


def run(quick: bool) -> list[dict[str, Any]]:
    """Rounds beside the bare endpoint; the median of the rounds' p99."""
    rounds, samples, n = (1, 30, 300) if quick else (5, 200, 3000)
    tails, middles, controls = [], [], []
    with (
        running("tests.benchmarks.bare") as bare,
        running("tests.benchmarks.hub_server", "--filled") as hub,
    ):
        drive(bare.port, bare_requests(100))
        result = drive(hub.port, iter(list(singles(n, str(hub.facts["key"])))))
        for _ in range(rounds):
            controls.append(quantile(bare_latencies(bare, samples), 0.99))
            found = measure(hub, samples, result.requests / result.seconds)
            tails.append(quantile(found, 0.99))
            middles.append(median(found))
    control = f"bare request p99 {median(controls) * 1000:.2f} ms"
    return [
        {"name": "7 event acknowledged until a decision knows it, p99", "unit": "ms",
         "value": median(tails) * 1000, "control": control, "target": "<= 50",
         "met": median(tails) <= 0.050},
        {"name": "7 the same, median", "unit": "ms", "value": median(middles) * 1000,
         "control": control, "target": "", "met": None},
    ]  # fmt: skip
