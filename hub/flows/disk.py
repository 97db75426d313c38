"""disk: what the hub does before its disk is full, so that everything but new events goes on.

A file of some size, the ballast, lies in the data folder. When space runs out the hub removes it,
takes no events any more, and lets retention run in the room that this gives. With space again it
goes on by itself. The disk of PostgreSQL is not ours to watch: its answers say when it is full.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from pathlib import Path

from hub.core import Hub
from hub.flows.retention import retention
from hub.store.database import StoreUnavailable
from hub.store.folder import BALLAST

log = logging.getLogger("hub.disk")

PART = "disk"
LEAST_FREE_BYTES = 32 * 1024**2
# Rows that retention removed leave room in the file: with so much of it events may come again.
REUSABLE_BYTES = 32 * 1024**2


def to_free(hub: Hub) -> int:
    """Megabytes that must be free before events are taken again."""
    return LEAST_FREE_BYTES // 1024**2 + hub.settings.ballast_mb


async def look_after_disk(hub: Hub) -> None:
    """One look: close the intake when space runs out, open it when there is some again."""
    if hub.database.dialect != "sqlite":
        return
    ballast = hub.settings.data_dir / BALLAST
    wanted = hub.settings.ballast_mb * 1024**2
    free = shutil.disk_usage(hub.settings.data_dir).free
    if free < LEAST_FREE_BYTES:
        if not hub.writer.shut:
            _close(hub, ballast)
            await _make_room(hub)
    elif hub.writer.shut and (
        free >= LEAST_FREE_BYTES + wanted or await _reusable(hub) >= REUSABLE_BYTES
    ):
        _open(hub)
    if not hub.writer.shut and free >= LEAST_FREE_BYTES + 2 * wanted:
        await asyncio.to_thread(_keep, ballast, wanted)


def _close(hub: Hub, ballast: Path) -> None:
    text = (
        f"the disk is full: free {to_free(hub)} MB on the disk of {hub.settings.data_dir}; "
        "no events are taken until then, and nothing that was accepted is lost"
    )
    ballast.unlink(missing_ok=True)
    hub.writer.shut = "the disk is full: nothing that was accepted is lost"
    hub.closed_for[PART] = (
        f"the disk is full: free {to_free(hub)} MB on the disk of the data folder"
    )
    hub.attention[PART] = text
    log.error("%s", text)


def _open(hub: Hub) -> None:
    hub.writer.shut = ""
    hub.closed_for.pop(PART, None)
    hub.attention.pop(PART, None)
    log.warning("the disk has space again: events are taken")


async def _make_room(hub: Hub) -> None:
    try:
        removed = sum(line.rows for line in await retention(hub))
        log.warning("retention removed %s rows to make room", removed)
    except StoreUnavailable as error:  # the nightly run does it
        log.warning("retention could not run: %s", error)


async def _reusable(hub: Hub) -> int:
    """Bytes of the database file that hold nothing any more."""
    ((pages, size),) = await hub.database.fetch(
        "SELECT freelist_count, page_size FROM pragma_freelist_count(), pragma_page_size()"
    )
    return int(pages) * int(size)


def _keep(ballast: Path, wanted: int) -> None:
    """Make the ballast, or one of another size, when it is not there yet."""
    if not wanted:
        ballast.unlink(missing_ok=True)
    elif not ballast.exists() or ballast.stat().st_size != wanted:
        _make(ballast, wanted)


def _make(ballast: Path, wanted: int) -> None:
    try:
        handle = os.open(ballast, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.posix_fallocate(handle, 0, wanted)  # a sparse file would hold no space
        finally:
            os.close(handle)
    except OSError as error:
        ballast.unlink(missing_ok=True)
        log.warning("the ballast could not be made: %s", error)
