"""Whether a database kept every promise: nothing lost, nothing twice, and every view of the log
as it follows from the events that are in it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import orjson

from hub.clock import SystemClock
from hub.core import Hub
from hub.flows.publish import publish
from hub.flows.rebuild import rebuild
from hub.flows.run import open_hub
from hub.flows.sources import create_source
from hub.settings import Settings
from tests.benchmarks.callers import Ledger
from tests.shop import banner, projections

COUNTS = "{all: [{did: {event: Product Viewed, count: {at_least: 2}}}]}"


class Kept(msgspec.Struct):
    """`lost` acknowledged messages that are not in the log; `twice` messages that are there more
    than once; `effects` and `accounts` say what does not follow from the log."""

    lost: list[str]
    twice: list[str]
    effects: list[str]
    accounts: list[str]
    integrity: str
    stored: int

    @property
    def whole(self) -> bool:
        return not (self.lost or self.twice or self.effects or self.accounts) and (
            self.integrity == "ok"
        )


async def furnish(folder: Path, url: str = "") -> dict[str, str]:
    """A hub with one source for pages and one for the shop's server, and a widget that counts;
    answers the write keys by kind."""
    async with open_hub(Settings(data_dir=folder, database_url=url), SystemClock()) as hub:
        await publish(hub, "counting", banner(extra=[f"when: {COUNTS}"]), base_version=0, author="")
        return {
            kind: (await create_source(hub, name=kind, kind=kind, shop="shop")).write_key
            for kind in ("browser", "server")
        }


async def judge(folder: Path, ledger: Ledger, url: str = "") -> Kept:
    """Open the database as the hub does, let it catch up, and look."""
    async with open_hub(Settings(data_dir=folder, database_url=url), SystemClock()) as hub:
        (last,) = (await hub.database.fetch("SELECT COALESCE(MAX(seq), 0) FROM log"))[0]
        await hub.views.reached(last, timeout=60)
        rows = await hub.database.fetch(
            "SELECT l.seq, l.name, l.node_id, l.at, l.body, s.kind FROM log l "
            "JOIN source s ON s.id = l.source_id WHERE l.kind = 'event' ORDER BY l.seq"
        )
        events = [(*row[:4], orjson.loads(row[4]), row[5]) for row in rows]
        messages = Counter(body["context"]["mid"] for *_, body, _ in events)
        effects = [*await _profiles(hub, events), *await _orders(hub, events)]
        live = await projections(hub)
        await rebuild(hub)
        again = await projections(hub)
        effects += [f"{table} is not what a rebuild makes" for table in live
                    if live[table] != again[table]]  # fmt: skip
        return Kept(
            lost=sorted(ledger.acked - messages.keys()),
            twice=[message for message, n in messages.items() if n > 1],
            effects=effects,
            accounts=await _accounts(hub, ledger, len(events)),
            integrity=await _integrity(hub),
            stored=len(events),
        )


async def _profiles(hub: Hub, events: list[Any]) -> list[str]:
    """The counters of each node, added up anew."""
    wanted: dict[int, dict[str, list[int]]] = {}
    for _, name, node, at, _, _ in events:
        seen = wanted.setdefault(node, {}).setdefault(name, [0, at, at])
        seen[0] += 1
        seen[1], seen[2] = min(seen[1], at), max(seen[2], at)
    rows = await hub.database.fetch("SELECT node_id, state FROM node_state")
    found = {node: orjson.loads(state).get("seen", {}) for node, state in rows}
    found = {node: seen for node, seen in found.items() if seen}
    return [
        f"node {node}: {found.get(node)}, but the log has {wanted.get(node)}"
        for node in sorted(wanted.keys() | found.keys())
        if found.get(node) != wanted.get(node)
    ]


async def _orders(hub: Hub, events: list[Any]) -> list[str]:
    """Each order counts once, with the total that its number stands for."""
    wanted: dict[str, tuple[int, bool]] = {}
    for _, name, _, _, body, kind in events:
        if name == "Order Completed":
            properties = body["properties"]
            _, only_page = wanted.get(properties["order_id"], (0, True))
            provisional = only_page and kind == "browser"
            wanted[properties["order_id"]] = (int(properties["total"]) * 100, provisional)
    rows = await hub.database.fetch("SELECT order_id, total, provisional FROM shop_order")
    found = {order: (total, bool(provisional)) for order, total, provisional in rows}
    wrong = [
        f"order {order}: {found.get(order)}, but the log has {wanted.get(order)}"
        for order in sorted(wanted.keys() | found.keys())
        if found.get(order) != wanted.get(order)
    ]
    revenue = sum(total for total, provisional in wanted.values() if not provisional)
    sql = "SELECT COALESCE(SUM(total), 0) FROM shop_order WHERE NOT provisional"
    ((counted,),) = await hub.database.fetch(sql)
    if counted != revenue:
        wrong.append(f"revenue {counted}, but the log has {revenue}")
    for table in ("order_line", "order_event"):
        ((n,),) = await hub.database.fetch(f"SELECT COUNT(*) FROM {table}")
        if n != len(wanted):
            wrong.append(f"{table} has {n} rows for {len(wanted)} orders")
    return wrong


async def _accounts(hub: Hub, ledger: Ledger, stored: int) -> list[str]:
    """received = stored + duplicate + rejected, and none of it less than was answered."""
    rows = await hub.database.fetch("SELECT outcome, SUM(n) FROM intake_count GROUP BY outcome")
    counted = {outcome: int(n) for outcome, n in rows}
    rows = await hub.database.fetch(
        "SELECT reason, SUM(n) FROM intake_count WHERE outcome = 'rejected' GROUP BY reason"
    )
    refused = {reason: int(n) for reason, n in rows}
    ((keys,),) = await hub.database.fetch("SELECT COUNT(*) FROM dedupe")
    wrong = []
    if not counted.get("stored", 0) == stored == keys:
        wrong.append(f"{stored} events are stored, counted {counted}, with {keys} message ids")
    answered = ledger.answered
    if stored < answered["accepted"]:
        wrong.append(f"{answered['accepted']} were answered as new, {stored} are stored")
    least = answered["accepted"] + answered["duplicate"]
    most = least + ledger.open_events
    if not least <= stored + counted.get("duplicate", 0) <= most:
        wrong.append(f"stored and duplicate: {counted}, answered {least} and at most {most}")
    # Bad lines of a batch that was taken; a call that was refused whole promised nothing.
    least = answered["rejected"]
    if not least <= refused.get("type", 0) <= least + ledger.open_bad:
        wrong.append(f"rejected in batches: {refused}, answered {least}")
    if refused.get("userId", 0) > ledger.statuses[400] + ledger.open_bad:
        wrong.append(f"refused: {refused}, answered {ledger.statuses[400]}")
    return wrong


async def _integrity(hub: Hub) -> str:
    if hub.database.dialect == "postgres":
        return "ok"
    return str((await hub.database.fetch("PRAGMA integrity_check"))[0][0])
