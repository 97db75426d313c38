"""Any story a shop may tell the hub, as log entries: for properties that hold of all stories."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import orjson
from hypothesis import strategies as st

from hub.catalogue.sightings import sighting_entry
from hub.clock import to_ms
from hub.flows.device import consent_entry
from hub.ingest.events import Caller, read_event
from hub.sdk.records import (
    Customer,
    Deleted,
    Identifier,
    Order,
    Product,
    Record,
    Refund,
    RefundSighting,
)
from hub.store.database import Entry
from tests.shop import SHOP, START, order, product

SMALL = st.integers(0, 2)
MOMENT = st.integers(-72, 0)  # hours before the start
KEYS = ("wc_order_aaaaaaaa", "wc_order_bbbbbbbb", "")
ADDRESSES = ("ann@example.com", "bob@example.com", "cleo@example.com")


def _said(event: dict[str, Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(st.just("event"), SMALL, SMALL, st.fixed_dictionaries(event), MOMENT)


def _track(name: str, **properties: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return _said(
        {
            "type": st.just("track"),
            "event": st.just(name),
            "properties": st.fixed_dictionaries(properties),
        }
    )


ADDRESS = st.sampled_from(ADDRESSES)
REFERENCE = st.sampled_from(["p0", "p1", "p2", "sku-1", "sku-2", "https://shop.example/p/p2"])
STEPS = st.one_of(
    _track("Product Viewed", product_id=REFERENCE),
    _track("Promotion Viewed", promotion_id=st.sampled_from(["w1", "w2"])),
    _track(
        "Order Completed",
        order_id=st.sampled_from(["1000", "1001", "1002"]),
        total=st.sampled_from([19.95, "19,95", None, {}]),
        currency=st.sampled_from(["EUR", "jpy", "ßßß"]),
        order_key=st.sampled_from(KEYS),
        products=st.just([{"product_id": "p1", "price": 9.975, "quantity": 2}]),
    ),
    _said(
        {
            "type": st.just("identify"),
            "userId": st.sampled_from(["", "u1", "u2"]),
            "traits": st.fixed_dictionaries(
                {"email": ADDRESS, "city": st.sampled_from(["Delft", "Lyon", 5])}
            ),
        }
    ),
    st.tuples(st.just("consent"), SMALL, st.sampled_from(["granted", "withdrawn"]), MOMENT),
    st.tuples(st.just("request"), SMALL, ADDRESS, MOMENT),
    st.tuples(st.just("confirm"), SMALL, ADDRESS, MOMENT),
    st.tuples(
        st.just("order"), SMALL, st.sampled_from(["pending", "paid", "refunded", "cancelled"]),
        st.sampled_from(["", "c1", "c2"]), st.sampled_from(["", *ADDRESSES]),
        st.sampled_from(KEYS), MOMENT,
    ),
    st.tuples(st.just("refund"), SMALL, MOMENT),
    st.tuples(st.just("deleted"), st.sampled_from(["order", "product", "customer"]), SMALL, MOMENT),
    st.tuples(st.just("product"), SMALL, st.sampled_from(["", "sku-1", "sku-2"]), MOMENT),
    st.tuples(st.just("customer"), st.sampled_from(["c1", "c2"]), ADDRESS, MOMENT),
)  # fmt: skip
STORIES = st.lists(STEPS, min_size=1, max_size=25)


def entry_of(step: tuple[Any, ...], number: int, sources: dict[str, int]) -> Entry:
    """The log entry of one step. Sources: browser, server, connector -> their ids."""
    kind, *rest = step
    now = to_ms(START)
    if kind == "event":
        who, how, event, hours = rest
        return _event(who, how, event, hours, number, sources)
    if kind in ("consent", "request", "confirm"):
        return _consent(kind, rest, number, sources)
    return sighting_entry(
        _record(kind, rest), None, source_id=sources["connector"], received_at=now + number
    )


def _event(
    who: int, how: int, event: dict[str, Any], hours: int, number: int, sources: dict[str, int]
) -> Entry:
    at = (START + timedelta(hours=hours)).isoformat()
    body = {**event, "messageId": f"m{number}", "originalTimestamp": at}
    caller = Caller(sources["browser"], SHOP, "claimed", True, f"device-{who}")
    if how == 1:  # the SDK of another system, without a token
        caller = Caller(sources["browser"], SHOP, "claimed", True)
        body["anonymousId"] = f"a{who}"
    elif how == 2:  # the shop's server, with its secret key
        caller = Caller(sources["server"], SHOP, "verified", True)
        body["anonymousId"] = f"a{who}"
    entry, _ = read_event(orjson.dumps(body), caller, to_ms(START) + number)
    return entry


def _consent(kind: str, rest: list[Any], number: int, sources: dict[str, int]) -> Entry:
    who, said, hours = rest
    at = to_ms(START + timedelta(hours=hours))
    body = {"purpose": "personalisation", "channel": "site", "basis": "consent"}
    subject, state = Identifier("", "device", f"device-{who}"), said
    if kind != "consent":
        body = {"purpose": "marketing", "channel": "email", "basis": "consent"}
        subject = Identifier("", "email", said)
        state = "requested" if kind == "request" else "granted"
    if kind == "request":
        body["form"] = {"email": said, "source_id": sources["browser"]}  # type: ignore[assignment]
    if kind == "confirm":
        body["proved"] = True  # type: ignore[assignment]
    return consent_entry(
        source_id=sources["browser"], subject=subject, state=state, at=at, body=body
    )


def _record(kind: str, rest: list[Any]) -> Record:
    *rest, hours = rest
    moment = START + timedelta(hours=hours)
    if kind == "order":
        return _order(*rest, moment)
    if kind == "refund":
        refund = Refund(f"r{rest[0]}", 500, moment)
        return RefundSighting(SHOP, f"100{rest[0]}", (refund,))
    if kind == "deleted":
        names = {"order": "100", "product": "p", "customer": "c"}
        return Deleted(SHOP, rest[0], f"{names[rest[0]]}{rest[1]}", moment)
    if kind == "product":
        found: Product = product(f"p{rest[0]}", sku=rest[1], updated_at=moment)
        return found
    return Customer(SHOP, rest[0], moment, email=rest[1], first_name="Ann")


def _order(number: int, status: Any, customer: str, email: str, key: str, moment: Any) -> Order:
    return order(
        f"100{number}", status=status, customer_id=customer, email=email, order_key=key,
        updated_at=moment, placed_at=START - timedelta(hours=80),
    )  # fmt: skip


def stories(number: int) -> int:
    """So many made-up stories; REGULARS_STORIES=10 asks for ten times as many."""
    return max(1, int(number * float(os.environ.get("REGULARS_STORIES", "1"))))
