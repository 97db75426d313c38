"""A backup each night, in a process of its own, and how the last one went."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

import msgspec
import orjson

from hub.clock import from_ms, to_ms
from hub.core import Hub
from hub.flows.backup import backup_folder, has_key
from hub.flows.backup_rotation import newest
from hub.settings import Settings

JOB = "backup"
NIGHT_HOUR = 3  # of the workspace's day; missed or failed, it is tried again each hour
LIMIT_SECONDS = 6 * 3600
TOO_OLD = timedelta(hours=36)
_COMMAND = "from hub.cli import main; main()"


class BackupState(msgspec.Struct, frozen=True):
    """For the health page; `remedy` is one sentence."""

    state: Literal["good", "look", "bad"]
    value: str
    remedy: str = ""


async def backup_due(hub: Hub) -> bool:
    """Make tonight's backup if it is time, there is a key, and nobody else did."""
    if not has_key(hub.settings):
        return False
    now = hub.clock.now()
    local = now.astimezone(hub.workspace.zone)
    if local.hour < NIGHT_HOUR:
        return False
    tonight = await hub.database.fetch(
        "SELECT counts FROM job_run WHERE job = ? AND slot LIKE ?", (JOB, f"{local:%Y-%m-%d}%")
    )
    if any("bytes" in orjson.loads(row[0]) for row in tonight):
        return False
    slot = f"{local:%Y-%m-%dT%H}"
    async with hub.database.transaction() as transaction:
        first = await transaction.execute(
            "INSERT INTO job_run (job, slot, started_at, finished_at, counts) "
            "VALUES (?, ?, ?, 0, '{}') ON CONFLICT (job, slot) DO NOTHING",
            (JOB, slot, to_ms(now)),
        )
    if not first:
        return False
    outcome = await run_backup(hub.settings)
    await hub.database.write([(
        "UPDATE job_run SET finished_at = ?, counts = ? WHERE job = ? AND slot = ?",
        [(to_ms(hub.clock.now()), orjson.dumps(outcome).decode(), JOB, slot)],
    )])  # fmt: skip
    return True


async def run_backup(settings: Settings) -> dict[str, object]:
    """Run `hub backup`; its size, or why it failed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _COMMAND, "backup", "--nightly", "--data", str(settings.data_dir),
        env=_environment(settings), stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        _, said = await asyncio.wait_for(process.communicate(), LIMIT_SECONDS)
    except BaseException as error:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if isinstance(error, TimeoutError):
            return {"error": "it took more than six hours and was stopped"}
        raise
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines() or ["it ended without a word"]
        return {"error": lines[-1].removeprefix("Error: ")[:300]}
    made = newest(backup_folder(settings))
    return {"bytes": made[0].stat().st_size if made else 0}


def _environment(settings: Settings) -> Mapping[str, str]:
    """What this hub was told by other ways than its hub.toml."""
    told = {"HUB_DATABASE_URL": settings.database_url}
    if settings.backup_dir is not None:
        told["HUB_BACKUP_DIR"] = str(settings.backup_dir.absolute())
    return {**os.environ, **told}


async def backup_state(hub: Hub) -> BackupState:
    """Whether this shop could lose its data."""
    if not has_key(hub.settings):
        return BackupState(
            "look", "-", "Run `hub backup` once on the server and write the key down; from then "
            "on one is made each night."
        )  # fmt: skip
    made = newest(backup_folder(hub.settings))
    value = f"{made[1]:%Y-%m-%d %H:%M} UTC" if made else "-"
    rows = await hub.database.fetch(
        "SELECT finished_at, counts FROM job_run WHERE job = ? AND finished_at > 0 "
        "ORDER BY finished_at DESC LIMIT 1", (JOB,)
    )  # fmt: skip
    error = orjson.loads(rows[0][1]).get("error") if rows else None
    if error and (made is None or made[1] < from_ms(rows[0][0])):
        return BackupState("bad", value, f"The last backup failed: {error}")
    if made is None or hub.clock.now() - made[1] > TOO_OLD:
        return BackupState("bad", value, "No backup for a day and a half: run `hub backup` now.")
    return BackupState("good", value)
