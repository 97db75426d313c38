"""The process from which runners are forked: small, without threads, and with nothing to steal.

Python and the SDK are imported once, here; a fork then costs milliseconds. The hub speaks to it
over one socket: `F` with two descriptors (the runner's wire and its output) answers a pid, `R` and
a pid ends that runner with all that it started and answers how it had ended.
"""

from __future__ import annotations

import importlib
import os
import signal
import socket
import struct
import sys

from hub.runner import cage

COMMAND = struct.Struct("!ci")
ANSWER = struct.Struct("!i")
# The last ones are imported by httpx and the resolver at their first use.
WARM = (
    "hub.runner.child", "hub.sdk.hookspecs", "hub.sdk.paging",
    "httpcore", "h11", "anyio._backends._asyncio", "encodings.idna",
)  # fmt: skip


def main(handle: int) -> None:
    """Serve until the hub closes the socket, then end every runner."""
    _warm_up()
    control = socket.socket(fileno=handle)
    control.set_inheritable(False)
    cage.adopt_orphans()
    alive: set[int] = set()
    try:
        _serve(control, alive)
    finally:
        for pid in alive:
            _end(pid)
        _sweep(set())
        os._exit(0)


def _warm_up() -> None:
    """Import before the first fork what each runner needs, so that all share it."""
    sys.modules["rich"] = None  # type: ignore[assignment]  # httpx's command line, unused
    for name in WARM:
        importlib.import_module(name)
    del sys.modules["rich"]


def _serve(control: socket.socket, alive: set[int]) -> None:
    while True:
        said, handles, _, _ = socket.recv_fds(control, COMMAND.size, 2)
        while said and len(said) < COMMAND.size:
            said += control.recv(COMMAND.size - len(said))
        if not said:
            return
        command, pid = COMMAND.unpack(said)
        if command == b"F":
            answer = _fork(control, handles)
            alive.add(answer)
        else:
            answer = _end(pid)
            alive.discard(pid)
            _sweep(alive)
        control.sendall(ANSWER.pack(answer))


def _fork(control: socket.socket, handles: list[int]) -> int:
    pid = os.fork()
    if pid:
        for handle in handles:
            os.close(handle)
        _lead_group(pid)
        return pid
    code = 1
    try:
        control.close()
        _lead_group(0)
        wire, output = handles
        nothing = os.open(os.devnull, os.O_RDONLY)
        for old, new in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(old, new)
        os.close(nothing)
        os.close(output)
        from hub.runner.child import run

        code = run(wire)
    finally:
        os._exit(code)


def _lead_group(pid: int) -> None:
    try:
        os.setpgid(pid, pid)
    except OSError:  # the other side of the fork was first
        return


def _end(pid: int) -> int:
    _kill(pid)
    try:
        _, status = os.waitpid(pid, 0)
    except ChildProcessError:
        return 0
    return status


def _kill(pid: int) -> None:
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except OSError:  # gone already
            continue


def _sweep(alive: set[int]) -> None:
    """End what runners started in groups of its own: orphans come to this process."""
    if sys.platform != "linux":
        return
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit() or int(entry.name) in alive:
            continue
        try:
            with open(f"/proc/{entry.name}/stat", "rb") as file:
                parent = int(file.read().rpartition(b")")[2].split()[1])
        except (OSError, ValueError, IndexError):  # gone meanwhile
            continue
        if parent == os.getpid():
            _end(int(entry.name))
