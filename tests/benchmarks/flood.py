"""Clients that send whatever the answers are, from one address of this machine; in a process of
their own. Says how each request was answered, and which events the hub has promised to keep."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections import Counter
from itertools import count
from pathlib import Path

import msgspec
import orjson

from tests.benchmarks.load import post


class Plan(msgspec.Struct):
    """`rate`: requests per second, whether or not the hub keeps up; 0: each client sends again as
    soon as it is answered."""

    port: int
    key: str
    prefix: str
    address: str
    seconds: float
    rate: float = 0.0
    clients: int = 32


class Told(msgspec.Struct):
    """`acked`: numbers of the events that were answered 200; `latencies` of these, in seconds."""

    statuses: dict[int, int]
    acked: list[int]
    latencies: list[float]
    retry_after: int  # refusals that said when to come back
    slowest_refusal: float
    seconds: float

    def quantile(self, q: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else float("inf")

    @property
    def good(self) -> float:
        return len(self.acked) / self.seconds

    @property
    def refused(self) -> int:
        return sum(n for status, n in self.statuses.items() if status != 200)


class _Flood:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.start = time.perf_counter()
        self.numbers = count()
        self.sent = count()
        self.told = Told({}, [], [], 0, 0.0, 0.0)
        self.statuses: Counter[int] = Counter()

    def due(self) -> float:
        rate = self.plan.rate
        return self.start + next(self.sent) / rate if rate else time.perf_counter()

    def request(self, number: int) -> bytes:
        event = {
            "type": "track", "event": "Product Viewed", "writeKey": self.plan.key,
            "anonymousId": f"{self.plan.prefix}-{number % 500}",
            "messageId": f"{self.plan.prefix}-{number}",
            "properties": {"mark": f"{self.plan.prefix}-{number}", "name": "Blue mug",
                           "product_id": f"p{number % 150}", "price": 12.95,
                           "currency": "EUR", "url": "https://shop.example/p/blue-mug"},
            "context": {"page": {"url": "https://shop.example/p/blue-mug"}, "locale": "nl-NL"},
        }  # fmt: skip
        return post("/v1/track", orjson.dumps(event))

    def answered(self, head: bytes, number: int, seconds: float) -> None:
        status = int(head[9:12])
        self.statuses[status] += 1
        if status == 200:
            self.told.acked.append(number)
            self.told.latencies.append(seconds)
        else:
            self.told.slowest_refusal = max(self.told.slowest_refusal, seconds)
            self.told.retry_after += b"\r\nretry-after:" in head.lower()


class _Client(asyncio.Protocol):
    def __init__(self, flood: _Flood) -> None:
        self._flood = flood
        self._number = -1
        self._planned = 0.0
        self._buffer = b""
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end]
        at = head.lower().index(b"content-length:") + 15
        if len(self._buffer) < end + 4 + int(head[at:].split(b"\r\n", 1)[0]):
            return
        self._flood.answered(head, self._number, time.perf_counter() - self._planned)
        self._buffer = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.finished.done():
            self._flood.statuses[0] += 1
            self.finished.set_result(None)

    def _next(self) -> None:
        flood = self._flood
        moment = flood.due()
        if max(moment, time.perf_counter()) - flood.start > flood.plan.seconds:
            self.finished.set_result(None)
            self._transport.close()
            return
        self._number = next(flood.numbers)
        wait = moment - time.perf_counter()
        # From the moment it leaves: an overrun client does not make up for the time it lost.
        self._planned = max(moment, time.perf_counter())
        if wait > 0:
            loop = asyncio.get_running_loop()
            loop.call_later(wait, self._transport.write, flood.request(self._number))
        else:
            self._transport.write(flood.request(self._number))


async def flood(plan: Plan) -> Told:
    """Send as planned; nobody but this machine."""
    made = _Flood(plan)
    loop = asyncio.get_running_loop()
    clients = [
        await loop.create_connection(
            lambda: _Client(made), "127.0.0.1", plan.port, local_addr=(plan.address, 0)
        )
        for _ in range(plan.clients)
    ]
    await asyncio.gather(*(client.finished for _, client in clients))
    made.told.seconds = time.perf_counter() - made.start
    made.told.statuses = dict(made.statuses)
    return made.told


class Flooding:
    """A flood in a process of its own."""

    def __init__(self, plan: Plan) -> None:
        self._output = tempfile.TemporaryFile()  # a pipe would fill before anybody reads it
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.flood", msgspec.json.encode(plan).decode()],
            stdout=self._output, cwd=Path(__file__).resolve().parents[2],
        )  # fmt: skip

    def told(self, patience: float) -> Told:
        """What came of it, once it is over."""
        with self._output as output:
            if self._process.wait(patience):
                raise RuntimeError(f"the flood ended with {self._process.returncode}")
            output.seek(0)
            return msgspec.json.decode(output.read(), type=Told)


if __name__ == "__main__":
    import uvloop

    found = uvloop.run(flood(msgspec.json.decode(sys.argv[1], type=Plan)))
    sys.stdout.buffer.write(msgspec.json.encode(found))
