"""erase: keep her out -> the hub itself -> what was learned from her -> each connected system ->
a signed receipt. Each step is a row, so that nothing is forgotten by a crash or a vendor's fault.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import msgspec
import orjson

from hub.clock import from_ms, to_ms
from hub.core import Hub
from hub.flows.audit import note
from hub.flows.decide import node_of
from hub.flows.erase_here import erase_here, order_keys_of
from hub.flows.erase_ledger import note_erasure
from hub.flows.erase_remote import ask_connector
from hub.flows.erase_rows import telling
from hub.flows.erase_subject import Subject, UnknownPerson, find_subject, subject_of_node
from hub.flows.suppress import SUPPRESS_SQL, keep_out, load_suppressed
from hub.flows.warm import relearn
from hub.identity.graph import PEOPLE_TYPES
from hub.privacy.receipt import KIND, Receipt, System, seal
from hub.sdk.errors import Broken, HubError, NeedsAttention, Retryable
from hub.sdk.records import Identifier
from hub.store.compact import compact
from hub.store.database import Entry, StoreUnavailable, Write
from hub.store.models import Connection, Erasure, ErasureStep
from hub.store.sqlite import SqliteDatabase
from hub.store.vault import WrongKey

log = logging.getLogger("hub.erase")
HERE, LEARNED = "this hub", "recommendations"
# What deleted rows left in free room of the file: gone once the file is written anew.
FILE = "database file"
SMALL_FILE = 64 * 1024**2  # that takes less than a second; a larger one waits for the night
NIGHT_HOURS = range(4, 7)
OPEN = ("waiting", "failed")
STEP_SQL = (
    "INSERT INTO erasure_step (erasure_id, system, state, attempts, next_at, note, at) "
    "VALUES (?,?,'waiting',0,0,'',?)"
)
REQUEST_SQL = (
    "INSERT INTO erasure (subject, asked_at, asked_by, state, sealed, counts, finished_at, "
    "receipt) VALUES (?,?,?,'running',?,'{}',0,'') RETURNING id"
)
CALL_SECONDS = 120
FIRST_PAUSE_MS = 60_000
LONGEST_PAUSE_MS = 4 * 3_600_000
LATE_MS = 20 * 86_400_000  # of the month that the law gives


async def request_erasure(hub: Hub, asked: str, by: str) -> int:
    """Take the request for an address or a person's number, and keep her out from now on; answer
    its number. `carry_on` does the rest. Raises UnknownPerson."""
    subject = await find_subject(hub, asked)
    return await begin(hub, await _identifiers(hub, subject), subject.title, by)


async def _identifiers(hub: Hub, subject: Subject) -> list[Identifier]:
    orders = await order_keys_of(hub, subject.erased)
    names = {name.who for name in subject.all}
    return sorted(names | {Identifier(shop, "order", order_id) for shop, order_id in orders})


async def begin(hub: Hub, identifiers: Sequence[Identifier], title: str, by: str) -> int:
    """Write the request down, first of all so that nothing of her comes in any more."""
    main = next((who for who in identifiers if who.value == title), identifiers[0])
    out = [(who.type, hub.privacy.hash(who)) for who in identifiers]
    systems = [HERE, LEARNED, *([FILE] if hub.database.dialect == "sqlite" else [])]
    systems += [f"connection {c.id}: {c.name}"[:100] for c in await Connection.all().order_by("id")]
    # The ledger first: what is in it and not in the database is erased at the next restore.
    now = to_ms(hub.clock.now())
    note_erasure(hub, out, now)
    return await _take_down(hub, identifiers, hub.privacy.hash(main), out, systems, by, now)


async def begin_again(
    hub: Hub, identifiers: Sequence[Identifier], out: Sequence[tuple[str, str]], by: str, at: int
) -> int:
    """An erasure that a restored backup does not know; other systems are clean already. `at`:
    when it was asked for."""
    every = sorted({*out, *((who.type, hub.privacy.hash(who)) for who in identifiers)})
    return await _take_down(hub, identifiers, out[0][1], every, [HERE, LEARNED], by, at)


async def _take_down(  # noqa: PLR0917  (what a request is made of)
    hub: Hub,
    identifiers: Sequence[Identifier],
    subject: str,
    out: Sequence[tuple[str, str]],
    systems: Sequence[str],
    by: str,
    now: int,
) -> int:
    """The request, whom to keep out and every step: all of it or nothing."""
    async with hub.database.transaction() as transaction:
        rows = await transaction.fetch(REQUEST_SQL, (subject, now, by, _seal(hub, identifiers)))
        number = int(rows[0][0])
        for kind, hashed in out:
            await transaction.execute(SUPPRESS_SQL, (hashed, kind, now, number))
        for system in systems:
            await transaction.execute(STEP_SQL, (number, system, now))
    hashes = [hashed for _, hashed in out]
    keep_out(hub, hashes)
    await note(hub, by, "erase", subject, request=number)
    await _mark(hub, hashes, now)
    return number


async def _mark(hub: Hub, hashes: Sequence[str], now: int) -> None:
    """Into the log. It is first in, first out: what came before is stored and projected after."""
    source = min(hub.sources, default=0)
    body = orjson.dumps({"hashes": list(hashes)}).decode()
    entry = Entry("erasure", "person", None, (), now, now, source, body)
    (stored,) = await hub.writer.append([entry])
    await hub.views.reached(stored.seq, timeout=60)


def _seal(hub: Hub, identifiers: Sequence[Identifier]) -> str:
    text = msgspec.json.encode(list(identifiers)).decode()
    return hub.vault.seal("erasure", {"who": text})


def _unseal(hub: Hub, sealed: str) -> list[Identifier]:
    if not sealed:
        return []
    return msgspec.json.decode(hub.vault.open("erasure", sealed)["who"], type=list[Identifier])


async def carry_on_all(hub: Hub) -> int:
    """One try of every step that is due; answer how many erasures were worked on."""
    if hub.database.dialect == "postgres":  # another process may have taken a request
        await load_suppressed(hub)
    requests = await Erasure.filter(state="running").order_by("id")
    for request in requests:
        await carry_on(hub, request.id)
    late = to_ms(hub.clock.now()) - LATE_MS
    overdue = [r.id for r in requests if r.asked_at < late and r.state == "running"]
    if overdue:
        hub.attention["privacy"] = f"erasure {overdue[0]} is open for more than 20 days"
    else:
        hub.attention.pop("privacy", None)
    return len(requests)


_locks: WeakKeyDictionary[Hub, asyncio.Lock] = WeakKeyDictionary()


async def carry_on(hub: Hub, erasure_id: int, *, at_once: bool = False, here: bool = False) -> str:
    """Try the steps that are due, in order; answer the state of the erasure. `at_once`: also
    those that wait for a later try. `here`: only what needs no other system."""
    async with _locks.setdefault(hub, asyncio.Lock()):  # the background may be at it too
        return await _carry_on(hub, erasure_id, at_once=at_once, here=here)


async def _carry_on(hub: Hub, erasure_id: int, *, at_once: bool, here: bool) -> str:
    request = await Erasure.get(id=erasure_id)
    if request.state != "running":
        return request.state
    now = to_ms(hub.clock.now())
    for step in await ErasureStep.filter(erasure_id=erasure_id).order_by("id"):
        if step.state not in OPEN or (here and step.system not in (HERE, LEARNED, FILE)):
            continue
        if step.system == FILE and not (at_once or _quiet(hub)):
            continue
        if step.next_at <= now or at_once:
            await _try(hub, request, step)
        if step.state in OPEN and step.system == HERE:
            break  # nothing is told to others before the hub itself is clean
    return await _close(hub, request)


def _quiet(hub: Hub) -> bool:
    """Whether nobody minds that writing waits while the file is written anew."""
    file = hub.settings.data_dir / "hub.db"
    local = hub.clock.now().astimezone(hub.workspace.zone)
    return file.stat().st_size <= SMALL_FILE or local.hour in NIGHT_HOURS


async def _compact(hub: Hub) -> None:
    """Once for all that were erased so far."""
    if not isinstance(hub.database, SqliteDatabase):
        return
    clean = await hub.database.fetch(
        "SELECT erasure_id FROM erasure_step WHERE system = ? AND state = 'done'", (HERE,)
    )
    await compact(hub.database)
    sql = (
        "UPDATE erasure_step SET state = 'done', at = ? WHERE erasure_id = ? AND system = ? "
        "AND state IN ('waiting', 'failed')"
    )
    now = to_ms(hub.clock.now())
    await hub.database.write([(sql, [(now, row[0], FILE) for row in clean])])


async def _try(hub: Hub, request: Erasure, step: ErasureStep) -> None:
    step.attempts += 1
    step.at = to_ms(hub.clock.now())
    try:
        async with asyncio.timeout(None if step.system in (HERE, LEARNED, FILE) else CALL_SECONDS):
            step.state, step.note = await _do(hub, request, step.system)
    except (Retryable, StoreUnavailable, TimeoutError) as error:
        _later(step, str(error) or "it took too long", getattr(error, "after", None))
    except (NeedsAttention, WrongKey) as error:
        _later(step, f"a person must look: {error}", None)
    except HubError as error:
        _later(step, str(error), None)
    except Exception as error:  # a plugin's fault must not end the erasure
        log.exception("erasure %s failed in %s", request.id, step.system.partition(":")[0])
        _later(step, f"broke ({type(error).__name__}); the log of the hub says more", None)
    step.note = _without(hub, request, step.note)  # vendors quote what they were asked
    await step.save()


def _later(step: ErasureStep, why: str, after: float | None) -> None:
    pause = min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** min(step.attempts - 1, 20))
    if after:
        pause = max(pause, min(round(after * 1000), LONGEST_PAUSE_MS))
    step.state, step.note, step.next_at = "failed", why[:500], step.at + pause


async def _do(hub: Hub, request: Erasure, system: str) -> tuple[str, str]:
    """One step; its new state and a note."""
    identifiers = _unseal(hub, request.sealed)
    if system == HERE:
        await _erase_here(hub, request, identifiers)
        return "done", ""
    if system == LEARNED:
        await relearn(hub)
        return "done", ""
    if system == FILE:
        await _compact(hub)
        return "done", ""
    number = int(system.removeprefix("connection ").partition(":")[0])
    connection = await Connection.get_or_none(id=number)
    if connection is None:
        return "manual", "The connection was removed: erase this person there yourself."
    answer = await ask_connector(hub, connection, identifiers)
    if answer.state not in ("done", "nothing", "manual"):
        raise Broken(f"the connector answered '{answer.state}'")
    return answer.state, answer.note or answer.reference


async def _erase_here(hub: Hub, request: Erasure, identifiers: Sequence[Identifier]) -> None:
    """What went is noted together with its going: a try that is cut short loses no count."""
    last = await hub.database.fetch("SELECT COALESCE(MAX(seq), 0) FROM log")
    await hub.views.reached(last[0][0], timeout=60)  # who belongs to her is known then
    also = await _joined(hub, request, identifiers)
    total: Counter[str] = Counter()
    if isinstance(request.counts, dict):
        total.update(request.counts)

    def noted(counts: dict[str, int]) -> Write:
        text = orjson.dumps(total + Counter(counts)).decode()
        return "UPDATE erasure SET counts = ? WHERE id = ?", [(text, request.id)]

    total.update(await erase_here(hub, identifiers, noted))
    request.counts = dict(total)
    if also is not None:
        await _carry_on(hub, also, at_once=True, here=True)


async def _joined(hub: Hub, request: Erasure, identifiers: Sequence[Identifier]) -> int | None:
    """What turned out to be hers since she was looked up: stored then, and not projected, as
    during an import. It is a request of its own; its number."""
    hers: set[Identifier] = set()
    for who in identifiers:
        if who.type in PEOPLE_TYPES and (node := await node_of(hub, who)) is not None:
            with contextlib.suppress(UnknownPerson):
                hers.update(await _identifiers(hub, await subject_of_node(hub, node)))
    more = sorted(hers - set(identifiers))
    return await begin(hub, more, more[0].value, request.asked_by) if more else None


def _without(hub: Hub, request: Erasure, text: str) -> str:
    try:
        identifiers = _unseal(hub, request.sealed)
    except WrongKey:
        return text[:500]  # the error is about that, and nobody was asked
    return telling(identifiers).text(text)[:500]


async def _close(hub: Hub, request: Erasure) -> str:
    """With no step open any more: the names are thrown away and the receipt is signed."""
    steps = await ErasureStep.filter(erasure_id=request.id).order_by("id")
    if not steps or any(step.state in OPEN for step in steps):
        return "running"
    request.state = "manual" if any(step.state == "manual" for step in steps) else "done"
    request.finished_at = request.finished_at or to_ms(hub.clock.now())
    request.sealed = ""
    request.receipt = seal(await _receipt(hub, request, steps), hub.privacy)
    await request.save()
    if hub.database.dialect == "sqlite":
        await hub.database.forget(())  # the sealed names too
    return request.state


async def _receipt(hub: Hub, request: Erasure, steps: Sequence[ErasureStep]) -> Receipt:
    counts: dict[str, int] = request.counts if isinstance(request.counts, dict) else {}
    kept = ("shop_order", "order_event", "order_line")
    rows = await hub.database.fetch(
        "SELECT COUNT(*) FROM suppression WHERE erasure_id = ?", (request.id,)
    )
    return Receipt(
        kind=KIND,
        workspace=hub.workspace.name,
        request=request.id,
        subject=request.subject,
        asked_at=from_ms(request.asked_at).isoformat(),
        finished_at=from_ms(request.finished_at).isoformat(),
        stores={name: n for name, n in sorted(counts.items()) if name not in kept},
        kept={"orders without a name": counts.get("shop_order", 0)},
        systems=tuple(
            System(step.system, step.state, from_ms(step.at).isoformat(), step.attempts)
            for step in steps
        ),
        identifiers=rows[0][0],
    )


async def done_by_hand(hub: Hub, erasure_id: int, step_id: int, by: str) -> None:
    """Somebody says that she erased the person in a system that can not be asked to."""
    step = await ErasureStep.get_or_none(id=step_id, erasure_id=erasure_id)
    if step is None or step.state != "manual":
        raise HubError("this step does not wait for anybody")
    step.state, step.at = "by-hand", to_ms(hub.clock.now())
    await step.save()
    request = await Erasure.get(id=erasure_id)
    await note(hub, by, "erased by hand", request.subject, request=erasure_id, step=step_id)
    request.finished_at = 0
    await _close(hub, request)
