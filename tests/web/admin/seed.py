"""A hub with something on every page, written through the flows."""

# ruff: noqa: E501
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import yaml

from hub.core import Hub, SourceRow
from hub.flows.accept import accept_batch
from hub.flows.decide import answer_page, read_request
from hub.flows.device import ConsentChoice, mint_device
from hub.flows.publish import publish, save_draft
from hub.flows.sources import create_source
from hub.flows.staff import create_owner
from hub.flows.sync import take_in
from hub.sdk.records import Customer, Order, OrderLine, Product, Refund, Sighting, Variant

EMAIL, PASSWORD = "anna@shop.example", "a long enough sentence"
TITLES = (
    "Ceramic teapot", "Linen apron", "Oak serving board", "Beeswax candles", "Stoneware mug",
    "Cotton tea towel", "Cast iron pan", "Walnut bowl", "Brass spoon rest", "Wool throw",
)  # fmt: skip
BANNER: dict[str, Any] = {
    "type": "banner", "name": "Welcome back", "slot": "home-top", "priority": 20,
    "when": {"all": [
        {"did": {"event": "Product Viewed", "count": {"at_least": 2}, "within": {"days": 7}}},
        {"any": [{"device": {"is": "desktop"}}, {"page": {"field": "path", "op": "starts_with", "value": "/"}}]},
        {"not": {"trait": {"key": "city", "op": "is", "value": "Gent"}}},
    ]},
    "content": {"en": {"title": "Good to see you again", "text": "The teapot you looked at is back.",
                       "button": "Have a look", "url": "/new", "tone": "accent"},
                "nl": {"title": "Fijn dat je er weer bent", "text": "De theepot is er weer.",
                       "button": "Bekijken", "url": "/nl/new"}},
}  # fmt: skip
EVERYONE: dict[str, Any] = {
    "type": "banner",
    "name": "Free delivery",
    "slot": "home-top",
    "priority": 5,
    "content": {"en": {"title": "Free delivery from 50 euro"}},
}
PICKS: dict[str, Any] = {
    "type": "recommendations",
    "name": "Picked for you",
    "slot": "home-picks",
    "priority": 1,
    "recommend": {"strategy": "also_viewed", "limit": 4, "fallback": "popular"},
    "content": {"en": {"title": "Picked for you"}},
}


async def seed(hub: Hub, texts: list[str] | None = None) -> dict[str, Any]:
    """Fill the hub; `texts` stand in for titles, names and traits. Answers ids worth visiting."""
    now = hub.clock.now()
    await create_owner(hub, email=EMAIL, name="Anna", password=PASSWORD)
    browser = await create_source(
        hub, name="Web shop", kind="browser", shop="myshop", shop_url="https://shop.example"
    )
    await create_source(hub, name="Back office", kind="server", shop="myshop")
    system = await create_source(hub, name="WooCommerce", kind="connector", shop="myshop")
    words = texts or list(TITLES)
    seq = await take_in(hub, system.id, _catalogue(words, now), ())
    seq = max(seq, await take_in(hub, system.id, _orders(words, now), ()))
    for data, key in ((BANNER, "welcome-back"), (EVERYONE, "free-delivery"), (PICKS, "picks")):
        await publish(hub, key, yaml.safe_dump(data), base_version=0, author=EMAIL)
    changed = {**EVERYONE, "content": {"en": {"title": words[0][:80], "text": words[-1][:200]}}}
    await save_draft(hub, "free-delivery", yaml.safe_dump(changed), base_version=1, author=EMAIL)
    await hub.views.reached(seq)
    decision = await _visits(hub, browser, words)
    await hub.views.reached((await hub.database.fetch("SELECT MAX(seq) FROM log"))[0][0])
    person = (await hub.database.fetch("SELECT id FROM person WHERE email = 'anna@example.org'"))[
        0
    ][0]
    return {"decision": decision, "person": person, "source": browser.id}


def _catalogue(words: list[str], now: datetime) -> list[Sighting]:
    return [
        Sighting(Product(
            "myshop", f"p{i}", now, title, "EUR", url=f"https://shop.example/p{i}", price=1250 + i * 475,
            list_price=2990 if i % 4 == 0 else None, categories=("Kitchen", title[:60]), sku=f"SKU-{i}",
            stock=("yes", "no", "unknown")[i % 3], quantity=i if i % 3 == 0 else None, brand=title[:40],
            variants=(Variant(f"v{i}", title, f"SKU-{i}-L", 1250, "yes", 3),),
        ))
        for i, title in enumerate(words)
    ]  # fmt: skip


def _orders(words: list[str], now: datetime) -> list[Sighting]:
    found = [Sighting(Customer(
        "myshop", "7", now, email="anna@example.org", first_name="Anna", last_name=words[0][:60],
        traits={"city": words[1][:200], "newsletter": True, "orders": 4}))]  # fmt: skip
    statuses = ("paid", "fulfilled", "pending", "cancelled", "refunded")
    for i in range(24):
        placed = now - timedelta(hours=5 * i + 1)  # within six days: a week is short after midnight
        status: Any = statuses[i % 5]
        refunds = (
            (Refund(f"r{i}", 500, placed + timedelta(hours=2), words[2][:80]),) if i == 5 else ()
        )
        found.append(Sighting(Order(
            "myshop", str(1000 + i), status, placed, placed, "EUR", 2450 + 315 * i, refunds=refunds,
            lines=(OrderLine(f"p{i % len(words)}", 2, "12.25", 2450, sku=f"SKU-{i}", title=words[i % len(words)][:200]),),
            email="anna@example.org" if i % 3 == 0 else f"buyer{i}@example.org", customer_id="7" if i % 3 == 0 else "",
            first_name="Anna" if i % 3 == 0 else "Bo", last_name=words[i % len(words)][:60], tax=425, shipping=495,
            order_key=f"wc_{i}", number=str(1000 + i),
        )))  # fmt: skip
    return found


async def _visits(hub: Hub, source: SourceRow, words: list[str]) -> str:
    both = ConsentChoice({"analytics": True, "personalisation": True}, "2026-11", "banner")
    decision = ""
    for visitor in range(3):
        token = await mint_device(hub, source, both)
        batch = [_view(visitor, i, words) for i in range(6)]
        batch.append({"type": "track", "event": words[3][:120], "messageId": f"odd{visitor}",
                      "properties": {"note": words[4 % len(words)]}})  # fmt: skip
        if visitor < 2:
            batch.append({"type": "identify", "userId": f"u{visitor}", "messageId": f"i{visitor}",
                          "traits": {"email": "anna@example.org" if not visitor else "kim@example.org",
                                     "nickname": words[5 % len(words)][:200]}})  # fmt: skip
        batch.append({"type": "track", "messageId": f"bad{visitor}", "properties": {"x": words[0]}})
        body = orjson.dumps({"batch": batch, "token": token})
        await accept_batch(hub, source, body)
        seq = (await hub.database.fetch("SELECT MAX(seq) FROM log"))[0][0]
        await hub.views.reached(seq)
        for key in ("welcome-back", "picks"):
            seen = {"batch": [
                {"type": "track", "event": f"Promotion {what}", "messageId": f"{what}{visitor}{key}",
                 "properties": {"promotion_id": key}} for what in ("Viewed", "Clicked")[: 1 + visitor % 2]
            ], "token": token}  # fmt: skip
            await accept_batch(hub, source, orjson.dumps(seen))
        request = {"token": token, "page": {"url": "https://shop.example/", "path": "/", "title": words[0]},
                   "slots": ["home-top", "home-picks"], "device": {"type": "desktop"}, "locale": "en",
                   "product": {"product_id": "p1"}}  # fmt: skip
        answer = await answer_page(hub, source, read_request(orjson.dumps(request)))
        decision = str(answer["id"])
    return decision


def _view(visitor: int, i: int, words: list[str]) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(minutes=30 - i)
    product = f"p{(visitor + i) % len(words)}" if i < 5 else f"unknown-{words[1][:40]}"
    return {"type": "track", "event": "Product Viewed", "messageId": f"v{visitor}-{i}",
            "originalTimestamp": at.isoformat(),
            "properties": {"product_id": product, "name": words[(visitor + i) % len(words)]},
            "context": {"page": {"path": f"/p{i}", "title": words[0]}}}  # fmt: skip
