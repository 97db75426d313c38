"""The two sides of a measurement: a hub and a bare Starlette endpoint, one process each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

TICKS = os.sysconf("SC_CLK_TCK")


class Server(msgspec.Struct):
    """A server process. `facts` is what it told of itself at start."""

    port: int
    pid: int
    facts: dict[str, object]

    def cpu_seconds(self) -> float:
        """User and system time of the process so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory_mb(self) -> float:
        text = Path(f"/proc/{self.pid}/status").read_text()
        return int(text.split("VmRSS:")[1].split()[0]) / 1024

    def projected(self) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health") as answer:
            return int(json.loads(answer.read())["projected"])

    def wait_projected(self, seq: int, patience: float = 120) -> float:
        """Wait until the projector stands at `seq`; answer how long that took."""
        start = time.perf_counter()
        while self.projected() < seq:
            if time.perf_counter() - start > patience:
                raise TimeoutError(f"the projector did not reach {seq}")
            time.sleep(0.01)
        return time.perf_counter() - start


@contextmanager
def running(module: str, *arguments: str) -> Iterator[Server]:
    """A server in a process of its own. It prints one line of JSON with its port when ready."""
    root = Path(__file__).resolve().parents[2]
    paths = [str(root), str(root / "plugins"), str(root / "widgets")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE, env=environment, cwd=tempfile.gettempdir(),
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{module} did not start")
        facts = json.loads(line)
        yield Server(int(facts["port"]), process.pid, facts)
    finally:
        process.terminate()
        process.wait(20)
