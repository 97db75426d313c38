"""How long a client may take for its request, how large its head may be, and how many connections
one address may have: else a few clients that send a byte now and then would take all there are."""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from hub.web.client_ip import read_address
from hub.web.wire import Receive, Scope, Send

HEAD_SECONDS = 10.0
BODY_SECONDS = 30.0
BODY_RATE = 16 * 1024  # a large body has a second more for each so many bytes
HEAD_BYTES = 64 * 1024
HEADERS = 128
SWEEP_SECONDS = 1.0
# Of all the connections that this process may have, one address gets so many.
ADDRESS_PART = 4
# Without the header by which a page of another site may read the answer: to a browser this is a
# line that broke, and it sends again.
_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_LARGE = _SLOW.replace(b"408 Request Timeout", b"431 Request Header Fields Too Large")


class Patient(HttpToolsProtocol):
    """One connection, of which `began` says since when we wait for the rest of a request."""

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None, *, addresses: Counter[str], most: int,
    ) -> None:  # fmt: skip
        super().__init__(config, server_state, app_state, _loop)
        self._addresses, self._most = addresses, most
        self._address = ""
        self.began: float | None = None
        self._in_head = True
        self._got = 0
        self._last = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.began = self.loop.time()
        if self.client and _strange(self.client[0]):
            self._address = self.client[0]
            self._addresses[self._address] += 1
            if self._addresses[self._address] > self._most:
                transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.began = None
        if self._address:
            self._addresses[self._address] -= 1
            if not self._addresses[self._address]:
                del self._addresses[self._address]
            self._address = ""

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        super().data_received(data)
        self._got += len(data)
        if self._in_head and self._got > HEAD_BYTES:
            self._give_up(_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.began = self.loop.time()
        self._in_head = True
        self._got = 0

    def on_headers_complete(self) -> None:
        self._in_head = False
        if len(self.headers) > HEADERS:
            self.app = _too_many_headers
        super().on_headers_complete()
        if self._last:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.began = None

    def end_soon(self) -> None:
        """The next answer, or the one under way, is the last one, and says so."""
        self._last = True
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False

    def look(self, now: float) -> None:
        """Close the connection when the rest of its request is late."""
        if self.began is None or self.transport.is_closing():
            return
        if self._in_head:
            busy = self.cycle is not None and not self.cycle.response_complete
            late = not busy and now - self.began > HEAD_SECONDS
        else:  # as long as we are the ones who do not read, nobody is late
            late = now - self.began > BODY_SECONDS + self._got / BODY_RATE
            late = late and not self.flow.read_paused
        if late:
            self._give_up(_SLOW)

    def _give_up(self, answer: bytes) -> None:
        started = self.cycle is not None and not self._in_head and self.cycle.response_started
        if self._got and not started:  # who never said a word expects no answer
            self.transport.write(answer)
        self.transport.close()


async def _too_many_headers(_: Scope, __: Receive, send: Send) -> None:
    headers = [(b"content-length", b"0"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 431, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


@lru_cache(maxsize=1024)
def _strange(address: str) -> bool:
    """Whether it is none of our own machines: a proxy before the hub has many connections."""
    found = read_address(address)
    return found is not None and found.is_global


def patient() -> Callable[..., Patient]:
    """What makes the connections of one server."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return partial(Patient, addresses=Counter(), most=files // ADDRESS_PART)


async def sweep(connections: set[Any]) -> None:
    """Look after all connections of a server, for ever."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        for connection in list(connections):
            if isinstance(connection, Patient):
                connection.look(loop.time())
