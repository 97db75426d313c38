"""A real `hub serve` in a process of its own, on a port that it keeps over restarts."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sysconfig
import time
from collections.abc import Sequence
from pathlib import Path

from tests.ports import free_port

HUB = str(Path(sysconfig.get_path("scripts")) / "hub")
PATIENCE = 60.0
LOOK_SECONDS = 0.01


class Served:
    """Started and killed as often as one likes; what it writes goes to `log` in its folder."""

    def __init__(self, folder: Path, url: str = "", command: Sequence[str] = (HUB,)) -> None:
        self.folder = folder
        self.url = url
        self.port = free_port()
        self.log = folder / "log"
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> float:
        """Answer after how many seconds it said that it is ready."""
        began = time.perf_counter()
        process = self._process = self._spawned()
        while not (await asked(self.port, "/ready")).startswith(b"HTTP/1.1 200"):
            if process.poll() is not None or time.perf_counter() - began > PATIENCE:
                raise RuntimeError(f"the hub did not start:\n{self.log.read_text()[-2000:]}")
            await asyncio.sleep(LOOK_SECONDS)
        return time.perf_counter() - began

    async def stumble(self, seconds: float) -> None:
        """Start it and kill it so soon, wherever it stands then."""
        self._process = self._spawned()
        await asyncio.sleep(seconds)
        self.kill()

    def _spawned(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            return subprocess.Popen(
                [*self._command, "serve", "--data", str(self.folder), "--port", str(self.port)],
                env={**os.environ, "HUB_DATABASE_URL": self.url}, stdout=output, stderr=output,
                cwd=Path(__file__).resolve().parents[2],
            )  # fmt: skip

    def kill(self) -> None:
        """As `kill -9` does; returns when it is gone."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    async def stop(self) -> float:
        """Ask it to leave; answer how many seconds that took. Raises when it left with a fault."""
        assert self._process is not None
        began = time.perf_counter()
        self._process.send_signal(signal.SIGTERM)
        while (code := self._process.poll()) is None:
            if time.perf_counter() - began > PATIENCE:
                raise RuntimeError("the hub did not stop")
            await asyncio.sleep(LOOK_SECONDS)
        if code:
            raise RuntimeError(f"the hub left with {code}:\n{self.log.read_text()[-2000:]}")
        return time.perf_counter() - began

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def leave(self) -> None:
        """Nothing of it stays, whatever happened."""
        if self.running:
            self.kill()


async def asked(port: int, path: str) -> bytes:
    """The answer to one GET; nothing when nobody is there."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return b""
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return await reader.read()
    except OSError:
        return b""
    finally:
        writer.close()
