"""Ports for servers that are started by another process than the one that chose the port."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack

# Below 32768: above it the kernel hands ports to outgoing connections at any moment, also
# between this choice and the server's own bind.
_CHOICE = range(20_000, 32_000)


def free_port(run: int = 1) -> int:
    """The first of `run` ports in a row on 127.0.0.1 that nobody listens on now."""
    # Of its own: tests that seed `random` would all choose the same port.
    draw = random.SystemRandom()
    for _ in range(200):
        first = draw.choice(_CHOICE)
        if _free(first, run):
            return first
    raise RuntimeError(f"no {run} free ports in a row between {_CHOICE.start} and {_CHOICE.stop}")


def _free(first: int, run: int) -> bool:
    with ExitStack() as stack:
        for port in range(first, first + run):
            probe = stack.enter_context(socket.socket())
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
