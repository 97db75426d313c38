"""suppress: who was erased does not come back by a sync, an import, a webhook or an old browser.

Orders are kept for the books without their buyer; everything else about her is dropped. She comes
back only by an act of her own: see `come_back`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
import orjson

from hub.catalogue.sightings import sighting_entry
from hub.clock import to_ms
from hub.core import Hub
from hub.flows.erase_ledger import note_return
from hub.privacy.anonymous import Scrubber, nameless, nameless_refund
from hub.sdk.identifiers import clean_email
from hub.sdk.records import Customer, Deleted, Identifier, Order, RefundSighting
from hub.store.database import Entry

SUPPRESS_SQL = (
    "INSERT INTO suppression (hash, kind, at, erasure_id, lifted_at, lifted_by) "
    "VALUES (?,?,?,?,0,'') ON CONFLICT (hash) DO UPDATE SET at = excluded.at, "
    "erasure_id = excluded.erasure_id, lifted_at = 0, lifted_by = ''"
)
# What names her, and not only a browser, an order or a key of hers: this is given back to her.
NAMES = ("email", "phone", "user", "customer")


async def load_suppressed(hub: Hub) -> None:
    """Read who is suppressed. With nobody, entries are not looked at on their way in."""
    rows = await hub.database.fetch("SELECT hash FROM suppression WHERE lifted_at = 0")
    hub.suppressed.replace(row[0] for row in rows)
    _watch(hub)


def keep_out(hub: Hub, hashes: Sequence[str]) -> None:
    """From this moment on nothing of these is stored."""
    hub.suppressed.add(hashes)
    _watch(hub)


def _watch(hub: Hub) -> None:
    hub.writer.screen = partial(screen, hub) if hub.suppressed else None


async def come_back(hub: Hub, email: Identifier, by: str) -> bool:
    """She acted herself: her names are hers again; what was erased stays erased. `by` is the act
    on record. False when she was not suppressed."""
    rows = await hub.database.fetch(
        "SELECT erasure_id FROM suppression WHERE hash = ? AND lifted_at = 0",
        (hub.privacy.hash(email),),
    )
    if not rows:
        return False
    # Only what was erased together with this address, and what names her.
    lifted = await hub.database.fetch(
        "SELECT hash FROM suppression WHERE erasure_id = ? AND lifted_at = 0 "
        "AND kind IN (?, ?, ?, ?)",
        (rows[0][0], *NAMES),
    )
    now = to_ms(hub.clock.now())
    sql = "UPDATE suppression SET lifted_at = ?, lifted_by = ? WHERE hash = ?"
    await hub.database.write([(sql, [(now, by[:100], row[0]) for row in lifted])])
    note_return(hub, [row[0] for row in lifted])
    hub.suppressed.remove(row[0] for row in lifted)
    _watch(hub)
    return True


def screen(hub: Hub, entry: Entry) -> Entry | None:
    """What may be stored of an entry, or None."""
    out = hub.suppressed
    if entry.kind == "record":
        return _screen_record(hub, entry)
    if entry.subject is not None and entry.subject in out:
        return None
    named = [link for link in entry.links if link.to in out]
    if any(link.strength == "verified" for link in named):
        return None  # the shop's own word that this is she
    return _unnamed(entry, [link.to for link in named]) if named else entry


def _unnamed(entry: Entry, named: list[Identifier]) -> Entry:
    """A browser of its own speaks of somebody erased: it stays a browser that names nobody."""
    body = orjson.loads(entry.body)
    body.pop("traits", None)
    clean = Scrubber(who.value for who in named).value(body)
    return msgspec.structs.replace(entry, links=(), body=orjson.dumps(clean).decode())


class _Body(msgspec.Struct):
    record: msgspec.Raw


def _screen_record(hub: Hub, entry: Entry) -> Entry | None:
    raw = msgspec.json.decode(entry.body, type=_Body).record
    if entry.name == "order":
        order = msgspec.json.decode(raw, type=Order)
        return entry if not _bought_by(hub, order) else _again(entry, nameless(order))
    if entry.name == "refunds":
        seen = msgspec.json.decode(raw, type=RefundSighting)
        if Identifier(seen.shop, "order", seen.order_id) not in hub.suppressed:
            return entry
        refunds = tuple(map(nameless_refund, seen.refunds))
        return _again(entry, msgspec.structs.replace(seen, refunds=refunds))
    if entry.name == "customer":
        customer = msgspec.json.decode(raw, type=Customer)
        return None if _is(hub, customer) else entry
    if entry.name == "deleted":
        gone = msgspec.json.decode(raw, type=Deleted)
        # A shop numbers its products and orders from 1 too: only the customer's own number counts.
        out = gone.type == "customer" and _customer(gone.shop, gone.id) in hub.suppressed
        return None if out else entry
    return entry


def _again(entry: Entry, record: Order | RefundSighting) -> Entry:
    return sighting_entry(
        record, None, source_id=entry.source_id, received_at=entry.received_at
    )  # fmt: skip


def _bought_by(hub: Hub, order: Order) -> bool:
    return (
        Identifier(order.shop, "order", order.order_id) in hub.suppressed
        or (bool(order.customer_id) and _customer(order.shop, order.customer_id) in hub.suppressed)
        or _reached(hub, order.email, order.phone)
    )


def _is(hub: Hub, customer: Customer) -> bool:
    return _customer(customer.shop, customer.customer_id) in hub.suppressed or _reached(
        hub, customer.email, customer.phone
    )


def _reached(hub: Hub, email: str, phone: str) -> bool:
    known = clean_email(email)
    return (bool(known) and Identifier("", "email", known) in hub.suppressed) or (
        bool(phone) and Identifier("", "phone", phone) in hub.suppressed
    )


def _customer(shop: str, customer_id: str) -> Identifier:
    return Identifier(shop, "customer", customer_id)


def blanked(value: Any, scrubber: Scrubber) -> str:
    """A JSON text without the scrubbed values."""
    return orjson.dumps(scrubber.value(orjson.loads(value))).decode()
