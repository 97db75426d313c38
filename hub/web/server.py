"""Running ASGI applications in this process."""

from __future__ import annotations

import asyncio
import gc
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn

from hub.web.patience import Patient, patient, sweep

# The writer's thread must win the interpreter back from the busy loop several times per commit;
# with Python's 5 ms a commit takes 50 ms under load, and nobody gets an answer before it.
SWITCH_SECONDS = 0.0005
# Requests leave hardly any cycles, while the profiles in memory make each search for them long.
# Python's 700 would search after every few events.
GARBAGE = (20_000, 20, 20)


class PortInUse(Exception):
    """Another program listens there already."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises PortInUse."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio turns Nagle's delay off: 40 ms per answer otherwise.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortInUse(
            f"port {port} on {host} can not be opened ({error.strerror}): "
            "stop the other program, or choose another port with --port"
        ) from error
    listener.set_inheritable(True)
    return listener


class _Quiet(uvicorn.Server):
    """Leaves the signals to the one who started it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(
    app: Any, listener: socket.socket, *, farewell: float = 0.0
) -> AsyncIterator[int]:
    """The application answers on the socket until the block ends; gives its port.

    `farewell`: for so many seconds at most, open connections are told that they end.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(*GARBAGE)
    # No access log: it would write the addresses of visitors.
    config = uvicorn.Config(
        app, access_log=False, log_level="warning", log_config=None, lifespan="off",
        server_header=False, timeout_graceful_shutdown=3,
        proxy_headers=False,  # hub.web.client_ip reads them
        http=patient(),  # type: ignore[arg-type]  # called like a class
    )  # fmt: skip
    server = _Quiet(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    sweeping = asyncio.create_task(sweep(server.server_state.connections))
    while not server.started and not task.done():  # noqa: ASYNC110  (uvicorn offers no event)
        await asyncio.sleep(0.01)
    try:
        yield int(listener.getsockname()[1])
    finally:
        sweeping.cancel()
        if farewell:
            await _take_leave(server, farewell)
        server.should_exit = True
        await task
        listener.close()


async def _take_leave(server: uvicorn.Server, seconds: float) -> None:
    """A connection that is closed while a request is on its way takes it along unanswered: so each
    ends with an answer that says so, and only who is silent is cut off."""
    for accepting in server.servers:
        accepting.close()
    end = asyncio.get_running_loop().time() + seconds
    connections = server.server_state.connections
    while connections and asyncio.get_running_loop().time() < end:
        for connection in list(connections):
            if isinstance(connection, Patient):
                connection.end_soon()
        await asyncio.sleep(0.02)
