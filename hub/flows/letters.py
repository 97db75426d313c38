"""dead letters: refused events are kept beside the answer, a few at a time and within bounds."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re

import msgspec
import orjson

from hub.ingest.letter import Letter
from hub.personal import may_hold_card, strip_cards, without_cards
from hub.privacy.anonymous import Scrubber
from hub.store.database import Database, Row, StoreUnavailable

log = logging.getLogger("hub.letters")

# Of one source and field; the oldest go first, so that a flood of one fault leaves the others.
ROWS, BYTES = 500, 2 * 1024 * 1024
BODY_BYTES = 32 * 1024
MAX_WAITING = 500
PAUSE_SECONDS = 0.5
LETTER_SQL = (
    "INSERT INTO dead_letter (source_id, at, field, topic, reason, kind, device, sent_at, events, "
    "size, cut, body) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"
)
BOUND_SQL = (
    "DELETE FROM dead_letter WHERE id IN (SELECT id FROM (SELECT id, "
    "ROW_NUMBER() OVER (ORDER BY id DESC) AS place, SUM(size) OVER (ORDER BY id DESC) AS total "
    "FROM dead_letter WHERE source_id = ? AND field = ?) kept WHERE place > ? OR total > ?)"
)
# What opens doors is no part of the event.
_KEYS = re.compile(r'("(?:token|writeKey)"\s*:\s*)"[^"]*"?')
_QUOTED = re.compile(r"'[^']*'|`[^`]*`")
_NUMBER = re.compile(r"\d+")


class Letters:
    """Collects refused events and writes them in batches; drops them when too many wait."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[Letter] = []
        self.dropped = 0
        self.lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="hub-letters")

    def add(self, letter: Letter) -> None:
        """Keep it soon. A client is told of each refusal, so this is no promise."""
        if len(self._waiting) >= MAX_WAITING:
            self.dropped += 1
        elif letter.raw:
            cut = letter.raw[: BODY_BYTES + 1]
            self._waiting.append(msgspec.structs.replace(letter, raw=cut))

    async def flush(self) -> None:
        """Write what waits."""
        async with self.lock:
            letters, self._waiting = self._waiting, []
            if not letters:
                return
            places = sorted({(letter.source_id, letter.field) for letter in letters})
            try:
                await self._database.write(
                    [
                        (LETTER_SQL, [_row(letter) for letter in letters]),
                        (BOUND_SQL, [(*place, ROWS, BYTES) for place in places]),
                    ],
                    durable=False,
                )
            except StoreUnavailable as error:
                self.dropped += len(letters)
                log.warning("%s refused events were not kept: %s", len(letters), error)
            except Exception:  # one bad row must not end the keeping of all later ones
                self.dropped += len(letters)
                log.exception("%s refused events were not kept", len(letters))

    def forget(self, scrubber: Scrubber) -> None:
        """Drop what waits and names somebody who is erased."""
        self._waiting = [
            letter
            for letter in self._waiting
            if not names_her(f"{letter.device} {clean(letter.raw)}", scrubber)
        ]

    async def close(self) -> None:
        self._closing.set()
        if self._task is not None:
            await self._task
        await self.flush()

    async def _run(self) -> None:
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PAUSE_SECONDS):
                    await self._closing.wait()
            await self.flush()


def topic(reason: str) -> str:
    """The reason without values and numbers, so that alike ones stand together."""
    return _NUMBER.sub("#", _QUOTED.sub("'…'", reason))[:120]


def clean(raw: bytes) -> str:
    """What was sent as text that any database takes, without keys and card numbers."""
    text = raw[:BODY_BYTES].decode("utf-8", "replace").replace("\0", "\ufffd")
    if may_hold_card(raw):
        try:
            text = orjson.dumps(strip_cards(orjson.loads(text))).decode()
        except (orjson.JSONDecodeError, orjson.JSONEncodeError, RecursionError):
            text = without_cards(text)
    return _KEYS.sub(r'\1""', text)


def printable(text: str) -> str:
    """The text without what commands a terminal: reasons quote what was sent."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def names_her(body: str, scrubber: Scrubber) -> bool:
    """Whether somebody is named in it, also where JSON writes letters as escapes."""
    if scrubber.found(body):
        return True
    try:
        return "\\" in body and scrubber.found(orjson.dumps(orjson.loads(body)).decode())
    except (orjson.JSONDecodeError, RecursionError):
        return False


def _row(letter: Letter) -> Row:
    body = clean(letter.raw)
    reason = without_cards(printable(letter.reason))[:200]
    return (
        letter.source_id, letter.at, letter.field, topic(reason), reason, letter.kind,
        letter.device[:64], letter.sent_at[:40].replace("\0", ""), letter.events, len(body),
        len(letter.raw) > BODY_BYTES, body,
    )  # fmt: skip
