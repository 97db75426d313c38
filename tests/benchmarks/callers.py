"""Clients that send as SDKs do: kept connections, message ids, and again what was not answered."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import orjson

from tests.benchmarks.load import post

CLIENTS = 16
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156 Safari/537.36"
LATER_SECONDS = 0.02  # before what was refused for now is sent again
_AGAIN = {429, 503}


class Call(msgspec.Struct):
    """One request. `ids`: its messages that can be stored; `bad`: how many can not."""

    raw: bytes
    ids: tuple[str, ...]
    bad: int
    tries: int = 0
    acked: bool = False


class Ledger:
    """What the clients sent and what they were promised. `wrong`: answers that can not be true."""

    def __init__(self, keys: dict[str, str], seed: int) -> None:
        self.keys = keys
        self.acked: set[str] = set()
        self.answered: Counter[str] = Counter()  # accepted, duplicate, rejected: events of a 200
        self.statuses: Counter[int] = Counter()
        self.unanswered = 0  # requests that were sent and never answered
        self.open_events = 0  # the events of these and of those that were refused for now
        self.open_bad = 0
        self.wrong: list[str] = []
        self._random = random.Random(seed)
        self._number = 0
        self._again: deque[Call] = deque()
        self._out = 0
        self._moved = asyncio.Event()
        self.closing = False

    @property
    def events(self) -> int:
        """How many events were acknowledged."""
        return len(self.acked)

    def next(self) -> Call | None:
        """What a free client sends now; nothing: all has been answered."""
        draw = self._random.random()
        if self._again and (self.closing or draw < 0.5):
            call = self._again.popleft()
        elif self.closing:
            return None
        else:
            call = self._new()
        call.tries += 1
        self._out += 1
        return call

    def came(self, call: Call, status: int, body: dict[str, Any]) -> None:
        """The answer to a call."""
        self._out -= 1
        self.statuses[status] += 1
        if status in _AGAIN:
            self._open(call)
        elif status == 200:
            self._promised(call, body)
        elif status != 400 or call.ids:
            self.wrong.append(f"{status} {body}")
        self._moved.set()

    def lost(self, call: Call) -> None:
        """The connection ended before the answer: an SDK sends it again."""
        self._out -= 1
        self.unanswered += 1
        self._open(call)

    def _open(self, call: Call) -> None:
        """It may have been stored all the same."""
        self.open_events += len(call.ids)
        self.open_bad += call.bad
        self._again.append(call)

    async def reached(self, events: int) -> None:
        """Wait until so many were acknowledged."""
        while len(self.acked) < events:
            self._moved.clear()
            await self._moved.wait()

    async def settled(self) -> None:
        """Wait until nothing is on its way and nothing waits to be sent again."""
        while self._out or self._again:
            self._moved.clear()
            await self._moved.wait()

    def _promised(self, call: Call, body: dict[str, Any]) -> None:
        accepted, duplicate = int(body["accepted"]), int(body["duplicate"])
        rejected = len(body["rejected"])
        self.answered.update(accepted=accepted, duplicate=duplicate, rejected=rejected)
        if accepted + duplicate != len(call.ids) or rejected != call.bad:
            self.wrong.append(f"{len(call.ids)} and {call.bad} bad were answered {body}")
        if call.tries == 1 and duplicate:
            self.wrong.append(f"sent once, answered {body}")
        if call.acked and accepted:
            self.wrong.append(f"acknowledged before, answered {body}")
        call.acked = True
        self.acked.update(call.ids)
        if self._random.random() < 0.03:  # the answer never reached the page: it sends it again
            self._again.append(call)

    def _new(self) -> Call:
        kind = self._random.choice(("browser", "browser", "server"))
        draw = self._random.random()
        if draw < 0.02:
            body = {"writeKey": self.keys[kind], "anonymousId": "a", "userId": 5.5}
            return Call(post("/v1/track", orjson.dumps(body)), (), 1)
        if draw < 0.7:
            event, message = self._event(kind)
            path = f"/v1/{event['type']}"
            return Call(
                post(path, orjson.dumps({**event, "writeKey": self.keys[kind]})), (message,), 0
            )
        made = [self._event(kind) for _ in range(self._random.randint(2, 30))]
        bad = [{"type": "nothing"}] * (self._random.random() < 0.2)
        body = {"writeKey": self.keys[kind], "batch": [*(event for event, _ in made), *bad]}
        return Call(
            post("/v1/batch", orjson.dumps(body)), tuple(message for _, message in made), len(bad)
        )

    def _event(self, kind: str) -> tuple[dict[str, Any], str]:
        self._number += 1
        n, who = self._number, self._random.randrange(300)
        message = f"m{n}"
        event: dict[str, Any] = {
            "messageId": message,
            "originalTimestamp": f"2026-11-{1 + n % 20:02}T10:{n // 60 % 60:02}:{n % 60:02}.000Z",
            # The body keeps the context, not the message id.
            "context": {"mid": message, "userAgent": BROWSER},
        }
        event |= {"anonymousId": f"v{who}"} if kind == "browser" else {"userId": f"u{who}"}
        draw = self._random.random()
        if draw < 0.75:
            return event | _viewed(n), message
        if draw < 0.85:
            traits = {"email": f"u{who}@example.com", "first_name": f"Name {n}"}
            return event | {"type": "identify", "userId": f"u{who}", "traits": traits}, message
        return event | _bought(max(1, n - self._random.randrange(40)), n), message


def _viewed(n: int) -> dict[str, Any]:
    properties = {"product_id": f"p{n % 50}"}
    return {"type": "track", "event": "Product Viewed", "properties": properties}


def _bought(order: int, n: int) -> dict[str, Any]:
    """Several sightings of one order may come, from the page and from the shop's server."""
    line = {"product_id": f"p{n % 50}", "quantity": 1, "price": order}
    properties = {"order_id": f"o{order}", "currency": "EUR", "total": order, "products": [line]}
    return {"type": "track", "event": "Order Completed", "properties": properties}


@asynccontextmanager
async def calling(port: int, ledger: Ledger, clients: int = CLIENTS) -> AsyncIterator[None]:
    """The clients call while the block runs, whether somebody answers or not."""
    tasks = [asyncio.create_task(_client(port, ledger)) for _ in range(clients)]
    try:
        yield
        ledger.closing = True
        await ledger.settled()
    finally:
        ledger.closing = True
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _client(port: int, ledger: Ledger) -> None:
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(LATER_SECONDS)
            continue
        try:
            await _converse(reader, writer, ledger)
        finally:
            writer.close()


async def _converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ledger: Ledger
) -> None:
    while True:
        call = ledger.next()
        if call is None:
            await asyncio.sleep(LATER_SECONDS)
            continue
        try:
            writer.write(call.raw)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            body = await reader.readexactly(length)
        except (OSError, EOFError):
            ledger.lost(call)
            return
        status = int(head[9:12])
        ledger.came(call, status, orjson.loads(body))
        if b"connection: close" in head.lower():
            return
        if status in _AGAIN:
            await asyncio.sleep(LATER_SECONDS)
