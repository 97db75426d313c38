"""ready: whether the hub may be sent traffic now, and in a few words why not."""

from __future__ import annotations

import asyncio
import logging
import shutil

from hub.core import Hub
from hub.store.database import StoreUnavailable

log = logging.getLogger("hub.ready")

ANSWER_SECONDS = 2.0
# After a failed commit the hub stays out this long; then traffic shows whether it works again.
REST_SECONDS = 10.0
LEAST_FREE_BYTES = 32 * 1024**2


class Readiness:
    """Checks the hub at most once a second, however often it is asked."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._probe: asyncio.Task[str] | None = None
        self._checked_at = float("-inf")
        self._reasons: list[str] = []

    async def reasons(self) -> list[str]:
        """Why no traffic should come; nothing: it may."""
        hub = self._hub
        found = list(hub.closed_for.values())
        if not hub.views.running:
            found.append("the projector has stopped")
        elif hub.views.stuck:
            found.append("the projector is stuck")
        return found + await self._store()

    async def _store(self) -> list[str]:
        now = asyncio.get_running_loop().time()
        if now - self._checked_at >= 1:
            self._reasons = [reason for reason in (await self._asked(), self._disk()) if reason]
            self._checked_at = now
        failed = self._hub.writer.failed_at
        if failed is not None and now - failed < REST_SECONDS:
            return self._reasons or ["the last events could not be stored"]
        return self._reasons

    async def _asked(self) -> str:
        # Not cancelled when it takes long: a probe that hangs is asked about again, not doubled.
        if self._probe is None:
            self._probe = asyncio.create_task(_may_write(self._hub), name="hub-ready")
        probe = self._probe
        done, _ = await asyncio.wait([probe], timeout=ANSWER_SECONDS)
        if not done:
            return "the database does not answer"
        if self._probe is probe:
            self._probe = None
        return probe.result() if not probe.cancelled() else "the hub is stopping"

    def _disk(self) -> str:
        if "disk" in self._hub.closed_for:  # said already
            return ""
        free = shutil.disk_usage(self._hub.settings.data_dir).free
        return "the disk is full" if free < LEAST_FREE_BYTES else ""


async def _may_write(hub: Hub) -> str:
    """Begin a writing transaction and leave it: what a write needs, without one."""
    try:
        async with hub.database.transaction() as transaction:
            if hub.database.dialect == "postgres":
                sql = "SELECT current_setting('transaction_read_only')"
                if (await transaction.fetch(sql))[0][0] != "off":
                    return "the database takes no writes"
    except StoreUnavailable:
        return "the database takes no writes"
    except Exception:  # whoever asks needs an answer, whatever is wrong
        log.exception("the database could not be asked")
        return "the database does not answer"
    return ""
