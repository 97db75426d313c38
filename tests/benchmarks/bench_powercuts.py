"""Simulated power cuts on the hub's own tables, connections and statements: intake and projector
write, the disk keeps only what was synced and any part of the rest."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import msgspec
import orjson

from hub.catalogue.products import Catalogue
from hub.flows.memory import Memory
from hub.flows.project import Projector
from hub.flows.rebuild import PROJECTED
from hub.sdk.records import Identifier, Link
from hub.store import sqlite as driver
from hub.store.database import Entry, StoreUnavailable
from hub.store.migrate import migrate_sqlite
from hub.store.sqlite import SqliteDatabase, connect
from hub.store.writer import Writer
from tests.benchmarks.disk import Op, after_cuts, recording
from tests.shop import projections
from tests.unit.store.entries import NOW, entry

CALLERS = 6
ROUNDS = 25  # what each caller sends, one after the other
CUTS_EACH = 250  # of one history
CHECKPOINT_BYTES = 400_000  # so that each history has several
LOOK_CLOSER = 25  # every so many cuts the projector goes on from there


class History(msgspec.Struct):
    """`acks`: how many ops were done when an entry was acknowledged, its seq and its number."""

    ops: list[Op]
    acks: list[tuple[int, int, int]]


class Source(msgspec.Struct, frozen=True):
    kind: str = "server"
    shop: str = "shop"


class Damage(msgspec.Struct):
    """After how many cuts something was missing, broken, or did not follow from the log."""

    cuts: int = 0
    lost: int = 0
    worst: int = 0
    broken: list[str] = []
    acked: int = 0


def projector(database: SqliteDatabase) -> Projector:
    return Projector(database, Memory(Catalogue()), lambda: {1: Source()}, dict)


def story(number: int, draw: random.Random) -> Entry:
    """A view, a sign-in or an order; now and then a message that was sent before."""
    properties: dict[str, Any] = {"n": number, "product_id": f"p{number % 40}"}
    name, links = "Product Viewed", ()
    who = f"d{draw.randrange(60)}"
    if draw.random() < 0.2:
        name = "Order Completed"
        properties |= {"order_id": f"o{number}", "total": 5, "currency": "EUR",
                       "products": [{"product_id": "p1", "price": 5, "quantity": 1}]}  # fmt: skip
    elif draw.random() < 0.2:
        email = Identifier("", "email", f"a{draw.randrange(40)}@example.com")
        links = (Link(email, "verified"),)
    body = orjson.dumps({"type": "track", "properties": properties, "pad": "x" * 300}).decode()
    made = entry(f"m{number}", subject=who, links=links, at=NOW + number, body=body)
    made.name = name
    return made


async def _record(file: Path, ops: list[Op], seed: int) -> History:
    draw = random.Random(seed)
    with closing(connect(file)) as connection:
        migrate_sqlite(connection)
    history = History(ops, [])
    database = SqliteDatabase(file)
    views = projector(database)
    writer = Writer(database, views.wake)
    writer.start()
    await views.start()

    async def caller(which: int) -> None:
        for round_ in range(ROUNDS):
            first = (which * ROUNDS + round_) * 20
            numbers = range(first, first + draw.randint(1, 20))
            outcomes = await writer.append([story(n, draw) for n in numbers])
            done = len(ops)
            history.acks += [
                (done, outcome.seq, n) for outcome, n in zip(outcomes, numbers, strict=True)
            ]
            if draw.random() < 0.04:
                with suppress(StoreUnavailable):  # the projector may be reading
                    await database.forget(())  # as after an erasure: the WAL goes into the file

    await asyncio.gather(*(caller(which) for which in range(CALLERS)))
    await writer.close()
    await views.close()
    await database.close()
    return history


def record(folder: Path, seed: int, *, careless: bool = False) -> History:
    """One history of the store, with everything it wrote."""
    small = patch.object(driver, "CHECKPOINT_BYTES", CHECKPOINT_BYTES)
    with small, recording(f"cuts-{seed}-{careless}", careless=careless) as disk:
        return asyncio.run(_record(folder / "hub.db", disk.ops, seed))


def cut_often(history: History, cuts: int, folder: Path, seed: int) -> Damage:
    """Half of the cuts come just when something was acknowledged, the others anywhere."""
    draw = random.Random(seed)
    at_acks = [draw.choice(history.acks)[0] for _ in range(cuts // 2)]
    anywhere = [draw.randint(1, len(history.ops)) for _ in range(cuts - len(at_acks))]
    damage = Damage(acked=len(history.acks))
    for moment, image in after_cuts(history.ops, sorted(at_acks + anywhere), seed):
        place = folder / f"cut-{damage.cuts}"
        place.mkdir()
        for name, content in image.items():
            (place / name).write_bytes(content)
        promised = {seq: n for done, seq, n in history.acks if done <= moment}
        _look(place / "hub.db", promised, damage)
        damage.cuts += 1
        for file in place.iterdir():
            file.unlink()
        place.rmdir()
    return damage


def _look(file: Path, promised: dict[int, int], damage: Damage) -> None:
    with closing(connect(file)) as connection:
        ((sound,),) = connection.execute("PRAGMA integrity_check")
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if sound != "ok" or ("log" in tables) != ("dedupe" in tables):
            damage.broken.append(f"integrity: {sound}, {len(tables)} tables")
            return
        rows = dict(connection.execute("SELECT seq, body FROM log")) if "log" in tables else {}
        missing = sum(
            seq not in rows or orjson.loads(rows[seq])["properties"]["n"] != n
            for seq, n in promised.items()
        )
        damage.lost += missing > 0
        damage.worst = max(damage.worst, missing)
        if rows:
            damage.broken += _unsound(connection, len(rows))
    if rows and damage.cuts % LOOK_CLOSER == 0:
        damage.broken += asyncio.run(_goes_on(file))


def _unsound(connection: Any, entries: int) -> list[str]:
    """What does not fit together; all of it is changed in one transaction, or in the order of the
    log."""

    def one(sql: str) -> int:
        return int(connection.execute(sql).fetchone()[0] or 0)

    last, keys = one("SELECT MAX(seq) FROM log"), one("SELECT COUNT(*) FROM dedupe")
    counted = one("SELECT SUM(n) FROM intake_count WHERE outcome = 'stored'")
    cursor = one("SELECT MAX(seq) FROM cursor")
    events = one("SELECT SUM(json_extract(state, '$.events')) FROM node_state")
    orders = one("SELECT COUNT(*) FROM shop_order")
    wanted = one("SELECT COUNT(*) FROM log WHERE name = 'Order Completed' AND seq <= "
                 "(SELECT COALESCE(MAX(seq), 0) FROM cursor)")  # fmt: skip
    broken = []
    if not entries == last == keys == counted:
        broken.append(f"{entries} entries up to {last}, {keys} message ids, {counted} counted")
    if cursor > last or events != cursor or orders != wanted:
        broken.append(f"cursor {cursor} of {last}, {events} events, {orders} of {wanted} orders")
    return broken


async def _goes_on(file: Path) -> list[str]:
    """The projector catches up; what it made is what the log makes from the start."""
    database = SqliteDatabase(file)
    try:
        found = []
        for _ in range(2):
            views = projector(database)
            await views.start()
            await views.reached((await database.fetch("SELECT MAX(seq) FROM log"))[0][0])
            await views.close()
            found.append(await projections(SimpleNamespace(database=database)))
            await database.write([(f"DELETE FROM {table}", [()]) for table in PROJECTED])
        return [] if found[0] == found[1] else ["a rebuild makes something else"]
    finally:
        await database.close()


def all_cuts(cuts: int, *, careless: bool = False) -> Damage:
    """As many cuts, spread over histories that differ."""
    total = Damage()
    for seed, size in enumerate(_parts(cuts)):
        with tempfile.TemporaryDirectory(prefix="hub-cuts-", dir=_memory()) as name:
            history = record(Path(name), seed, careless=careless)
            damage = cut_often(history, size, Path(name), seed)
        total.cuts += damage.cuts
        total.acked += damage.acked
        total.lost += damage.lost
        total.worst = max(total.worst, damage.worst)
        total.broken = total.broken + damage.broken
    return total


def _parts(cuts: int) -> Sequence[int]:
    whole, rest = divmod(cuts, CUTS_EACH)
    return [CUTS_EACH] * whole + [rest] * bool(rest)


def _memory() -> str | None:
    """Nothing here asks for a real disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def run(quick: bool, cuts: int = 0) -> list[dict[str, Any]]:
    """Cuts of the hub as it is, and of one whose commits are not synced."""
    cuts = cuts or (100 if quick else 2000)
    ours, control = all_cuts(cuts), all_cuts(max(50, cuts // 10), careless=True)
    load = f"{cuts} cuts, {ours.acked} acknowledged"
    first = ours.broken[0] if ours.broken else ""
    careless = f"synchronous=NORMAL: {control.lost} of {control.cuts}"
    return [
        {"name": "D3 power cuts that lost acknowledged events", "value": ours.lost, "unit": "cuts",
         "control": load, "target": 0, "met": ours.lost == 0},
        {"name": "D3 databases broken, or views that do not follow from the log",
         "value": len(ours.broken), "unit": "cuts", "control": first,
         "target": 0, "met": not ours.broken},
        {"name": "D3 control: cuts that lost some without syncs", "value": control.lost,
         "unit": "cuts", "control": careless, "target": "> 0", "met": control.lost > 0},
    ]  # fmt: skip
