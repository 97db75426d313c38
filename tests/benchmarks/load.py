"""A small HTTP load generator for loopback: keep-alive connections, nothing parsed but lengths."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

import msgspec

LOOPBACK = ("127.0.0.1", "::1")


class Result(msgspec.Struct):
    """`latencies` in seconds, one per request; `seconds` of the whole run."""

    requests: int
    errors: int
    seconds: float
    latencies: list[float]

    def quantile(self, q: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def post(path: str, body: bytes, headers: str = "") -> bytes:
    """The bytes of one POST request."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n{headers}"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


class _Connection(asyncio.Protocol):
    """Sends one request after the other; `due` says when the next one may leave."""

    def __init__(
        self, requests: Iterator[bytes], due: Callable[[], float | None], result: Result
    ) -> None:
        self._requests, self._due, self._result = requests, due, result
        self._buffer = b""
        self._need = -1
        self._planned = 0.0
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._need < 0:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._buffer[:end].lower()
            length = head.index(b"content-length:") + 15
            self._need = end + 4 + int(head[length:].split(b"\r\n", 1)[0])
        if len(self._buffer) >= self._need:
            self._result.latencies.append(time.perf_counter() - self._planned)
            self._result.requests += 1
            self._result.errors += not self._buffer.startswith(b"HTTP/1.1 200")
            self._buffer, self._need = b"", -1
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.finished.done():
            self._result.errors += 1
            self.finished.set_result(None)

    def _next(self) -> None:
        request = next(self._requests, None)
        moment = self._due()
        if request is None or moment is None:
            if not self.finished.done():
                self.finished.set_result(None)
            self._transport.close()
            return
        # Measured from the moment it should have left: a slow answer delays nobody's clock.
        self._planned = moment
        wait = moment - time.perf_counter()
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self._transport.write, request)
        else:
            self._transport.write(request)


async def _drive(
    port: int, requests: Iterator[bytes], connections: int, rate: float | None, host: str
) -> Result:
    if host not in LOOPBACK:
        raise ValueError("load goes to this machine only")
    result = Result(0, 0, 0.0, [])
    start = time.perf_counter()
    sent = 0

    def due() -> float | None:
        nonlocal sent
        sent += 1
        return time.perf_counter() if rate is None else start + sent / rate

    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: _Connection(requests, due, result), host, port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.finished for _, protocol in made))
    result.seconds = time.perf_counter() - start
    return result


def drive(
    port: int,
    requests: Iterator[bytes],
    *,
    connections: int = 32,
    rate: float | None = None,
    host: str = "127.0.0.1",
) -> Result:
    """Send all the requests, as fast as they are answered or at `rate` per second."""
    import uvloop

    return uvloop.run(_drive(port, requests, connections, rate, host))


def keep_busy(port: int, requests: list[bytes], rate: float) -> None:
    """Traffic beside a measurement, for a process of its own. Raises when any was refused."""
    if drive(port, iter(requests), rate=rate, connections=8).errors:
        raise RuntimeError("some of the other traffic was refused")
