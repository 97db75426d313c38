"""The far side: one connector, its settings and its secret, and a wire to the hub."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import msgspec
import orjson
import pluggy

from hub.runner import cage
from hub.runner.loading import load_module
from hub.runner.parts import hook_answer, parts_of
from hub.runner.wire import (
    Ask,
    Done,
    Failed,
    FrameTooLarge,
    More,
    Start,
    ToHub,
    Told,
    Want,
    failure,
    framed,
    read_frame,
    to_child,
)
from hub.sdk.client import HttpClient
from hub.sdk.connector import Connector, Context, declared_hosts
from hub.sdk.errors import Broken
from hub.sdk.guard import Guard
from hub.sdk.push import Change
from hub.sdk.records import Identifier
from hub.sdk.secret import SecretText
from hub.sdk.webhooks import live_secrets


def run(wire: int) -> int:
    """Serve one hub over the descriptor until it closes it; the exit code."""
    asyncio.run(_serve(socket.socket(fileno=wire)))
    return 0


class WireClock:
    """The hub's clock, as it was when the hub spoke last and as it has ticked since."""

    def __init__(self) -> None:
        self._said = datetime.min
        self._since = 0.0
        self.ticks = True

    def set(self, now: datetime) -> None:
        self._said, self._since = now, monotonic()

    def now(self) -> datetime:
        passed = timedelta(seconds=monotonic() - self._since)
        return self._said + passed if self.ticks else self._said


class Wire:
    """Frames to and from the hub; answers find those who wait for them."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._wanted: dict[int, asyncio.Future[Told]] = {}
        self._more: asyncio.Queue[None] = asyncio.Queue()
        self._asked: asyncio.Queue[Ask | None] = asyncio.Queue()
        self.clock = WireClock()
        self.listening: asyncio.Task[None] | None = None

    async def start(self) -> Start | None:
        """The hub's first words; None when it has gone already."""
        try:
            first = to_child.decode(await read_frame(self._reader))
        except asyncio.IncompleteReadError:
            return None
        assert isinstance(first, Start)
        self.clock.ticks = first.ticks
        self.clock.set(first.now)
        self.listening = asyncio.create_task(self._listen())
        return first

    async def asked(self) -> Ask | None:
        """The next thing to do; None when the hub wants nothing more."""
        return await self._asked.get()

    async def say(self, frame: ToHub) -> None:
        self._writer.write(framed(frame))
        await self._writer.drain()

    async def stored(self, frame: ToHub) -> None:
        """Say something, and wait until the hub has stored it."""
        await self.say(frame)
        await self._more.get()

    async def want(self, method: str, *args: Any) -> bytes | None:
        """Ask the hub for something of the connector's state."""
        number = len(self._wanted) + 1
        while number in self._wanted:
            number += 1
        told = self._wanted[number] = asyncio.get_running_loop().create_future()
        try:
            await self.say(Want(number, method, orjson.dumps(args)))
            answer: Told = await told
        finally:
            del self._wanted[number]
        if answer.wrong:
            raise Broken(answer.wrong)
        return answer.value

    async def _listen(self) -> None:
        try:
            while True:
                frame = to_child.decode(await read_frame(self._reader))
                if isinstance(frame, Told):
                    if (waiting := self._wanted.get(frame.id)) and not waiting.done():
                        waiting.set_result(frame)
                    continue
                assert not isinstance(frame, Start)
                self.clock.set(frame.now)
                if isinstance(frame, More):
                    self._more.put_nowait(None)
                else:
                    self._asked.put_nowait(frame)
        except (asyncio.IncompleteReadError, ConnectionError):
            self._asked.put_nowait(None)


class WireState:
    """The connector's memory, kept by the hub."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def get(self, key: str, person: Identifier | None = None) -> Any | None:
        value = await self._wire.want("get", key, _names(person), None)
        return None if value is None else orjson.loads(value)

    async def put(self, key: str, value: Any, person: Identifier | None = None) -> None:
        await self._wire.want("put", key, _names(person), value)

    async def delete(self, key: str, person: Identifier | None = None) -> None:
        await self._wire.want("delete", key, _names(person), None)


def _names(person: Identifier | None) -> dict[str, str] | None:
    return None if person is None else msgspec.structs.asdict(person)


async def _serve(sock: socket.socket) -> None:
    reader, writer = await asyncio.open_connection(sock=sock)
    wire = Wire(reader, writer)
    start = await wire.start()
    if start is None:
        return
    cage.confine(start.memory_mb, start.hidden)
    sys.path[:] = start.path
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        work = Work(wire, start, find_connector(start))
    except BaseException as error:  # whatever the plugin does at import
        await wire.say(Failed("fault", f"loading it raised {type(error).__name__}: {error}"[:500]))
        return
    await wire.say(Done())
    try:
        while (ask := await wire.asked()) is not None:
            await wire.say(await work.answer(ask))
    finally:
        await work.ctx.client.aclose()


def find_connector(start: Start) -> Connector:
    """The connector of this name that the plugin declares."""
    from hub.sdk import hookspecs

    manager = pluggy.PluginManager("hub")
    manager.add_hookspecs(hookspecs)
    manager.register(load_module(start.plugin, start.module))
    for declared in manager.hook.register_connectors():
        for connector in declared:
            if connector.name == start.connector:
                found: Connector = connector
                return found
    raise LookupError(f"it declares no connector {start.connector}")


class Work:
    """The connector at work."""

    def __init__(self, wire: Wire, start: Start, connector: Connector) -> None:
        self._wire = wire
        self._connector = connector
        secret = {key: SecretText(value) for key, value in start.secret.items()}
        hosts = declared_hosts(connector, start.config)
        guard = Guard(frozenset(start.private_hosts), hosts=hosts, caller=start.plugin)
        # A clock that stands still would make each wait between two tries last for ever in its
        # own terms: then nobody waits.
        client = (
            HttpClient(wire.clock, guard=guard)
            if start.ticks
            else HttpClient(wire.clock, guard=guard, sleep=_no_wait)
        )
        self.ctx = Context(start.config, secret, client, WireState(wire), wire.clock, start.shop)

    async def answer(self, ask: Ask) -> ToHub:
        """Do what is asked; whatever happens, say how it ended."""
        methods: dict[str, Callable[[bytes], Awaitable[ToHub]]] = {
            "pull": self._pull, "webhook": self._webhook, "check": self._check,
            "after_connect": self._after_connect, "push": self._push, "erase": self._erase,
        }  # fmt: skip
        try:
            answer = await methods[ask.method](ask.body)
            framed(answer)
        except FrameTooLarge as error:
            return Failed("fault", f"{ask.method} answered with {error}")
        except (Exception, SystemExit) as error:
            if failure(error).kind == "fault":
                logging.getLogger("plugin").exception("%s failed", ask.method)
            return failure(error)
        return answer

    async def _pull(self, body: bytes) -> ToHub:
        stream, text = msgspec.msgpack.decode(body, type=tuple[str, bytes | None])
        cursor = None if text is None else orjson.loads(text)
        async for page in self._connector.pull(self.ctx, stream, cursor):
            for part in parts_of(page):
                await self._wire.stored(part)
        return Done()

    async def _webhook(self, body: bytes) -> ToHub:
        headers, content, url, at = msgspec.msgpack.decode(
            body, type=tuple[dict[str, str], bytes, str, datetime]
        )
        result = self._connector.webhook(
            self.ctx.config, live_secrets(self.ctx.secret), headers, content,
            shop=self.ctx.shop, url=url, received_at=at,
        )  # fmt: skip
        return hook_answer(result)

    async def _check(self, _: bytes) -> ToHub:
        return _done(await self._connector.check(self.ctx))

    async def _after_connect(self, body: bytes) -> ToHub:
        url = msgspec.msgpack.decode(body, type=str)
        return _done(await self._connector.after_connect(self.ctx, url))

    async def _push(self, body: bytes) -> ToHub:
        changes = msgspec.msgpack.decode(body, type=list[Change])
        return _done(list(await _able(self._connector, "push")(self.ctx, changes)))

    async def _erase(self, body: bytes) -> ToHub:
        identifiers = msgspec.msgpack.decode(body, type=list[Identifier])
        return _done(await _able(self._connector, "erase")(self.ctx, identifiers))


def _able(connector: Connector, ability: str) -> Callable[..., Awaitable[Any]]:
    method: Callable[..., Awaitable[Any]] | None = getattr(connector, ability, None)
    if method is None:
        raise Broken(f"The connector {connector.name} can not {ability}.")
    return method


def _done(answer: object) -> Done:
    return Done(msgspec.msgpack.encode(answer))


async def _no_wait(_: float) -> None:
    return
