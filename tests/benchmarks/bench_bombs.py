"""B14: what each request made to hurt costs the hub: its answer, CPU and memory. And clients that
never finish what they say: others are served meanwhile, and the connections are gone in the end."""

from __future__ import annotations

import socket
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.benchmarks.bench_overload import keys
from tests.benchmarks.bombs import REFUSED, Bomb, bombs
from tests.benchmarks.servers import Server, running

CPU_MS = 200
RSS_MB = 50
SLOW_CLIENTS = 500
PATIENCE = 60.0


def run(quick: bool) -> list[dict[str, Any]]:
    """Every bomb once, then 500 slow clients (50 when quick)."""
    with (
        tempfile.TemporaryDirectory(prefix="hub-bombs-") as folder,
        running("tests.benchmarks.hub_whole", folder) as server,
    ):
        key = keys(server)[0]
        throw(server.port, Bomb("warm up", bombs()[6].parts), key)
        rows = [_measured(server, bomb, key) for bomb in bombs()]
        return [*rows, *_slow(server, key, 50 if quick else SLOW_CLIENTS, quick=quick)]


def throw(port: int, bomb: Bomb, key: str) -> int:
    """Send one and answer the status, 0 when the connection was cut without any."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
        try:
            for part in bomb.parts(key):
                line.sendall(part)
        except OSError:
            pass  # refused before it was sent whole
        try:
            while part := line.recv(65536):
                answer += part
        except OSError:
            pass
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


def _measured(server: Server, bomb: Bomb, key: str) -> dict[str, Any]:
    start_peak(server)
    before, cpu = server.memory_mb(), server.cpu_seconds()
    status = throw(server.port, bomb, key)
    cpu = (server.cpu_seconds() - cpu) * 1000
    memory = peak_mb(server) - before
    fine = status == 200 if bomb.each else status in REFUSED
    return _row(f"B14 {bomb.name}", status, f"{cpu:.0f} ms, {memory:+.0f} MB",
                "each event" if bomb.each else "", f"< {CPU_MS} ms, < {RSS_MB} MB",
                fine and cpu < CPU_MS and memory < RSS_MB)  # fmt: skip


def start_peak(server: Server) -> None:
    """From now on `peak_mb` counts."""
    Path(f"/proc/{server.pid}/clear_refs").write_text("5")


def peak_mb(server: Server) -> float:
    """The most memory that the server had."""
    text = Path(f"/proc/{server.pid}/status").read_text()
    return int(text.split("VmHWM:")[1].split()[0]) / 1024


def _slow(server: Server, key: str, clients: int, *, quick: bool) -> list[dict[str, Any]]:
    head = f"POST /v1/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n".encode()
    starts = [head, head + b"Content-Length: 3000000\r\n\r\n" + b" " * 50_000]
    before = server.memory_mb()
    lines = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(clients)]
    for number, line in enumerate(lines):
        line.sendall(starts[number % 2])
    began = time.perf_counter()
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/admin/login") as page:
        page.read()
    served = (time.perf_counter() - began) * 1000
    memory = server.memory_mb() - before
    found = [
        _row(f"B14 {clients} clients that never finish: others wait", served, "ms", "", "< 500",
             served < 500),
        _row(f"B14 {clients} clients that never finish: memory", memory, "MB", "", f"< {RSS_MB}",
             memory < RSS_MB),
    ]  # fmt: skip
    if not quick:
        found.append(_row("B14 clients that never finish: closed after", _closed(lines, began),
                          "s", "", "< 45", time.perf_counter() - began < 45))  # fmt: skip
    for line in lines:
        line.close()
    return found


def _closed(lines: list[socket.socket], began: float) -> float:
    for line in lines:
        line.settimeout(PATIENCE)
        try:
            while line.recv(4096):
                pass
        except ConnectionError:
            pass
    return time.perf_counter() - began


def _row(
    name: str, value: float, unit: str, control: str, target: object, met: bool | None
) -> dict[str, Any]:
    return {
        "name": name, "value": value, "unit": unit, "control": control, "target": target,
        "met": met,
    }  # fmt: skip
