"""Runners that stay: one for each connection whose webhooks come in, until it has been idle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from hub.runner.remote import Remote
from hub.sdk.errors import HubError, Retryable
from hub.watch import PluginFault

MAX_CALLS = 5000  # then a fresh one: what leaks ends with its process
MAX_WAITING = 200
IDLE_SECONDS = 600.0
Open = Callable[[], AbstractAsyncContextManager[Remote]]


@dataclass(slots=True, eq=False)
class _Worker:
    stack: AsyncExitStack
    terms: Hashable  # with which settings it was started
    remote: Remote
    calls: int = 0


@dataclass(slots=True, eq=False)
class _Place:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    worker: _Worker | None = None
    waiting: int = 0
    idle: asyncio.TimerHandle | None = None


class Workers:
    """At most one runner per key; calls to it come one after the other."""

    def __init__(self) -> None:
        self._places: dict[Hashable, _Place] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def at_work(self, key: Hashable, terms: Hashable, start: Open) -> AsyncIterator[Remote]:
        """The runner of this key, fresh when the terms changed. Raises Retryable when too many
        wait already. After a fault of the plugin the runner is ended."""
        place = self._places.setdefault(key, _Place())
        if place.waiting >= MAX_WAITING:
            raise Retryable("Too many deliveries wait for this connection.", after=30)
        place.waiting += 1
        try:
            async with place.lock:
                worker = await self._worker(place, terms, start)
                try:
                    yield worker.remote
                except BaseException as error:
                    if isinstance(error, PluginFault) or not isinstance(error, HubError):
                        await self._dismiss(place)
                    raise
                finally:
                    self._rest(place)
        finally:
            place.waiting -= 1

    async def close(self) -> None:
        """End them all."""
        for place in self._places.values():
            async with place.lock:
                await self._dismiss(place)
        if self._leaving:
            await asyncio.wait(self._leaving)

    async def _worker(self, place: _Place, terms: Hashable, start: Open) -> _Worker:
        if place.idle is not None:
            place.idle.cancel()
        worker = place.worker
        if worker is not None:
            spent = worker.calls >= MAX_CALLS or worker.remote.lost
            if spent or worker.terms != terms:
                await self._dismiss(place)
                worker = None
        if worker is None:
            stack = AsyncExitStack()
            worker = _Worker(stack, terms, await stack.enter_async_context(start()))
            place.worker = worker
        worker.calls += 1
        return worker

    def _rest(self, place: _Place) -> None:
        if place.worker is not None:
            loop = asyncio.get_running_loop()
            place.idle = loop.call_later(IDLE_SECONDS, self._send_home, place)

    def _send_home(self, place: _Place) -> None:
        async def leave() -> None:
            async with place.lock:
                await self._dismiss(place)

        task = asyncio.create_task(leave())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    @staticmethod
    async def _dismiss(place: _Place) -> None:
        worker, place.worker = place.worker, None
        if place.idle is not None:
            place.idle.cancel()
        if worker is not None:
            await worker.stack.aclose()
