"""The share of events that belong to somebody known, and the hints that raise it."""

from __future__ import annotations

from hub.flows.device import LinkRequest
from hub.flows.match_rate import MatchDay, match_rate
from hub.flows.shop_sign_in import live_secrets, new_secret, sign_in
from hub.flows.sources_admin import change_source
from hub.sdk.records import Customer
from tests.shop import SHOP, START, Shop, viewed
from tests.shop_token import claims, sign


async def test_days_count_what_is_known_today(shop: Shop) -> None:
    source = shop.hub.sources[shop.sources["browser"].id]
    assert (await match_rate(shop.hub, source)).days == []
    hers, other = await shop.device(), await shop.device()
    await shop.send(viewed("p1"), viewed("p2"), token=hers)
    await shop.send(viewed("p1"), token=other)
    shop.later(days=1)
    await shop.send(viewed("p3"), token=hers)
    nobody = await match_rate(shop.hub, source)
    assert (nobody.events, nobody.events_known) == (4, 0)
    await new_secret(shop.hub, source.id)
    source = shop.hub.sources[source.id]
    assert "no_token" in (await match_rate(shop.hub, source)).hints
    await shop.report(Customer(SHOP, "c1", START, email="ann@example.com"))
    said = sign(live_secrets(shop.hub, source)[0], claims(source.write_key, "c1", shop.now))
    assert (await sign_in(shop.hub, source, LinkRequest("", hers, jwt=said))).linked
    found = await match_rate(shop.hub, source)
    assert found.days == [MatchDay("2026-11-24", 1, 1, 1, 1), MatchDay("2026-11-23", 3, 2, 2, 1)]
    assert (found.events, found.events_known) == (4, 3)
    assert not {"no_secret", "no_token"} & set(found.hints)


async def test_hints_name_what_is_missing_and_go_when_it_is_there(lite: Shop) -> None:
    source = lite.hub.sources[lite.sources["browser"].id]
    order = {"type": "track", "event": "Order Completed", "properties": {"order_id": "1"}}
    assert (await match_rate(lite.hub, source)).hints == ["no_secret", "no_mail_link"]
    await lite.send({**order, "anonymousId": "a"})
    assert "no_keys" in (await match_rate(lite.hub, source)).hints
    await change_source(lite.hub, source.id, identify="ignore", enabled=True)
    connector = lite.sources["connector"].id
    await change_source(lite.hub, connector, identify="claim", enabled=False)
    hints = (await match_rate(lite.hub, lite.hub.sources[source.id])).hints
    assert {"ignored", "no_system"} <= set(hints)
    server = lite.hub.sources[lite.sources["server"].id]
    assert (await match_rate(lite.hub, server)).hints == []


async def test_an_order_with_a_key_asks_for_nothing(lite: Shop) -> None:
    source = lite.hub.sources[lite.sources["browser"].id]
    properties = {"order_id": "1", "checkout_token": "0123456789ab"}
    event = {"type": "track", "event": "Order Completed", "properties": properties}
    await lite.send({**event, "anonymousId": "a"})
    assert "no_keys" not in (await match_rate(lite.hub, source)).hints
