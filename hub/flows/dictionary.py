"""dictionary: follows the log behind the projector and notes which events and fields arrive.

It reads what is stored already, in batches and with pauses, so that neither an answer nor a
profile ever waits for it. Its place in the log moves together with what it wrote.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Protocol

import msgspec
import orjson

from hub.privacy.anonymous import Scrubber
from hub.schema.seen import Example, Key, Kind, Words, without_examples
from hub.store.database import Database, Row, StoreUnavailable, Write

log = logging.getLogger("hub.dictionary")

BATCH_ROWS = 500
SLICE_ROWS = 50  # read at a time: no request waits longer than that
SPAN_ROWS = 5000  # written at a time: names come again and again
PAUSE_SECONDS = 1.0
LOOK_SECONDS = 5.0
CURSOR = "dictionary"
CURSOR_SQL = (
    f"INSERT INTO cursor (name, seq) VALUES ('{CURSOR}', ?) "  # noqa: S608
    "ON CONFLICT (name) DO UPDATE SET seq = excluded.seq"
)
KIND_SQL = (
    "INSERT INTO seen_kind (source_id, scope, name, n, first_seen, last_seen, data) "
    "VALUES (?,?,?,?,?,?,?) ON CONFLICT (source_id, scope, name) DO UPDATE SET n = excluded.n, "
    "first_seen = excluded.first_seen, last_seen = excluded.last_seen, data = excluded.data"
)
ROWS_SQL = (
    "SELECT seq, kind, name, node_id, received_at, source_id, body FROM log "  # noqa: S608
    f"WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT {BATCH_ROWS}"
)
GONE_SQL = "DELETE FROM seen_kind WHERE source_id = ? AND scope = ? AND name = ?"
_kinds = msgspec.json.Decoder(Kind)


def read_kind(data: str) -> Kind:
    """What a row of the table holds."""
    return _kinds.decode(data)


def kind_row(source_id: int, key: Key, kind: Kind) -> Row:
    """The row of the table for KIND_SQL."""
    data = msgspec.json.encode(kind).decode()
    return (source_id, *key, kind.n, kind.first, kind.last, data)


class Examples(Protocol):
    """Who must be told that the table has changed."""

    @property
    def lock(self) -> asyncio.Lock: ...
    def forget(self) -> None: ...


class Dictionary:
    """Owns the table `seen_kind`. `bound`: the entry up to which the log may be read."""

    def __init__(self, database: Database, bound: Callable[[], int]) -> None:
        self._database = database
        self._bound = bound
        self._words: dict[int, Words] | None = None  # None: to be read from the table
        self.seq = 0
        self.lock = asyncio.Lock()  # held while the table changes
        self._wake = asyncio.Event()
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="hub-dictionary")

    async def close(self) -> None:
        self._closing.set()
        self._wake.set()
        if self._task is not None:
            await self._task

    def wake(self) -> None:
        self._wake.set()

    def forget(self) -> None:
        """The table was changed by somebody else, who holds the lock: read it again."""
        self._words = None

    async def caught_up(self) -> None:
        """Read all that may be read now."""
        while await self.step():
            pass

    async def again(self) -> None:
        """Throw everything away and read the log from its beginning."""
        async with self.lock:
            await self._database.write([("DELETE FROM seen_kind", [()]), (CURSOR_SQL, [(0,)])])
            self.forget()
        await self.caught_up()

    async def step(self) -> bool:
        """Read and write one batch; False when there is nothing new."""
        async with self.lock:
            try:
                return await self._step()
            except BaseException:
                self.forget()  # what was not written was not seen
                raise

    async def _run(self) -> None:
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError):  # the projector may have been behind
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._wake.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PAUSE_SECONDS):
                    await self._closing.wait()
            self._wake.clear()
            try:
                while not self._closing.is_set() and await self.step():
                    pass
            except StoreUnavailable as error:
                log.warning("the dictionary of events waits: %s", error)
            except Exception:  # it is read again at the next event
                log.exception("the dictionary of events stopped after seq %s", self.seq)

    async def _step(self) -> bool:
        words = await self._load()
        bound, read, seq = self._bound(), 0, self.seq
        while read < SPAN_ROWS and seq < bound:
            rows = await self._database.fetch(ROWS_SQL, (seq, bound))
            for start in range(0, len(rows), SLICE_ROWS):
                _see(words, rows[start : start + SLICE_ROWS])
                await asyncio.sleep(0)
            read += len(rows)
            seq = rows[-1][0] if len(rows) == BATCH_ROWS else bound
        if seq == self.seq:
            return False
        # The log can tell it all again, so no fsync is owed here.
        await self._database.write([*_writes(words), (CURSOR_SQL, [(seq,)])], durable=False)
        for mine in words.values():
            mine.changed.clear()
            mine.gone.clear()
        self.seq = seq
        return True

    async def _load(self) -> dict[int, Words]:
        if self._words is None:
            rows = await self._database.fetch(f"SELECT seq FROM cursor WHERE name = '{CURSOR}'")  # noqa: S608
            self.seq = rows[0][0] if rows else 0
            kinds: dict[int, dict[Key, Kind]] = {}
            for source_id, scope, name, data in await self._database.fetch(
                "SELECT source_id, scope, name, data FROM seen_kind"
            ):
                kinds.setdefault(source_id, {})[scope, name] = read_kind(data)
            self._words = {source_id: Words(mine) for source_id, mine in kinds.items()}
        return self._words


def _see(words: dict[int, Words], rows: list[Row]) -> None:
    for _, kind, name, node_id, received_at, source_id, body in rows:
        if kind == "event":
            mine = words.get(source_id)
            if mine is None:
                mine = words[source_id] = Words()
            mine.see(name, orjson.loads(body), node=node_id or 0, at=received_at)


def _writes(words: dict[int, Words]) -> list[Write]:
    gone: list[Row] = [(s, *key) for s, mine in words.items() for key in sorted(mine.gone)]
    changed = [
        kind_row(source_id, key, mine.kinds[key])
        for source_id, mine in words.items()
        for key in sorted(mine.changed)
    ]
    return [(sql, rows) for sql, rows in ((GONE_SQL, gone), (KIND_SQL, changed)) if rows]


async def examples_without(
    rows: list[Row], nodes: set[int], scrubber: Scrubber | None, oldest: int = 0
) -> list[tuple[str, int, int]]:
    """For rows (id, data): the data without examples of these people, or older than `oldest`, as
    (data, id, how many examples went), where that is less than before."""
    found = []
    for row_id, data in rows:
        kind = read_kind(data)

        def goes(example: Example) -> bool:
            return (
                example.node in nodes
                or example.at < oldest
                or (scrubber is not None and scrubber.found(example.value))
            )

        if n := without_examples(kind, goes):
            found.append((msgspec.json.encode(kind).decode(), row_id, n))
        await asyncio.sleep(0)
    return found


async def old_examples(
    database: Database, dictionary: Examples, oldest: int, *, dry: bool = False
) -> int:
    """Retention: remove examples older than `oldest`; answer how many went, or would go."""
    async with dictionary.lock:
        rows = await database.fetch("SELECT id, data FROM seen_kind")
        found = await examples_without(rows, set(), None, oldest)
        sql = "UPDATE seen_kind SET data = ? WHERE id = ?"
        if found and not dry:
            await database.write([(sql, [(data, row_id) for data, row_id, _ in found])])
            dictionary.forget()
    return sum(n for _, _, n in found)
