"""Decisions are written beside the answer, a few at a time: a page never waits for them."""

from __future__ import annotations

import asyncio
import logging

from hub.store.database import Database, Row, StoreUnavailable

log = logging.getLogger("hub.decide")

DECISION_SQL = "INSERT INTO decision (id, at, node_id, seq, record) VALUES (?,?,?,?,?)"
REFUSAL_SQL = "INSERT INTO refusal (at, output, purpose, reason, node_id) VALUES (?,?,?,?,?)"
MAX_WAITING = 10_000
PAUSE_SECONDS = 0.2


class DecisionLog:
    """Collects decision rows and writes them in batches; drops them when the disk is full."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[Row] = []
        self.dropped = 0
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="hub-decisions")

    def add(self, row: Row) -> None:
        if len(self._waiting) >= MAX_WAITING:
            self.dropped += 1
        else:
            self._waiting.append(row)

    async def flush(self) -> None:
        """Write what waits."""
        rows, self._waiting = self._waiting, []
        if not rows:
            return
        try:
            # A record of what was shown, not a promise: a power cut may take the newest ones.
            await self._database.write([(DECISION_SQL, rows)], durable=False)
        except StoreUnavailable as error:
            self.dropped += len(rows)
            log.error("%s decisions were not recorded: %s", len(rows), error)
        except Exception:  # one bad row must not end the recording of all later ones
            self.dropped += len(rows)
            log.exception("%s decisions were not recorded", len(rows))

    async def close(self) -> None:
        self._closing.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while not self._closing.is_set():
            try:
                async with asyncio.timeout(PAUSE_SECONDS):
                    await self._closing.wait()
            except TimeoutError:
                pass
            await self.flush()
