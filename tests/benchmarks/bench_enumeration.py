"""Assurance B2: whether the answers of a decision tell, by their looks or their time, who is known.

Addresses that the hub knows and addresses that it does not are asked for in turn, in every field
where a stranger could put one.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Sequence
from typing import Any

import orjson

from tests.benchmarks.bench_freshness import Line
from tests.benchmarks.filled import MARK
from tests.benchmarks.servers import running

PEOPLE = 1000
LEAST_P = 0.01


def separable(one: Sequence[float], other: Sequence[float]) -> float:
    """The p of the two-sample test of Kolmogorov and Smirnov: low when the two are different."""
    marked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    seen, distance, at = [0, 0], 0.0, 0
    while at < len(marked):
        value = marked[at][0]
        while at < len(marked) and marked[at][0] == value:
            seen[marked[at][1]] += 1
            at += 1
        distance = max(distance, abs(seen[0] / len(one) - seen[1] / len(other)))
    n = len(one) * len(other) / (len(one) + len(other))
    x = (math.sqrt(n) + 0.12 + 0.11 / math.sqrt(n)) * distance
    if x < 0.3:
        return 1.0
    terms = (2 * (-1) ** (k - 1) * math.exp(-2 * k * k * x * x) for k in range(1, 101))
    return min(1.0, max(0.0, sum(terms)))


def asked(identifier: str) -> dict[str, Any]:
    """A page that claims to be somebody, in every way there is."""
    return {
        "token": identifier, "userId": identifier, "anonymousId": identifier, "locale": "en",
        "traits": {"email": identifier}, "page": {"url": "https://shop.example/"},
        "slots": [], "recent": [],
    }  # fmt: skip


def shape(value: Any) -> Any:
    """An answer without what is different each time."""
    if isinstance(value, dict):
        return {k: "" if k == "id" else shape(v) for k, v in value.items()}
    return [shape(v) for v in value] if isinstance(value, list) else value


def run(quick: bool) -> list[dict[str, Any]]:
    """Ten random ids for each known one; the times of as many of each are compared."""
    people = 100 if quick else PEOPLE
    times: dict[str, list[float]] = {"known": [], "unknown": [], "other": []}
    looks: set[bytes] = set()
    with running("tests.benchmarks.hub_server", "--filled", "--people", str(people)) as hub:
        line = Line(hub)
        for n in range(200):
            line.post("/v1/decide", asked(f"warm{n}@example.com"))
        for n in range(people):
            kinds = ["known", "unknown", "other"]
            for kind in secrets.SystemRandom().sample(kinds, len(kinds)):
                number = n if kind == "known" else people + secrets.randbelow(people)
                who = f"{MARK}.{number}@people.example"
                start = time.perf_counter()
                answer = line.post("/v1/decide", asked(who))
                times[kind].append(time.perf_counter() - start)
                looks.add(orjson.dumps(shape(answer)))
            for _ in range(10):
                answer = line.post("/v1/decide", asked(secrets.token_urlsafe(16)))
                looks.add(orjson.dumps(shape(answer)))
    p = separable(times["known"], times["unknown"])
    base = separable(times["unknown"], times["other"])
    total = people * 13
    return [
        {"name": f"B2 answers that look different, of {total}", "value": len(looks) - 1,
         "unit": "", "control": "", "target": "0", "met": len(looks) == 1},
        {"name": f"B2 times of {people} known and unknown addresses", "value": p, "unit": "KS p",
         "control": f"unknown twice {base:.2g}", "target": f"> {LEAST_P}", "met": p > LEAST_P},
    ]  # fmt: skip
