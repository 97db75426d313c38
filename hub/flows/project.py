"""The projector: reads the log in order and keeps every view of it.

Snapshots, memberships, outbox rows and the cursor move in one transaction, so that a crash repeats
nothing and skips nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence

import msgspec
import orjson

from hub.catalogue.orders import OrderState
from hub.decisions.answers import Answers
from hub.flows.apply import Counter, SourceInfo, apply_row
from hub.flows.batch import STATE_SQL, Batch, encode_state
from hub.flows.history import read_history
from hub.flows.joining import APART_KINDS, LookBack
from hub.flows.memory import Memory, select_in
from hub.profiles.state import NodeState
from hub.store.database import LOG_COLUMNS, Database, LogRow, Row, StoreUnavailable

log = logging.getLogger("hub.project")

BATCH_ROWS = 500
SLICE_ROWS = 200  # applied at a time: decisions wait no longer than that
SPAN_ROWS = 5000
SPAN_SECONDS = (0.010, 0.250)
SPAN_WRITES = 4  # times as long as the last write took: what changes often is written once
GATHER_SECONDS = 0.004
ASIDE_KEPT = 100
CURSOR_SQL = (
    "INSERT INTO cursor (name, seq) VALUES ('projector', ?) "
    "ON CONFLICT (name) DO UPDATE SET seq = excluded.seq"
)
Teach = Callable[[Sequence[tuple[int, str, str, int]], Sequence[tuple[str, str, int]]], None]


class UnknownSource(Exception):
    """An entry names a source that this process has not read: it was made by another one."""


class Projector:
    """Owns `memory`. `sources` and `counters` are looked up anew for each batch."""

    def __init__(
        self,
        database: Database,
        memory: Memory,
        sources: Callable[[], Mapping[int, SourceInfo]],
        counters: Callable[[], Mapping[str, list[Counter]]],
        teach: Teach = lambda views, bought: None,
    ) -> None:
        self._database = database
        self.memory = memory
        self._sources = sources
        self._counters = counters
        self._teach = teach
        self.seq = 0  # what the tables hold
        self.known = 0  # what the memory holds: ahead of the tables while a batch is written
        self.aside: deque[tuple[int, str]] = deque(maxlen=ASIDE_KEPT)
        self.lock = asyncio.Lock()  # held while projecting: publishing backfills under it
        self._wake = asyncio.Event()
        self._moved = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._urgent = asyncio.Event()  # somebody waits for the tables
        self._wanted = 0  # up to here
        self._write_seconds = 0.0
        self._unsure = True  # whether the last write is in the tables: only they can tell
        self._looks_back: set[int] = set()  # entries whose people's past must be at hand
        self.stuck = ""  # why the projector can not go on, for the health page

    async def start(self) -> None:
        """Load the cursor and the catalogue, then follow the log."""
        await self._look()
        await self.memory.load_catalogue(self._database)
        await self.memory.load_apart(self._database)
        self._task = asyncio.create_task(self._run(), name="hub-projector")
        self.wake()

    @property
    def running(self) -> bool:
        return self._task is not None and not self._task.done()

    def wake(self) -> None:
        self._wake.set()

    async def reached(self, seq: int, timeout: float = 10.0) -> None:
        """Wait until the entry `seq` is projected. Raises TimeoutError."""
        if self.seq >= seq:
            return
        self._wanted = max(self._wanted, seq)
        self._urgent.set()
        async with asyncio.timeout(timeout), self._moved:
            await self._moved.wait_for(lambda: self.seq >= seq)

    async def caught_up(self) -> int:
        """Project all that is in the log now; answer the last seq."""
        while await self.step():
            pass
        return self.seq

    async def device_view(self, node_id: int) -> tuple[NodeState, tuple[int, ...]]:
        await self.memory.load(self._database, [node_id])
        graph = self.memory.graph
        nodes = graph.verified_view(node_id) if node_id in graph else {node_id}
        return self.memory.device_view(node_id), tuple(sorted(nodes))

    def answers(self, node_id: int) -> Answers:
        return self.memory.answers(node_id)

    async def own_state(self, node_id: int) -> NodeState:
        state = self.memory.states.get(node_id)
        if state is None:
            await self.memory.load(self._database, [node_id])
            state = self.memory.states.get(node_id)
        return state if state is not None else NodeState()

    async def person_view(self, node_id: int) -> tuple[NodeState, tuple[int, ...]]:
        await self.memory.load(self._database, [node_id])
        graph = self.memory.graph
        if node_id not in graph:
            return NodeState(), ()
        person_id = graph.place(node_id).person_id
        return self.memory.person_view(person_id), tuple(sorted(graph.members(person_id)))

    def restart(self, seq: int) -> None:
        self.memory.forget()
        self.seq = self.known = seq
        self._unsure = False

    async def replace_counters(self, counters: Mapping[int, Mapping[str, list[int]]]) -> None:
        nodes = sorted(counters)
        for start in range(0, len(nodes), BATCH_ROWS):
            part = nodes[start : start + BATCH_ROWS]
            await self.memory.load(self._database, part)
            for node in part:
                self.memory.state(node).counters.update(counters[node])
            rows = [(n, self.seq, encode_state(self.memory.states[n])) for n in part]
            await self._database.write([(STATE_SQL, rows)])
            self.memory.changed(part)

    async def close(self) -> None:
        self._closing = True
        self._urgent.set()
        self.wake()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while not self._closing:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._follow()
                self.stuck = ""
            except StoreUnavailable as error:
                self._stop_for(error)
            except Exception as error:  # the log is safe; say why, and try again from the database
                log.exception("the projector stopped after seq %s", self.seq)
                self._stop_for(error)

    async def _follow(self) -> None:
        while not self._closing:
            if not await self.step(gather=True):
                return

    def _stop_for(self, error: Exception) -> None:
        self.stuck = f"after seq {self.seq}: {error}"
        self.memory.forget()
        asyncio.get_running_loop().call_later(1.0, self.wake)

    async def step(self, *, gather: bool = False) -> bool:
        """Project the next batch; False when there is nothing new.

        `gather`: what arrives within a moment comes along. Readers of the memory see each entry
        at once; the tables get what many entries changed in one transaction.
        """
        async with self.lock:
            rows: list[LogRow] = []
            try:
                await self._look()
                await self._span(rows, gather=gather)
            except (StoreUnavailable, UnknownSource):
                self._back()
                raise
            except Exception:
                self._back()
                await self._look()
                for row in rows:
                    if row.seq > self.seq:
                        await self._alone(row)
            except BaseException:
                self._back()
                raise
            self.memory.trim()
        async with self._moved:
            self._moved.notify_all()
        return bool(rows)

    def _back(self) -> None:
        """What was not written did not happen; what was, may have been in spite of an error."""
        self.memory.forget()
        self.known = self.seq
        self._unsure = True

    async def _look(self) -> None:
        """Stand where the tables stand: to apply an entry again would count it twice."""
        if self._unsure:
            rows = await self._database.fetch("SELECT seq FROM cursor WHERE name = 'projector'")
            self.seq = self.known = rows[0][0] if rows else 0
            self._unsure = False

    async def _span(self, rows: list[LogRow], *, gather: bool) -> None:
        """Apply what is new, slice by slice, then write it; `rows` are those taken so far."""
        loop = asyncio.get_running_loop()
        shortest, longest = SPAN_SECONDS
        end = loop.time() + min(max(self._write_seconds * SPAN_WRITES, shortest), longest)
        batch = Batch(self.memory, looks=True)
        while len(rows) < SPAN_ROWS:
            part = self._until_parted(await self._next(), first=not rows)
            if part is None:
                break
            rows += part
            if not await self._apply(batch, part):
                break
            if len(part) == SLICE_ROWS:
                await asyncio.sleep(0)
            elif not (gather and rows) or self._closing or self._urgent.is_set():
                break
            else:
                await self._pause(GATHER_SECONDS)
            if loop.time() >= end:
                break
        if self.known >= self._wanted:
            self._urgent.clear()
        if rows:
            await self._write(batch)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._urgent.wait()

    async def _next(self) -> list[LogRow]:
        """The entries after those in memory, without asking the database when they are at hand."""
        rows = self._database.recent(self.known, SLICE_ROWS) or await self._database.get(
            f"SELECT {LOG_COLUMNS} FROM log WHERE seq > ? ORDER BY seq LIMIT {SLICE_ROWS}",  # noqa: S608
            (self.known,),
        )
        return [LogRow(*row) for row in rows]

    async def _alone(self, row: LogRow) -> None:
        """Project one row of a batch that failed; when it is the culprit, put it aside."""
        batch = Batch(self.memory, looks=True)
        try:
            if not await self._apply(batch, [row]):
                await self._apply(batch, [row])
            await self._write(batch)
        except (StoreUnavailable, UnknownSource):
            self._back()
            raise
        except Exception as error:
            self._back()
            log.exception("entry %s was put aside", row.seq)
            self.aside.append((row.seq, f"{type(error).__name__}: {error}"))
            await self._database.write([(CURSOR_SQL, [(row.seq,)])])
            self.seq = self.known = row.seq

    async def _apply(self, batch: Batch, rows: Sequence[LogRow]) -> bool:
        """Bring the rows into memory; from here on they are in every answer. False: one of them
        needs the past of its people at hand, and begins the next transaction."""
        if not rows:
            return True
        sources, counters = self._sources(), self._counters()
        for row in rows:
            if row.source_id not in sources:
                raise UnknownSource(f"entry {row.seq} is of source {row.source_id}: restart")
        await self._load(batch, rows)
        for row in rows:
            try:
                apply_row(batch, row, sources[row.source_id], counters)
            except LookBack:
                # What it joined already it joins again: nothing need be taken back.
                self._looks_back.add(row.seq)
                break
            self.known = row.seq
        batch.settle()
        return self.known == rows[-1].seq

    async def _write(self, batch: Batch) -> None:
        started = asyncio.get_running_loop().time()
        # The cursor goes back together with what it stands for, so no fsync is owed here.
        await self._database.write([*batch.writes(), (CURSOR_SQL, [(self.known,)])], durable=False)
        self._write_seconds = asyncio.get_running_loop().time() - started
        # Under the lock still: a publication that waits for it counts up to here.
        self.seq = self.known
        self.memory.shared.update(self.memory.graph.shared)
        self._looks_back = {seq for seq in self._looks_back if seq > self.seq}
        self._teach(batch.viewed, batch.bought)

    async def _load(self, batch: Batch, rows: Sequence[LogRow]) -> None:
        nodes: set[int] = set()
        for row in rows:
            if row.node_id is not None:
                nodes.add(row.node_id)
            if row.links:
                nodes.update(node for node, _ in orjson.loads(row.links))
        # What an earlier slice of the batch read or changed is newer than the tables.
        keys = order_keys(rows, self._sources()) - batch.orders.keys()
        for (data,) in await _orders(self._database, keys):
            order = msgspec.json.decode(data, type=OrderState)
            batch.orders[order.shop, order.order_id] = order
            if order.node_id is not None:
                nodes.add(order.node_id)
        await self.memory.load(self._database, nodes)
        names = self.memory.nodes
        tokens = [n for n in nodes if names[n][0] in _TOKEN_TYPES and n not in batch.tokens]
        batch.tokens.update((token, {}) for token in tokens)
        for a, b, strength, seq in await select_in(
            self._database, "SELECT a, b, strength, seq FROM link WHERE b IN", tokens
        ):
            batch.tokens[b][a, strength] = seq
        await self.memory.load(
            self._database, {a for token in tokens for a, _ in batch.tokens[token]}
        )
        for row in rows:
            if self._parts(row):
                past = await read_history(self._database, self.memory, row, self._sources())
                batch.history[row.seq] = past

    def _parts(self, row: LogRow) -> bool:
        return row.kind in APART_KINDS or row.seq in self._looks_back

    def _until_parted(self, rows: list[LogRow], *, first: bool) -> list[LogRow] | None:
        """An entry that parts people begins a transaction: it reads what the tables hold of all
        that was said before it. None: write first."""
        at = next((i for i, row in enumerate(rows) if self._parts(row)), None)
        if at is None:
            return rows
        if at == 0:
            return rows[:1] if first else None
        return rows[:at]


_TOKEN_TYPES = {"order_key", "cart_token", "checkout_token"}
_ORDER_RECORDS = {"order", "refunds", "deleted"}


def order_keys(rows: Sequence[LogRow], sources: Mapping[int, SourceInfo]) -> set[tuple[str, str]]:
    """The orders (shop, id) that these entries speak of."""
    keys = set()
    for row in rows:
        if row.kind == "record" and row.name in _ORDER_RECORDS:
            record = orjson.loads(row.body)["record"]
            keys.add((record["shop"], str(record.get("order_id") or record.get("id"))))
        elif row.name == "Order Completed":
            properties = orjson.loads(row.body).get("properties") or {}
            order_id = properties.get("order_id") or properties.get("transaction_id")
            if order_id:
                keys.add((sources[row.source_id].shop, str(order_id)[:128]))
    return keys


async def _orders(database: Database, keys: set[tuple[str, str]]) -> list[Row]:
    found: list[Row] = []
    for shop in sorted({shop for shop, _ in keys}):
        ids = [order_id for s, order_id in keys if s == shop]
        found += await select_in(
            database, "SELECT data FROM shop_order WHERE shop = ? AND order_id IN", ids, (shop,)
        )
    return found
