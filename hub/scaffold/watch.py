"""The plugin's folder as it is now: looked at again whenever a file in it changes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import msgspec

from hub.scaffold.parts import Report
from hub.scaffold.show import failed

PAUSE = 0.3  # seconds between two looks at the files' times
PATIENCE = 30.0  # seconds until a plugin that hangs is ended
Times = dict[str, tuple[int, int]]


class Watched:
    """The newest report on a folder; `version` grows with each."""

    def __init__(self, folder: Path, patience: float = PATIENCE) -> None:
        self._folder = folder
        self._patience = patience
        self._changed = asyncio.Condition()
        self.version = 0
        self.ended = False
        self.report = Report(folder.name)

    async def follow(self) -> None:
        """Look, and look again after each change, until cancelled; then nobody waits any more."""
        seen: Times | None = None
        try:
            while True:
                now = file_times(self._folder)
                if now != seen:
                    seen = now
                    await self._tell(await look_once(self._folder, self._patience))
                await asyncio.sleep(PAUSE)
        finally:
            self.ended = True
            await self._tell(self.report)

    async def _tell(self, report: Report) -> None:
        async with self._changed:
            self.report, self.version = report, self.version + 1
            self._changed.notify_all()

    async def newer(self, version: int, seconds: float = 25.0) -> int:
        """The version as soon as it is another than this one, or after a while."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: self.version != version)
        return self.version


def file_times(folder: Path) -> Times:
    """Size and time of change of every file that an author writes."""
    found: Times = {}
    for path, folders, names in os.walk(folder):
        folders[:] = [f for f in folders if not f.startswith(".") and f != "__pycache__"]
        for name in names:
            file = os.path.join(path, name)
            with contextlib.suppress(OSError):  # gone between listing and looking
                status = os.stat(file)
                found[file] = (status.st_mtime_ns, status.st_size)
    return found


async def look_once(folder: Path, patience: float = PATIENCE) -> Report:
    """The report of a fresh process that loaded the folder."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.scaffold.show", str(folder),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, start_new_session=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    try:
        async with asyncio.timeout(patience):
            out, err = await process.communicate()
    except TimeoutError:
        return failed(folder, f"It did not come to an end within {patience:g} seconds: "
                      "does it wait for something, or loop?")  # fmt: skip
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    try:
        return msgspec.json.decode(out, type=Report)
    except msgspec.DecodeError:
        words = err.decode("utf-8", "replace").strip()[-2000:]
        return failed(folder, f"Its process ended with status {process.returncode}. {words}")
