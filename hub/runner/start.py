"""Starting runners, and ending them with all that they started: the hub's side of the zygote."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass

from hub.runner.zygote import ANSWER, COMMAND
from hub.sdk.errors import Retryable

log = logging.getLogger("hub.runner")
# All that a runner sees of the environment: where programs, zones and certificates are.
KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")
PATIENCE_SECONDS = 30.0


@dataclass(slots=True, eq=False)
class Process:
    """A runner that was started: its wire, what it prints, and its number."""

    pid: int
    wire: socket.socket
    output: socket.socket


class Zygote:
    """The process that forks runners. It starts at the first use, and again should it die."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._lock = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def fork(self) -> Process:
        """A fresh runner. Raises Retryable when this machine can not start one."""
        ours, theirs = socket.socketpair()
        output, printed = socket.socketpair()
        try:
            pid = await self._say(b"F", 0, [theirs.fileno(), printed.fileno()])
        except BaseException:
            ours.close()
            output.close()
            raise
        finally:
            theirs.close()
            printed.close()
        ours.setblocking(False)
        output.setblocking(False)
        return Process(pid, ours, output)

    async def end(self, pid: int) -> int:
        """Kill the runner and what it started, if it still runs; how it ended."""
        try:
            return await self._say(b"R", pid, [])
        except Retryable:  # the zygote is gone, and its runners with it
            return 0

    async def close(self) -> None:
        """End the zygote and every runner."""
        async with self._turn():
            await self._drop()

    def _turn(self) -> asyncio.Lock:
        """One at a time speaks to it; a lock belongs to one loop, and a test has its own."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._lock = loop, asyncio.Lock()
        return self._lock

    async def _say(self, command: bytes, number: int, handles: list[int]) -> int:
        # A caller that is cancelled must not leave its answer to the next one.
        return await asyncio.shield(self._exchange(command, number, [os.dup(h) for h in handles]))

    async def _exchange(self, command: bytes, number: int, handles: list[int]) -> int:
        try:
            async with self._turn():
                control = self._control or (self._start() if command == b"F" else None)
                if control is None:
                    raise Retryable("The process for plugins is not running.")
                try:
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        return await self._tell(control, command, number, handles)
                except (OSError, TimeoutError, EOFError) as error:
                    log.error("the process for plugins does not answer: %r", error)
                    await self._drop()
                    raise Retryable("The process for plugins ended; another is started.") from None
        finally:
            for handle in handles:
                os.close(handle)

    @staticmethod
    async def _tell(control: socket.socket, command: bytes, number: int, handles: list[int]) -> int:
        loop = asyncio.get_running_loop()
        socket.send_fds(control, [COMMAND.pack(command, number)], handles)
        answer = b""
        while len(answer) < ANSWER.size:
            piece = await loop.sock_recv(control, ANSWER.size - len(answer))
            if not piece:
                raise EOFError("it is gone")
            answer += piece
        (result,) = ANSWER.unpack(answer)
        return int(result)

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        handle = theirs.fileno()
        code = f"import sys; sys.path[:] = {sys.path!r}; from hub.runner import zygote; "
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        # Else each thread of a runner reserves far more than it uses of the memory it may have.
        environment |= {"MALLOC_ARENA_MAX": "2", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        self._process = subprocess.Popen(  # noqa: S603  (this Python, and no shell)
            [sys.executable, "-P", "-c", f"{code}zygote.main({handle})"],
            pass_fds=[handle], env=environment, cwd="/", start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        theirs.close()
        ours.setblocking(False)
        self._control = ours
        return ours

    async def _drop(self) -> None:
        control, self._control = self._control, None
        process, self._process = self._process, None
        if control is not None:
            control.close()
        if process is None:
            return
        try:
            await asyncio.to_thread(process.wait, 5)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)


def how_it_ended(status: int) -> str:
    """A process's end in words."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        name = signal.Signals(number).name if number in set(signal.Signals) else str(number)
        return f"its process was ended by {name}"
    return f"its process ended by itself with code {os.WEXITSTATUS(status)}"
