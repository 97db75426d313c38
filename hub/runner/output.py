"""What a runner prints goes to the hub's log: line by line, bounded, without its secrets."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterable

from hub.sdk.secret import SecretText, scrub

log = logging.getLogger("hub.plugins.output")
CHUNK = 64 * 1024
PAUSE_SECONDS = 0.05  # so that a plugin which prints without end costs the hub little
MAX_LINE = 500
MAX_LINES = 1000


class Scrubber:
    """Blanks the secrets of one connection in a text, also as they look in a repr."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {form for text in secrets if len(text) > 3 for form in (text, repr(text)[1:-1])}
        self._secrets = tuple(SecretText(text) for text in sorted(known, key=len, reverse=True))

    def __call__(self, text: str) -> str:
        return scrub(text, self._secrets)


async def pass_on(output: socket.socket, plugin: str, hide: Scrubber) -> None:
    """Log what comes out of the socket until it ends."""
    loop = asyncio.get_running_loop()
    rest, lines = "", 0
    while True:
        try:
            chunk = await loop.sock_recv(output, CHUNK)
        except OSError:
            return
        # The end of a chunk may be half a secret: it waits for the rest of its line.
        *complete, rest = (rest + chunk.decode("utf-8", "replace")).split("\n")
        rest = rest[-CHUNK:]
        if not chunk and rest:
            complete, rest = [rest], ""
        for line in complete:
            if lines < MAX_LINES and line.strip():
                shown = "".join(c if c.isprintable() else " " for c in hide(line)[:MAX_LINE])
                log.info("plugin %s: %s", plugin, shown)
            lines += 1
            if lines == MAX_LINES:
                log.warning("plugin %s printed %s lines; no more is shown", plugin, MAX_LINES)
        if not chunk:
            return
        await asyncio.sleep(PAUSE_SECONDS)
