"""The ticks of one hub: deliver mail, sync connections, note which sources were seen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from hub.clock import to_ms
from hub.core import Hub
from hub.flows.activity import count_past_days
from hub.flows.backup_nightly import backup_due
from hub.flows.deliver import deliver_due
from hub.flows.disk import look_after_disk
from hub.flows.erase import carry_on_all
from hub.flows.lake import seal_due
from hub.flows.retention import retention_due
from hub.flows.tee import tee_due
from hub.store.models import Connection, Source

log = logging.getLogger("hub.jobs")
SYNC_EVERY_MS = 15 * 60_000
GRACE_SECONDS = 10.0
RETRY_MS = 60_000  # a shop that does not answer is not called again and again


class Schedule:
    """Starts and stops the ticks. A tick that fails is logged and comes again."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._seen: dict[int, int] = {}
        self._tried: dict[int, int] = {}
        self._running: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        for seconds, tick in (
            (1, self.deliver), (1, self.watch_disk), (5, self.sync_due), (10, self.note_seen),
            (60, self.back_up), (30, self.erase), (60, self.forget_old), (60, self.count_days),
            (60, self.seal_days), (5, self.pass_on),
        ):  # fmt: skip
            self._scheduler.add_job(
                self.guarded(tick),
                IntervalTrigger(seconds=seconds),
                id=tick.__name__,
                max_instances=1,
                coalesce=True,
            )
        self._scheduler.start()

    async def close(self) -> None:
        """Let the ticks under way end: a mail that was handed over must be noted as sent."""
        self._scheduler.pause()
        if self._running:
            await asyncio.wait(self._running, timeout=GRACE_SECONDS)
        self._scheduler.shutdown(wait=False)
        await self._try(self.note_seen)  # the database may be away: the rest must end in order

    async def deliver(self) -> None:
        while await deliver_due(self._hub):
            pass

    async def watch_disk(self) -> None:
        await look_after_disk(self._hub)

    async def erase(self) -> None:
        await carry_on_all(self._hub)

    async def forget_old(self) -> None:
        await retention_due(self._hub)

    async def count_days(self) -> None:
        await count_past_days(self._hub)

    async def seal_days(self) -> None:
        await seal_due(self._hub)

    async def pass_on(self) -> None:
        await tee_due(self._hub)

    async def sync_due(self) -> None:
        """Sync what was not synced for a while, and what a webhook asked for."""
        now = to_ms(self._hub.clock.now())
        wanted, self._hub.wanted = self._hub.wanted, set()
        for connection in await Connection.filter(status__in=["ready", "syncing"]):
            source = self._hub.sources.get(connection.source_id)
            if source is None or not source.enabled:
                continue
            late = now - connection.last_sync_at > SYNC_EVERY_MS
            rested = now - self._tried.get(connection.id, 0) > RETRY_MS
            if connection.id not in wanted and not (late and rested):
                continue
            if self._hub.runs.start(connection.id):
                self._tried[connection.id] = now
            elif connection.id in wanted:  # the run under way may be past what is wanted
                self._hub.wanted.add(connection.id)

    async def back_up(self) -> None:
        await backup_due(self._hub)

    async def note_seen(self) -> None:
        for source_id, at in list(self._hub.seen.items()):
            if self._seen.get(source_id) != at:
                self._seen[source_id] = at
                await Source.filter(id=source_id).update(last_seen=at)

    def guarded(self, tick: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """The tick as the scheduler runs it: its faults end here, and `close` waits for it."""

        async def run() -> None:
            task = asyncio.create_task(self._try(tick))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            await asyncio.wait([task])

        return run

    async def _try(self, tick: Callable[[], Awaitable[None]]) -> None:
        try:
            await tick()
        except Exception:  # the next tick tries again; a dead scheduler would be silent
            log.exception("a scheduled task failed")
