"""A data folder full of people, in the time of a few: some live through the real log and
projector, the others are their copies with other names and numbers.

The copies are what a projection would have made; tests/unit/store/test_filled.py has the whole
projected again and compares.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from hub.catalogue.sightings import sighting_entry
from hub.clock import FixedClock, SystemClock
from hub.flows.accept import accept_batch
from hub.flows.device import ConsentChoice, mint_device
from hub.sdk.records import Order, OrderLine
from hub.store.sqlite import connect
from tests.shop import BOTH, SHOP, Shop, open_shop, product, viewed

BLOCK = 250  # people who really live
DAYS = 90
PRODUCTS = 200
MARK = "b0000000"  # in every name; a copy puts its own there
NODE, SEQ = "node", "seq"
# Table -> column -> the count that its number belongs to. Tables numbered by the database itself
# leave their id out.
NUMBERS: dict[str, dict[str, str]] = {
    "node": {"id": NODE},
    "log": {"seq": SEQ, "node_id": NODE},
    "dedupe": {"seq": SEQ},
    "node_state": {"node_id": NODE, "seq": SEQ},
    "node_person": {"node_id": NODE, "core_id": NODE, "person_id": NODE},
    "link": {"a": NODE, "b": NODE, "seq": SEQ},
    "person": {"id": NODE},
    "consent": {"seq": SEQ, "node_id": NODE},
    "shop_order": {"id": SEQ, "node_id": NODE},
    "order_line": {"order_pk": SEQ},
    "order_event": {"order_pk": SEQ, "node_id": NODE},
}
SELF_NUMBERED = {"link", "order_line", "order_event"}
Row = tuple[Any, ...]
Copy = Callable[[str, int, int], Any]  # name of the block, shift of nodes, shift of the log


def fill(data_dir: Path, people: int = 100_000) -> None:
    """Make a data folder (SQLite) with so many people, all projected. Never call it in a loop."""
    data_dir.mkdir(parents=True, exist_ok=True)
    asyncio.run(_live(data_dir, min(people, BLOCK)))
    if people > BLOCK:
        with closing(connect(data_dir / "hub.db")) as connection:
            _copy_all(connection, people - BLOCK)


async def _live(data_dir: Path, people: int) -> None:
    clock = FixedClock(SystemClock().now() - timedelta(days=DAYS))
    async with open_shop(data_dir, clock=clock) as shop:
        await shop.report(*(product(f"p{n}") for n in range(PRODUCTS)))
        for number in range(people):
            shop.clock.advance(timedelta(days=DAYS) / people)
            await _person(shop, number)
        await shop.settle()


async def _person(shop: Shop, number: int) -> None:
    choice = ConsentChoice(BOTH, "v1", "banner")
    token = await mint_device(shop.hub, shop.sources["browser"], choice)
    seen = [viewed(f"p{(number * 7 + i) % PRODUCTS}") for i in range(2 + number % 9)]
    email = f"{MARK}.{number}@people.example"
    if number % 5 < 3:
        seen.append({"type": "identify", "traits": {"email": email}})
    await _send(shop, "browser", seen, token)
    if number % 5 < 2:
        await _send(shop, "server", [
            {"type": "identify", "userId": f"{MARK}-{number}",
             "traits": {"email": email, "name": f"Ann {MARK}", "city": "Delft"}},
        ])  # fmt: skip
    bought = 1 + number % 2 if number % 5 < 2 else 0
    orders = [_order(shop, number, place, email) for place in range(bought)]
    entries = [
        sighting_entry(order, None, source_id=shop.sources["connector"].id, received_at=shop.now)
        for order in orders
    ]
    await shop.hub.writer.append(entries)


async def _send(shop: Shop, source: str, events: list[dict[str, Any]], token: str = "") -> None:
    batch = [{"messageId": secrets.token_hex(16), **event} for event in events]
    raw = orjson.dumps({"batch": batch, "token": token or None})
    await accept_batch(shop.hub, shop.sources[source], raw)


def _order(shop: Shop, number: int, place: int, email: str) -> Order:
    total = 1000 + number * 13
    line = OrderLine(product_id=f"p{number % PRODUCTS}", quantity=1,
                     unit_price=f"{total / 100:.2f}", total=total)  # fmt: skip
    return Order(
        shop=SHOP, order_id=f"{MARK}-{number}-{place}", status="paid", currency="EUR",
        placed_at=shop.clock.now(), updated_at=shop.clock.now(), total=total, lines=(line,),
        email=email, first_name="Ann", last_name=MARK, customer_id=f"{MARK}-{number}",
    )  # fmt: skip


def _copy_all(connection: sqlite3.Connection, more: int) -> None:
    """Add `more` people: whole blocks, the last one as far as needed is whole too."""
    first = connection.execute("SELECT MAX(seq) FROM log WHERE name = 'product'").fetchone()[0]
    nodes, last = connection.execute(
        "SELECT (SELECT MAX(id) FROM node), (SELECT MAX(seq) FROM log)"
    ).fetchone()
    copiers = {table: _Table(connection, table, first) for table in NUMBERS}
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-262144"):
        connection.execute(f"PRAGMA {pragma}")
    blocks = -(-more // BLOCK)
    connection.execute("BEGIN")
    for name, _ in indexes:
        connection.execute(f'DROP INDEX "{name}"')
    for block in range(1, blocks + 1):
        shift = block * (last - first)
        for copier in copiers.values():
            copier.write(connection, f"b{block:07}", block * nodes, shift)
    for _, sql in indexes:
        connection.execute(sql)
    connection.execute("UPDATE cursor SET seq = (SELECT MAX(seq) FROM log)")
    connection.execute("UPDATE intake_count SET n = n * ?", (blocks + 1,))
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")


class _Table:
    """The rows of the first block in one table, ready to be copied."""

    def __init__(self, connection: sqlite3.Connection, table: str, first: int) -> None:
        info = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
        columns = [row[1] for row in info if not (row[1] == "id" and table in SELF_NUMBERED)]
        names = ", ".join(f'"{name}"' for name in columns)
        own = {"log": "seq", "dedupe": "seq"}.get(table)
        where = f"WHERE {own} > {first}" if own else ""
        rows = connection.execute(f'SELECT {names} FROM "{table}" {where}').fetchall()
        self._rows = [
            [_copy(table, name, value) for name, value in zip(columns, row, strict=True)]
            for row in rows
        ]
        self._insert = f'INSERT INTO "{table}" ({names}) VALUES ({",".join("?" * len(columns))})'
        if table == "node":
            place = columns.index("type")
            for row, copies in zip(rows, self._rows, strict=True):
                if row[place] == "device":
                    copies[columns.index("value")] = _other_device

    def write(self, connection: sqlite3.Connection, name: str, nodes: int, seqs: int) -> None:
        connection.executemany(
            self._insert, ([copy(name, nodes, seqs) for copy in row] for row in self._rows)
        )


def _other_device(name: str, nodes: int, seqs: int) -> str:
    return secrets.token_urlsafe(16)


def _copy(table: str, column: str, value: Any) -> Copy:
    """How a value of the first block becomes that of another."""
    count = NUMBERS[table].get(column)
    if value is None:
        return lambda name, nodes, seqs: None
    if count == NODE:
        return lambda name, nodes, seqs: value + nodes
    if count == SEQ:
        return lambda name, nodes, seqs: value + seqs
    if table == "dedupe" and column == "key":
        return lambda name, nodes, seqs: value[:7] + _other_hash(value, name)
    if isinstance(value, str) and value[:1] in "{[" and value:
        return _text(_marked(table, column, orjson.loads(value)))
    if isinstance(value, str) and MARK in value:
        return lambda name, nodes, seqs: value.replace(MARK, name)
    return lambda name, nodes, seqs: value


def _other_hash(key: bytes, name: str) -> bytes:
    return hashlib.blake2b(key + name.encode(), digest_size=16).digest()


def _marked(table: str, column: str, document: Any) -> str:
    """The JSON again; numbers that shift stand as `\\x01n12\\x01` or `\\x01s12\\x01`."""
    if table == "log" and column == "links":
        document = [[f"\x01n{node}\x01", strength] for node, strength in document]
    elif table == "node_state":
        for trait in document.get("traits", {}).values():
            trait[2] = f"\x01s{trait[2]}\x01"
        for consent in document.get("consents", {}).values():
            consent[3] = f"\x01s{consent[3]}\x01"
    elif table == "shop_order":
        document["pk"] = f"\x01s{document['pk']}\x01"
        document["node_id"] = f"\x01n{document['node_id']}\x01"
        for said in ("version", "owner"):
            document[said][2] = f"\x01s{document[said][2]}\x01"
    return orjson.dumps(document).decode().replace('"\\u0001', "\x01").replace('\\u0001"', "\x01")


def _text(marked: str) -> Copy:
    parts = marked.split("\x01")
    literals, numbers = parts[::2], [(part[0], int(part[1:])) for part in parts[1::2]]
    if not numbers and MARK not in marked:
        return lambda name, nodes, seqs: marked

    def copy(name: str, nodes: int, seqs: int) -> str:
        found = [literals[0]]
        for literal, (kind, number) in zip(literals[1:], numbers, strict=True):
            found += str(number + (nodes if kind == "n" else seqs)), literal
        return "".join(found).replace(MARK, name)

    return copy


def main() -> None:
    """`python -m tests.benchmarks.filled FOLDER PEOPLE`"""
    fill(Path(sys.argv[1]), int(sys.argv[2]))


if __name__ == "__main__":
    main()
