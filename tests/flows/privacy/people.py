"""One person, known through every way there is, with a word in each that is found nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import orjson

from hub.flows.accept import accept_batch
from hub.flows.confirm import confirm, make_link
from hub.flows.corrections import correct_trait
from hub.flows.decide import node_of
from hub.flows.device import LinkRequest, link_device
from hub.flows.import_orders import OrderFile, import_orders
from hub.flows.people import living_person
from hub.flows.plugin_state import StoredState
from hub.flows.subscribe import SubscribeRequest, subscribe
from hub.imports.errors_file import ErrorsFile
from hub.imports.orders import Given
from hub.sdk.records import Customer, Identifier, Refund
from hub.sdk.state import StateKey
from tests.shop import SHOP, SHOP_URL, START, Shop, banner, order, product, viewed

POPUP = """
type: popup
name: News
slot: overlay
content:
  en: {title: News, button: Send, consent_label: I agree, text_version: v1, success: Thanks}
"""
NOTES = (StateKey("note:*", "What a plugin noted of one person", personal=True),)


@dataclass
class Person:
    """`words`: what must be in her export, and nowhere after her erasure."""

    name: str
    email: str
    token: str
    words: list[str]


def word(name: str, what: str) -> str:
    return f"canary-{name}-{what}"


async def furnish(shop: Shop) -> None:
    """What the shop has whoever comes."""
    await shop.widget("news", POPUP)
    await shop.widget("hello", banner())
    await shop.report(product("p1"), product("p2"))


async def make_person(shop: Shop, name: str, folder: Path, number: int) -> Person:
    """She comes through the page, the pop-up, the server, the connector, a file and a plugin."""
    email = f"canary-{name}-mail@example.com"
    token = await shop.device()
    await _browse(shop, name, token)
    await _subscribe(shop, name, email, token)
    await _known_by_the_shop(shop, name, email, token, number)
    await _import(shop, name, email, folder, number)
    await _server(shop, name, email)
    state = StoredState(shop.hub, "notes", NOTES)
    who = Identifier("", "email", email)
    await state.put("note:1", {"text": word(name, "plugin")}, person=who)
    await correct_trait(shop.hub, await _number(shop, who), "size", word(name, "corrected"), by="e")
    await shop.ask(token, page={"url": f"{SHOP_URL}/?q={word(name, 'decision')}"})
    await shop.hub.decisions.flush()
    await shop.settle()
    words = [email] + [
        word(name, what)
        for what in ("search", "trait", "form", "customer", "first", "last", "phone", "buyer",
                     "import", "user", "server", "plugin", "decision", "anonymous", "reason",
                     "corrected", "campaign")
    ]  # fmt: skip
    return Person(name, email, token, words)


async def _number(shop: Shop, who: Identifier) -> int:
    node = await node_of(shop.hub, who)
    found = await living_person(shop.hub, node) if node is not None else None
    assert found is not None
    return found


async def _browse(shop: Shop, name: str, token: str) -> None:
    searched = {"type": "track", "event": "Products Searched",
                "properties": {"query": word(name, "search")}}  # fmt: skip
    said = {"type": "identify", "traits": {"nickname": word(name, "trait")}}
    url = f"{SHOP_URL}/?utm_campaign={word(name, 'campaign')}"
    came = {"type": "page", "context": {"page": {"url": url}}}
    await shop.send(viewed("p1"), searched, said, came, token=token)


async def _subscribe(shop: Shop, name: str, email: str, token: str) -> None:
    request = SubscribeRequest("", "news", 1, email, token=token)
    request.page.url = f"{SHOP_URL}/?from={word(name, 'form')}"
    await subscribe(shop.hub, shop.sources["browser"], request)
    seq = await shop.settle()
    back = await confirm(shop.hub, make_link(shop.hub, seq=seq, locale="en").rpartition("/")[2])
    key = back.rpartition("rgl_k=")[2]
    assert await link_device(shop.hub, shop.sources["browser"], LinkRequest("", token, key))
    await shop.settle()


async def _known_by_the_shop(shop: Shop, name: str, email: str, token: str, number: int) -> None:
    customer = word(name, "customer")
    facts = {"first_name": word(name, "first"), "last_name": word(name, "last")}
    refund = Refund(f"r{number}", 500, START, word(name, "reason"))
    bought = order(
        f"{number}", customer_id=customer, email=email, phone=word(name, "phone"),
        order_key=f"wc_order_{name}_secret", refunds=(refund,), **facts,
    )  # fmt: skip
    known = Customer(SHOP, customer, START, email=email, traits={"vip": True}, **facts)
    await shop.report(known, bought)
    page = {"type": "track", "event": "Order Completed",
            "properties": {"order_id": f"{number}", "total": 19.95, "currency": "EUR",
                           "order_key": f"wc_order_{name}_secret",
                           "products": [{"product_id": "p1", "name": word(name, "buyer")}],
                           }}  # fmt: skip
    await shop.send(page, token=token)


async def _import(shop: Shop, name: str, email: str, folder: Path, number: int) -> None:
    file = folder / f"{name}.csv"
    file.write_text(
        "id,date,product,n,price,email,first\n"
        f"imp-{number},2026-01-02T10:00:00,p1,1,10.00,{email},{word(name, 'import')}\n"
        f"bad-{number},never,p1,1,10.00,{email},x\n"
    )
    mapping = {"order_id": "id", "placed_at": "date", "product_id": "product", "quantity": "n",
               "unit_price": "price", "email": "email", "first_name": "first"}  # fmt: skip
    given = Given(shop=SHOP, currency="EUR")
    orders = OrderFile(path=file, mapping=mapping, given=given, timezone="Europe/Amsterdam")
    errors = ErrorsFile(shop.hub.settings.data_dir / f"{name}.errors.csv", tuple(mapping))
    report = await import_orders(shop.hub, orders, errors, lambda done, of: None)
    assert (report.new, report.orders_aside) == (1, 1)
    file.unlink()  # the operator's own file is not the hub's
    await shop.settle()


async def _server(shop: Shop, name: str, email: str) -> None:
    said = {"type": "identify", "userId": word(name, "user"),
            "anonymousId": word(name, "anonymous"),
            "traits": {"email": email, "club": word(name, "server")}}  # fmt: skip
    bought = {"type": "track", "event": "Order Completed", "userId": word(name, "user"),
              "properties": {"order_id": f"srv-{name[:1]}", "total": 30, "currency": "EUR",
                             "products": [{"product_id": "p2", "price": 30, "quantity": 1}],
                             }}  # fmt: skip
    await shop.send(said, bought, source="server")


async def everything(shop: Shop, url: str) -> str:
    """Every byte that the hub keeps: the files of its folder, or all rows of PostgreSQL too."""
    found = []
    for file in sorted(shop.hub.settings.data_dir.rglob("*")):
        if file.is_file():
            found.append(file.read_bytes().decode("utf-8", "replace"))
    if url.startswith("postgres"):
        connection = await asyncpg.connect(url)
        try:
            tables = await connection.fetch(
                "SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public'"
            )
            for (table,) in tables:
                rows = await connection.fetch(f'SELECT t::text FROM "{table}" t')
                found += [row[0] for row in rows]
        finally:
            await connection.close()
    found += [r.sample + r.reason for r in shop.hub.rejects.newest]
    return "\n".join(found)


async def revenue(shop: Shop) -> list[tuple[Any, ...]]:
    """The books: number, total and refunds of the orders by status and currency."""
    return sorted(
        tuple(row)
        for row in await shop.hub.database.fetch(
            "SELECT status, currency, provisional, COUNT(*), SUM(total), SUM(refunded) "
            "FROM shop_order GROUP BY status, currency, provisional"
        )
    )


async def bad_event(shop: Shop, name: str) -> None:
    """An event that is refused, and whose sample names her."""
    raw = orjson.dumps({"batch": [{"type": "track", "userId": f"canary-{name}-mail@example.com"}]})
    await accept_batch(shop.hub, shop.sources["server"], raw)
