"""tracking plans: set per source, made from what arrived, and where events differ from them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Sequence

import msgspec
import yaml

from hub.clock import to_ms
from hub.core import Hub
from hub.decisions.plain_yaml import dump, load
from hub.flows.audit import note
from hub.flows.dictionary import read_kind
from hub.flows.sources import load_sources
from hub.ingest.plan import Fault, InvalidPlan, Plan
from hub.personal import personal_value
from hub.schema.plan_from import plan_from
from hub.schema.seen import Key, Kind
from hub.store.database import Database, Row, StoreUnavailable, Write

log = logging.getLogger("hub.plans")

MAX_BYTES = 512 * 1024
FAULTS = 1000  # places of one source that are kept apart
PAUSE_SECONDS = 1.0
SET_SQL = (
    "INSERT INTO tracking_plan (source_id, text, author, at) VALUES (?,?,?,?) ON CONFLICT "
    "(source_id) DO UPDATE SET text = excluded.text, author = excluded.author, at = excluded.at"
)
FAULT_SQL = (
    "INSERT INTO plan_fault (source_id, scope, name, path, rule, n, seen_at) "
    "VALUES (?,?,?,?,?,?,?) ON CONFLICT (source_id, scope, name, path, rule) "
    "DO UPDATE SET n = plan_fault.n + excluded.n, seen_at = excluded.seen_at"
)
KINDS_SQL = "SELECT scope, name, data FROM seen_kind WHERE source_id = ?"


class FaultLine(msgspec.Struct, frozen=True):
    """So often a field differed. `text` says how, in words."""

    scope: str
    name: str
    path: str
    rule: str
    text: str
    n: int
    last: int


class PlanFaults:
    """Counts where events differ from their plan; written a few at a time, within bounds."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[tuple[int, Fault], list[int]] = {}
        self._known: dict[int, set[Fault]] = {}
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    async def start(self) -> None:
        for row in await self._database.fetch(
            "SELECT source_id, scope, name, path, rule FROM plan_fault"
        ):
            self._known.setdefault(row[0], set()).add(Fault(*row[1:]))
        self._task = asyncio.create_task(self._run(), name="hub-plan-faults")

    def add(self, source_id: int, faults: Iterable[Fault], at: int) -> None:
        """Count these."""
        known = self._known.setdefault(source_id, set())
        for fault in faults:
            told = fault
            if personal_value(fault.path):  # a pattern of the plan may let any name through
                told = msgspec.structs.replace(fault, path="")
            if told not in known and len(known) >= FAULTS:
                told = Fault(told.scope, "", "", "others")
            known.add(told)
            counted = self._waiting.setdefault((source_id, told), [0, 0])
            counted[0] += 1
            counted[1] = at

    def forget(self, source_id: int) -> None:
        """The plan of this source is another one now."""
        self._known.pop(source_id, None)
        for key in [key for key in self._waiting if key[0] == source_id]:
            del self._waiting[key]

    async def flush(self) -> None:
        """Write what waits."""
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        rows: list[Row] = [
            (source_id, f.scope, f.name, f.path, f.rule, n, last)
            for (source_id, f), (n, last) in waiting.items()
        ]
        try:
            await self._database.write([(FAULT_SQL, rows)], durable=False)
        except StoreUnavailable as error:
            log.warning("%s differences from the plan were not counted: %s", len(rows), error)
        except Exception:  # one bad row must not end the counting of all later ones
            log.exception("%s differences from the plan were not counted", len(rows))

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


def read_plan(text: str) -> Plan:
    """A plan from its YAML (or JSON). Raises InvalidPlan, which names the place."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise InvalidPlan(f"plan: longer than {MAX_BYTES} bytes")
    try:
        return Plan(load(text))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InvalidPlan(f"plan: {str(error)[:300]}") from error


async def set_plan(hub: Hub, source_id: int, text: str, *, by: str) -> None:
    """The plan of a source from now on; "" takes it away. Its counts begin anew.
    Raises InvalidPlan."""
    source = hub.sources.get(source_id)
    if source is None:
        raise InvalidPlan("source: there is no such source")
    if text.strip():
        read_plan(text)
        change: Write = (SET_SQL, [(source_id, text, by, to_ms(hub.clock.now()))])
    else:
        change = ("DELETE FROM tracking_plan WHERE source_id = ?", [(source_id,)])
    hub.plan_faults.forget(source_id)
    await hub.database.write(
        [change, ("DELETE FROM plan_fault WHERE source_id = ?", [(source_id,)])]
    )
    await note(hub, by, "tracking plan", source.name, removed=not text.strip())
    await load_sources(hub)


async def plan_text(hub: Hub, source_id: int) -> str:
    """The plan as it was written, or ""."""
    rows = await hub.database.fetch(
        "SELECT text FROM tracking_plan WHERE source_id = ?", (source_id,)
    )
    return str(rows[0][0]) if rows else ""


async def plan_from_arrived(hub: Hub, source_id: int) -> str:
    """The text of a plan that all that arrived so far fits."""
    await hub.dictionary.caught_up()
    return text_from(await hub.database.fetch(KINDS_SQL, (source_id,)))


def text_from(rows: Sequence[Row]) -> str:
    """The same for rows of KINDS_SQL."""
    kinds: dict[Key, Kind] = {(row[0], row[1]): read_kind(row[2]) for row in rows}
    return dump(plan_from(kinds))


async def list_faults(hub: Hub, source_id: int, scope: str = "", name: str = "") -> list[FaultLine]:
    """Where events of a source differ from its plan, the most frequent first; of one event name
    if it is given."""
    await hub.plan_faults.flush()
    rows = await hub.database.fetch(
        "SELECT scope, name, path, rule, n, seen_at FROM plan_fault WHERE source_id = ? "
        "ORDER BY n DESC, name, path",
        (source_id,),
    )
    return [
        FaultLine(row[0], row[1], row[2], row[3], Fault(*row[:4]).text, row[4], row[5])
        for row in rows
        if not scope or (row[0], row[1]) == (scope, name)
    ]
