"""A connector as the hub calls it: every answer comes out of a runner, and none is trusted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Literal, cast

import msgspec
import orjson

from hub.runner.output import Scrubber, pass_on
from hub.runner.parts import read_back
from hub.runner.start import Process, Zygote, how_it_ended
from hub.runner.wire import (
    ANSWERS,
    ERRORS,
    Ask,
    Done,
    Failed,
    FrameTooLarge,
    HookAnswer,
    More,
    Part,
    Start,
    ToChild,
    ToHub,
    Told,
    Want,
    framed,
    read_frame,
    to_hub,
)
from hub.sdk.clock import Clock
from hub.sdk.connector import CheckResult, Cursor, HookReport, Invalid, WebhookResult
from hub.sdk.errors import Broken, HubError, InvalidRecord, Retryable
from hub.sdk.push import Change, Erased, Pushed
from hub.sdk.records import Identifier, Sighting
from hub.sdk.state import State
from hub.watch import PluginFault

log = logging.getLogger("hub.runner")
START_SECONDS = 30.0
LAST_WORDS_SECONDS = 1.0
DEAF_SECONDS = 10.0  # to take in what it is told


class Piece(msgspec.Struct, frozen=True):
    """A part of a page. `cursor` is None while the page goes on; store it after the sightings."""

    sightings: Sequence[Sighting]
    invalid: Sequence[Invalid]
    cursor: Cursor | None
    done: int
    total: int | None


class Patience(msgspec.Struct, frozen=True):
    """Seconds: from one page to the next, and for any other question."""

    silence: float
    answer: float


class Remote:
    """One runner at work. Made by `opened`."""

    def __init__(  # noqa: PLR0917  (made in one place)
        self, zygote: Zygote, process: Process, start: Start, clock: Clock, state: State,
        patience: Patience,
    ) -> None:  # fmt: skip
        self._zygote = zygote
        self._start = start
        self._clock = clock
        self._state = state
        self._patience = patience
        self._process = process
        self.hide = Scrubber(start.secret.values())
        self._status: int | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self.pid = process.pid

    async def begin(self) -> None:
        """Hand over what the connector is given. Raises PluginFault when it can not be loaded."""
        self._reader, self._writer = await asyncio.open_connection(sock=self._process.wire)
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._say(self._start)
                await self._result("loading it")
        except TimeoutError:
            raise self._fault(f"loading it took more than {START_SECONDS:g} seconds") from None

    @property
    def lost(self) -> bool:
        """Whether its process ended between two questions."""
        return self._reader is None or self._reader.at_eof()

    async def check(self) -> CheckResult:
        """Try the settings against the real system."""
        return cast(CheckResult, await self._question("check"))

    async def after_connect(self, webhook_url: str) -> HookReport:
        """Register missing webhooks."""
        report = cast(HookReport, await self._question("after_connect", webhook_url))
        return msgspec.structs.replace(report, note=self.hide(report.note))

    async def push(self, changes: Sequence[Change]) -> list[Pushed]:
        """Tell the vendor of changes."""
        return cast(list[Pushed], await self._question("push", list(changes)))

    async def erase(self, identifiers: Sequence[Identifier]) -> Erased:
        """Erase a person at the vendor."""
        return cast(Erased, await self._question("erase", list(identifiers)))

    async def pull(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Piece]:
        """Read what is new. The connector waits while a piece is being stored."""
        text = None if cursor is None else orjson.dumps(cursor)
        silence = self._patience.silence
        frame = await self._timed(self._ask("pull", (stream, text)), silence, "the next page")
        while isinstance(frame, Part):
            sightings, invalid = read_back(frame.sights, frame.wrong, self._start.shop)
            yield Piece(sightings, invalid, self._cursor(frame), frame.done, frame.total)
            frame = await self._timed(
                self._tell(More(self._clock.now()), "pull"), silence, "the next page"
            )
        self._must_be_done(frame, "pull")

    async def webhook(
        self, headers: Mapping[str, str], body: bytes, url: str, received_at: datetime
    ) -> WebhookResult:
        """Verify one delivery (raises Forged) and read it."""
        arguments = (dict(headers), body, url, received_at)
        frame = await self._timed(
            self._ask("webhook", arguments), self._patience.answer, "its answer to a webhook"
        )
        if not isinstance(frame, HookAnswer) or frame.kind not in {"records", "ping", "ignored"}:
            raise self._fault("webhook answered with something else")
        sightings, invalid = read_back(frame.sights, frame.wrong, self._start.shop)
        kind = cast(Literal["records", "ping", "ignored"], frame.kind)
        return WebhookResult(
            kind, tuple(sightings), frame.dedupe_key, frame.note, tuple(invalid), frame.wants
        )

    async def _question(self, method: str, argument: Any = None) -> Any:
        frame = await self._timed(
            self._ask(method, argument), self._patience.answer, f"its answer to {method}"
        )
        body = self._must_be_done(frame, method)
        try:
            return msgspec.msgpack.decode(body, type=ANSWERS[method])
        except (msgspec.DecodeError, RecursionError) as error:
            raise self._fault(f"{method} answered with something else: {error}") from None

    async def _timed(self, asked: Any, seconds: float, what: str) -> ToHub:
        try:
            async with asyncio.timeout(seconds):
                frame: ToHub = await asked
                return frame
        except TimeoutError:
            raise self._fault(f"{what} did not come within {seconds:g} seconds") from None

    async def _ask(self, method: str, argument: Any) -> ToHub:
        body = msgspec.msgpack.encode(argument)
        return await self._tell(Ask(method, body, self._clock.now()), method)

    async def _tell(self, frame: ToChild, method: str) -> ToHub:
        await self._say(frame)
        return await self._result(method)

    async def _say(self, frame: ToChild) -> None:
        assert self._writer is not None
        try:
            self._writer.write(framed(frame))
            async with asyncio.timeout(DEAF_SECONDS):
                await self._writer.drain()
        except FrameTooLarge as error:
            raise Broken(f"Too much to tell a plugin: {error}") from None
        except ConnectionError:
            raise self._fault(await self._end_in_words()) from None
        except TimeoutError:
            raise self._fault("it does not take in what it is told") from None

    async def _result(self, method: str) -> ToHub:
        """The next frame that is no wish; its failures are raised."""
        assert self._reader is not None
        while True:
            try:
                frame: ToHub = to_hub.decode(await read_frame(self._reader))
            except (asyncio.IncompleteReadError, ConnectionError):
                raise self._fault(await self._end_in_words()) from None
            except FrameTooLarge as error:
                raise self._fault(f"{method} answered with {error}") from None
            except (msgspec.DecodeError, RecursionError):
                raise self._fault(f"{method} answered with what nobody understands") from None
            if isinstance(frame, Want):
                await self._grant(frame)
            elif isinstance(frame, Failed):
                raise self._error(frame, method)
            else:
                return frame

    async def _grant(self, want: Want) -> None:
        value: Any = None
        wrong = ""
        try:
            arguments = orjson.loads(want.args)
            key, person, new = msgspec.convert(arguments, tuple[str, Identifier | None, Any])
            match want.method:
                case "get":
                    value = await self._state.get(key, person)
                case "put":
                    await self._state.put(key, new, person)
                case "delete":
                    await self._state.delete(key, person)
                case _:
                    wrong = "state: there are get, put and delete"
        except (HubError, ValueError) as error:
            wrong = str(error)
        await self._say(Told(want.id, None if value is None else orjson.dumps(value), wrong))

    def _cursor(self, part: Part) -> Cursor | None:
        if part.cursor is None:
            return None
        try:
            cursor = orjson.loads(part.cursor)
        except orjson.JSONDecodeError:
            cursor = None
        if not isinstance(cursor, dict):
            raise self._fault("pull gave a cursor that is no JSON object")
        return cursor

    def _must_be_done(self, frame: ToHub, method: str) -> bytes:
        if not isinstance(frame, Done):
            raise self._fault(f"{method} answered with something else")
        return frame.body

    def _error(self, failed: Failed, method: str) -> HubError:
        message = self.hide(failed.message)
        kind = ERRORS.get(failed.kind)
        if kind is None:
            memory = failed.message.startswith("MemoryError")
            limit = f" (it may use {self._start.memory_mb} MB)" if memory else ""
            prefix = "" if method.startswith("loading") else f"{method}: "
            return self._fault(f"{prefix}{message}{limit}")
        if kind is Retryable:
            return Retryable(message, failed.after)
        return InvalidRecord(message) if kind is InvalidRecord else kind(message)

    def _fault(self, what: str) -> PluginFault:
        return PluginFault(self._start.plugin, self.hide(what))

    async def _end_in_words(self) -> str:
        return how_it_ended(await self.end())

    async def end(self) -> int:
        """Kill it with all that it started; how it had ended, if it had."""
        if self._status is None:
            if self._writer is not None:
                self._writer.transport.abort()
            self._process.wire.close()
            self._status = await self._zygote.end(self._process.pid)
        return self._status


@asynccontextmanager
async def opened(
    zygote: Zygote, start: Start, clock: Clock, state: State, patience: Patience
) -> AsyncIterator[Remote]:
    """A runner for as long as the context lasts; it is killed afterwards, come what may."""
    process = await zygote.fork()
    remote = Remote(zygote, process, start, clock, state, patience)
    printed = asyncio.create_task(pass_on(process.output, start.plugin, remote.hide))
    try:
        await remote.begin()
        yield remote
    finally:
        await asyncio.shield(remote.end())
        # Its last words come after its end: what it printed says why.
        await asyncio.wait([printed], timeout=LAST_WORDS_SECONDS)
        printed.cancel()
        process.output.close()
