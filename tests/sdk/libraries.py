"""The published libraries that package.json names, installed beside it."""

from __future__ import annotations

import asyncio
import fcntl
import shutil
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
# Not `npm ci`: it wants every optional part of every platform to be in the lock file.
INSTALL = (
    "install --no-save --omit=optional --ignore-scripts --no-audit --no-fund --silent "
    "--omit-lockfile-registry-resolved"
).split()


async def installed() -> str:
    """The path of node, with the libraries of the lock file at hand; skips where there are none."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("there is no Node on this machine to run the libraries with")
    with (HERE / "package-lock.json").open() as lock:
        # Another test process may be installing them at this moment.
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        if not (MODULES / ".package-lock.json").exists():
            run = await asyncio.create_subprocess_exec(npm, *INSTALL, cwd=HERE)
            if await run.wait():
                pytest.skip("npm could not install the published libraries")
    return node
