"""Erasing in the hub itself: every table as the data map says, in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path

import msgspec
from tortoise import fields
from tortoise.models import Model

from hub.catalogue.orders import OrderState
from hub.core import Hub
from hub.flows.batch import encode_state
from hub.flows.dictionary import examples_without
from hub.flows.erase_files import clean_files, clean_memory
from hub.flows.erase_places import neighbours, settle_neighbours
from hub.flows.erase_rows import (
    REWRITE_SQL,
    OrderKey,
    Rows,
    bare_state,
    her_rows,
    log_rows,
    mention_free,
    order_rows,
    rewrite_params,
    telling,
)
from hub.flows.lake import mark, settle
from hub.flows.letters import names_her
from hub.flows.memory import select_in
from hub.flows.suppress import blanked
from hub.identity.graph import PEOPLE_TYPES, TOKEN_TYPES
from hub.privacy.anonymous import Scrubber
from hub.registry import Held
from hub.sdk.errors import Retryable
from hub.sdk.records import Identifier
from hub.store import models
from hub.store.database import DEDUPE_AGAIN_SQL, Transaction, Write

_CHUNK = 400


def held_models() -> list[tuple[type[Model], Held]]:
    """Every table with its declaration, by name."""
    found = [getattr(models, name) for name in models.__all__]
    return sorted(((model, model.held) for model in found), key=lambda pair: pair[0]._meta.db_table)


class Plan(msgspec.Struct):
    """All that is to be done, worked out before anything is touched."""

    people: list[int]
    tokens: list[int]
    scrubber: Scrubber
    rows: Rows
    states: list[OrderState]
    others: dict[int, object]  # entries of others that named her, by seq
    settle: list[Write]


async def erase_here(
    hub: Hub,
    identifiers: Sequence[Identifier],
    also: Callable[[dict[str, int]], Write] | None = None,
) -> dict[str, int]:
    """Erase all that is kept under these identifiers; answer how many rows of which table went.

    `also` notes the counts in the same transaction. Raises Retryable while a message is on its way.
    """
    await hub.letters.flush()
    async with hub.views.lock, hub.dictionary.lock, hub.letters.lock:
        await hub.decisions.flush()
        plan = await _plan(hub, identifiers)
        changed = {*plan.rows.rewritten, *plan.others}
        mark(hub.settings, {*plan.people, *plan.tokens}, changed)
        counts: dict[str, int] = {}
        async with hub.database.transaction() as transaction:
            for model, held in held_models():
                n = await ERASERS[held.erase](transaction, plan, model, held)
                if n:
                    counts[model._meta.db_table] = n
            for sql, rows in [*plan.settle, *([also(counts)] if also else [])]:
                for row in rows:
                    await transaction.execute(sql, row)
        # The entries in memory are older than the tables now.
        hub.views.restart(hub.views.seq)
        hub.dictionary.forget()
        hub.letters.forget(plan.scrubber)
        clean_memory(hub, plan.scrubber)
        if hub.database.dialect == "sqlite":  # before anybody reads the old entries from memory
            await hub.database.forget(())
    if hub.database.dialect == "postgres":  # takes its time: the projector does not wait for it
        await hub.database.forget([*counts, "person", "dedupe"])
    await settle(hub.settings)
    counts["files"] = clean_files(hub.settings.data_dir, await _error_files(hub), plan.scrubber)
    return counts


async def order_keys_of(hub: Hub, nodes: Iterable[int]) -> list[OrderKey]:
    """Her orders: those whose buyer she is."""
    rows = await select_in(
        hub.database, "SELECT shop, order_id FROM shop_order WHERE node_id IN", nodes
    )
    return sorted((row[0], row[1]) for row in rows)


async def _plan(hub: Hub, identifiers: Sequence[Identifier]) -> Plan:
    known: dict[int, Identifier] = {}
    for who in identifiers:
        for (node,) in await hub.database.fetch(
            "SELECT id FROM node WHERE namespace = ? AND type = ? AND value = ?",
            (who.namespace, who.type, who.value),
        ):
            known[node] = who
    people = sorted(n for n, who in known.items() if who.type in PEOPLE_TYPES)
    tokens = sorted(n for n, who in known.items() if who.type in TOKEN_TYPES)
    await _nothing_under_way(hub, people)
    rows = await her_rows(hub, people)
    owned = await order_keys_of(hub, people)
    await order_rows(hub, rows, owned)
    scrubber = telling(identifiers)
    gone = {*people, *tokens}
    near = await neighbours(hub, gone)
    others = {
        row.seq: clean
        for row in await log_rows(hub, near)
        if (clean := mention_free(row, gone, scrubber)) is not None
    }
    settle = await settle_neighbours(hub, near, others, scrubber)
    states = await _states(hub, people, rows)
    return Plan(people, tokens, scrubber, rows, states, dict(others), settle)


async def _nothing_under_way(hub: Hub, people: list[int]) -> None:
    rows = await select_in(
        hub.database, "SELECT id FROM outbox WHERE state = 'leased' AND node_id IN", people
    )
    if rows:
        raise Retryable("a message to this person is being sent just now", after=30)


async def _states(hub: Hub, people: list[int], rows: Rows) -> list[OrderState]:
    """Her orders, and those that a page of hers told of, as they are to stand."""
    found = {
        row[0]: row[1]
        for row in await select_in(
            hub.database, "SELECT id, data FROM shop_order WHERE node_id IN", people
        )
    }
    for shop, order_id in rows.orders:
        sql = "SELECT id, data FROM shop_order WHERE shop = ? AND order_id = ?"
        found.update(await hub.database.get(sql, (shop, order_id)))
    mine = set(people)
    states = [msgspec.json.decode(data, type=OrderState) for data in found.values()]
    return [
        bare_state(state, rows.told_by_page)
        for state in states
        if state.node_id in mine or state.version[2] in rows.told_by_page
    ]


async def _error_files(hub: Hub) -> list[Path]:
    rows = await hub.database.fetch("SELECT report FROM import_run")
    paths = [str(msgspec.json.decode(row[0]).get("errors_path") or "") for row in rows]
    return [Path(path) for path in paths if path]


Eraser = Callable[[Transaction, Plan, type[Model], Held], Awaitable[int]]


async def _no(tx: Transaction, plan: Plan, model: type[Model], held: Held) -> int:
    return 0


async def _each(tx: Transaction, sql: str, nodes: Sequence[int]) -> int:
    """`sql` must end in IN."""
    n = 0
    for start in range(0, len(nodes), _CHUNK):
        part = nodes[start : start + _CHUNK]
        n += await tx.execute(f"{sql} ({','.join('?' * len(part))})", tuple(part))
    return n


async def _delete(tx: Transaction, plan: Plan, model: type[Model], held: Held) -> int:
    table = model._meta.db_table
    sql = f"DELETE FROM {table} WHERE {held.key} IN"  # noqa: S608
    return await _each(tx, sql, plan.people)


async def _release(tx: Transaction, plan: Plan, model: type[Model], held: Held) -> int:
    table = model._meta.db_table
    sql = f"UPDATE {table} SET {held.key} = NULL WHERE {held.key} IN"  # noqa: S608
    return await _each(tx, sql, plan.people)


async def _blank(tx: Transaction, plan: Plan, model: type[Model], held: Held) -> int:
    """What tells of her is emptied; that the row was there stays, for the sums."""
    table = model._meta.db_table
    if table == "outbox":
        sql = "UPDATE outbox SET state = 'suppressed' WHERE state = 'planned' AND node_id IN"
        await _each(tx, sql, plan.people)
    emptied = [f"{held.key} = NULL"]
    for name, kind in held.classes.items():
        if kind not in ("technical", "identifier"):
            json = isinstance(model._meta.fields_map[name], fields.JSONField)
            emptied.append(f"{name} = '{{}}'" if json else f"{name} = ''")
    sql = f"UPDATE {table} SET {', '.join(emptied)} WHERE {held.key} IN"  # noqa: S608
    return await _each(tx, sql, plan.people)


async def _tombstone(tx: Transaction, plan: Plan, model: type[Model], held: Held) -> int:
    """The number stays taken: it must never mean somebody else."""
    sql = "UPDATE node SET namespace = '', type = 'erased', value = ? WHERE id = ?"
    nodes = [*plan.people, *plan.tokens]
    return sum([await tx.execute(sql, (f"erased-{node}", node)) for node in nodes])


async def _log(tx: Transaction, plan: Plan, model: type[Model], held: Held) -> int:
    rewritten = {**plan.rows.rewritten, **plan.others}
    for params in rewrite_params(rewritten):  # type: ignore[arg-type]
        await tx.execute(REWRITE_SQL, params)
    for key in plan.rows.stale:
        await tx.execute("DELETE FROM dedupe WHERE key = ?", (key,))
    for key, seq in plan.rows.fresh.items():
        await tx.execute(DEDUPE_AGAIN_SQL, (key, seq, 0))
    await _each(tx, "DELETE FROM log WHERE node_id IN", plan.people)
    return plan.rows.entries + len(plan.others)


async def _links(tx: Transaction, plan: Plan, model: type[Model], held: Held) -> int:
    gone = [*plan.people, *plan.tokens]
    n = await _each(tx, "DELETE FROM link WHERE a IN", gone)
    return n + await _each(tx, "DELETE FROM link WHERE b IN", gone)


async def _orders(tx: Transaction, plan: Plan, model: type[Model], held: Held) -> int:
    sql = "UPDATE shop_order SET node_id = NULL, data = ? WHERE id = ?"
    for state in plan.states:
        await tx.execute(sql, (encode_state(state), state.pk))
        if state.version[2] in plan.rows.told_by_page:
            await tx.execute("UPDATE order_line SET title = '' WHERE order_pk = ?", (state.pk,))
    return len(plan.states)


async def _order_parts(tx: Transaction, plan: Plan, model: type[Model], held: Held) -> int:
    sql = "UPDATE order_event SET node_id = NULL WHERE order_pk = ?"
    return sum([await tx.execute(sql, (state.pk,)) for state in plan.states])


async def _scrub(tx: Transaction, plan: Plan, model: type[Model], held: Held) -> int:
    """Small tables that quote others: searched whole."""
    table, n = model._meta.db_table, 0
    for name, kind in held.classes.items():
        if kind not in ("message", "contact"):
            continue
        json = isinstance(model._meta.fields_map[name], fields.JSONField)
        for row_id, text in await tx.fetch(f"SELECT id, {name} FROM {table}"):  # noqa: S608
            if plan.scrubber.found(text):
                clean = blanked(text, plan.scrubber) if json else plan.scrubber.text(text)
                sql = f"UPDATE {table} SET {name} = ? WHERE id = ?"  # noqa: S608
                n += await tx.execute(sql, (clean, row_id))
    return n


async def _tokens(tx: Transaction, plan: Plan, model: type[Model], held: Held) -> int:
    sql = "DELETE FROM used_token WHERE jti = ?"
    return sum([await tx.execute(sql, (f"confirm-{seq}",)) for seq in plan.rows.requests])


async def _examples(tx: Transaction, plan: Plan, model: type[Model], held: Held) -> int:
    """Single values that came from her, or that name her."""
    rows = await tx.fetch("SELECT id, data FROM seen_kind")
    found = await examples_without(rows, set(plan.people), plan.scrubber)
    for data, row_id, _ in found:
        await tx.execute("UPDATE seen_kind SET data = ? WHERE id = ?", (data, row_id))
    return sum(n for _, _, n in found)


async def _letters(tx: Transaction, plan: Plan, model: type[Model], held: Held) -> int:
    """Refused events are nobody's: those that name her go."""
    rows = await tx.fetch("SELECT id, reason, device, body FROM dead_letter")
    hers = [
        row_id
        for row_id, reason, device, body in rows
        if plan.scrubber.found(f"{reason} {device}") or names_her(body, plan.scrubber)
    ]
    return await _each(tx, "DELETE FROM dead_letter WHERE id IN", hers)


# How each way that a table may declare is done; `hub.registry.Erase` lists the same names.
ERASERS: dict[str, Eraser] = {
    "no": _no, "delete": _delete, "release": _release, "blank": _blank, "tombstone": _tombstone,
    "log": _log, "links": _links, "orders": _orders, "order_parts": _order_parts,
    "scrub": _scrub, "tokens": _tokens, "examples": _examples, "letters": _letters,
}  # fmt: skip
