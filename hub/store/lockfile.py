"""One process writes a SQLite workspace; the lock file says which."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class DataFolderInUse(Exception):
    """Another hub has this data folder open."""


class LockFile:
    """Held from opening to closing; the operating system frees it when the process dies."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(folder / "hub.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._handle, 20).decode() or "unknown"
            os.close(self._handle)
            raise DataFolderInUse(
                f"{folder} is open in another hub (process {holder}): stop it first, "
                "or name another folder with --data"
            ) from error
        os.ftruncate(self._handle, 0)
        os.write(self._handle, str(os.getpid()).encode())

    def release(self) -> None:
        os.close(self._handle)
