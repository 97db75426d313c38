"""decide and why: the strongest that fits wins, and the record tells the same later on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

from hub.clock import to_ms
from hub.flows.decide import context_of, read_request
from hub.flows.publish import Conflict, load_published, publish, retire
from hub.flows.why import Why, why
from hub.flows.workspace import pause_output
from hub.ingest.limits import BadInput
from hub.sdk.records import Deleted, Refund, RefundSighting
from tests.shop import SHOP, START, Shop, banner, order, product, viewed

TWICE = "when: {did: {event: Product Viewed, count: {at_least: 2}, within: {days: 7}}}"


async def asked(shop: Shop, token: str, **request: Any) -> tuple[list[str], Why]:
    """What is shown, and what the record says of it."""
    answer = await shop.ask(token, **request)
    found = await why(shop.hub, answer["id"])
    assert found is not None
    return [line["widget"] for line in answer["decisions"]], found


async def test_the_strongest_that_fits_wins_its_slot(shop: Shop) -> None:
    await shop.widget("low", banner(priority=1))
    await shop.widget("high", banner(priority=5))
    await shop.widget("picky", banner(priority=9, extra=[TWICE]))
    await shop.widget("aside", banner(slot="side"))
    await shop.widget("overlay", banner(slot="overlay"))
    token = await shop.device()
    shown, told = await asked(shop, token)
    assert shown == ["high", "aside", "overlay"]
    reasons = {line.widget: line.reason for line in told.widgets}
    assert reasons["low"] == "slot taken by high, which has more priority"
    assert reasons["picky"] == "the rule does not hold: Product Viewed 2 times more"
    assert told.agrees
    assert await shop.shown(token, slots=["side"]) == ["aside", "overlay"]


async def test_a_tie_is_broken_by_the_name(shop: Shop) -> None:
    for key in ("b", "a", "c"):
        await shop.widget(key, banner())
    assert await shop.shown() == ["a"]


async def test_the_record_tells_the_same_whatever_happens_later(shop: Shop) -> None:
    await shop.widget("twice", banner(extra=[TWICE]))
    token = await shop.device()
    await shop.send(viewed("p1"), token=token)
    before = (await shop.ask(token))["id"]
    await shop.send(viewed("p2"), token=token)
    after = (await shop.ask(token))["id"]
    await shop.widget("twice", banner(extra=["when: {locale: {is: fr}}"]), version=1)
    late = {**viewed("p3"), "originalTimestamp": (START - timedelta(days=2)).isoformat()}
    await shop.send(late, token=token)
    first, second = await why(shop.hub, before), await why(shop.hub, after)
    assert first is not None
    assert second is not None
    assert [(line.won, first.agrees) for line in first.widgets] == [(False, True)]
    assert [(line.won, second.agrees) for line in second.widgets] == [(True, True)]
    assert await shop.shown(token) == []
    assert await why(shop.hub, "unknown") is None


async def test_what_happened_before_publishing_counts_right_after(shop: Shop) -> None:
    token = await shop.device()
    shop.later(days=-3)
    await shop.send(viewed("p1"), token=token)
    shop.later(days=3)
    await shop.send(viewed("p2"), token=token)
    await shop.widget("twice", banner(extra=[TWICE]))
    shown, told = await asked(shop, token)
    assert (shown, told.agrees) == (["twice"], True)
    shop.later(days=5)
    shown, told = await asked(shop, token)
    assert (shown, told.agrees) == ([], True)


async def test_a_late_event_counts_at_its_own_time(shop: Shop) -> None:
    await shop.widget("twice", banner(extra=[TWICE]))
    token = await shop.device()
    old = {**viewed("p1"), "originalTimestamp": (START - timedelta(days=30)).isoformat()}
    await shop.send(old, viewed("p2"), token=token)
    assert await shop.shown(token) == []
    recent = {**viewed("p1"), "originalTimestamp": (START - timedelta(days=2)).isoformat()}
    await shop.send(recent, token=token)
    assert await shop.shown(token) == ["twice"]


async def test_a_clock_a_little_ahead_hides_nothing(shop: Shop) -> None:
    await shop.widget("once", banner(extra=["when: {did: {event: Product Viewed}}"]))
    token = await shop.device()
    ahead = {**viewed("p1"), "originalTimestamp": (START + timedelta(seconds=50)).isoformat()}
    await shop.send(viewed("p0"), token=token)
    await shop.send(ahead, token=token)
    shown, told = await asked(shop, token)
    assert (shown, told.agrees) == (["once"], True)


async def test_a_cap_ends_it_and_time_brings_it_back(shop: Shop) -> None:
    await shop.widget("hello", banner(extra=["caps: {per_visitor: 2, days: 7}"]))
    token = await shop.device()
    seen = {
        "type": "track", "event": "Promotion Viewed", "properties": {"promotion_id": "hello"},
    }  # fmt: skip
    await shop.send(seen, token=token)
    assert await shop.shown(token) == ["hello"]
    await shop.send(seen, token=token)
    shown, told = await asked(shop, token)
    assert (shown, told.widgets[0].reason, told.agrees) == ([], "cap reached: 2 of 2", True)
    shop.later(days=7, seconds=1)
    assert await shop.shown(token) == ["hello"]


async def test_pause_stops_everything_and_the_record_knows(shop: Shop) -> None:
    await shop.widget("hello", banner())
    token = await shop.device()
    await pause_output(shop.hub, True)
    shown, told = await asked(shop, token)
    await pause_output(shop.hub, False)
    again = await why(shop.hub, told.id)
    assert again is not None
    assert (shown, again.widgets[0].reason, again.agrees) == ([], "all output is paused", True)
    assert await shop.shown(token) == ["hello"]


async def test_orders_and_refunds_explain_themselves(shop: Shop) -> None:
    await shop.widget("bought", banner(extra=["when: {did: {event: Order Completed}}"]))
    await shop.widget("sorry", banner(slot="side", extra=["when: {did: {event: Order Refunded}}"]))
    token = await shop.device()
    key = {"type": "page", "properties": {"order_key": "wc_order_secret1"}}
    await shop.send(key, token=token)
    await shop.report(order("1", customer_id="c1", order_key="wc_order_secret1"))
    shop.later(minutes=1)
    shown, told = await asked(shop, token)
    assert (shown, told.agrees) == (["bought"], True)
    await shop.report(RefundSighting(SHOP, "1", (Refund("r1", 500, START),)))
    shop.later(minutes=1)
    shown, told = await asked(shop, token)
    assert (shown, told.agrees) == (["bought", "sorry"], True)
    await shop.report(Deleted(SHOP, "order", "1", shop.clock.now()))
    shop.later(minutes=1)
    shown, told = await asked(shop, token)
    assert told.agrees


async def test_widgets_of_recommendations_never_repeat_or_show_the_unfit(shop: Shop) -> None:
    text = (
        "type: recommendations\nname: Popular\nslot: top\n"
        "recommend: {strategy: popular, limit: 3}\ncontent: {en: {title: Popular}}\n"
    )
    await shop.widget("popular", text)
    assert await shop.shown() == []  # nothing can be shown
    await shop.report(
        product("p1"), product("p2"), product("p3", stock="no"), product("p4", price=None),
        product("p5", url=""),
    )  # fmt: skip
    token = await shop.device()
    await shop.send(*(viewed(f"p{n}") for n in (1, 2, 3, 4, 5, 9)), token=token)
    (line,) = (await shop.ask(product={"product_id": "p2"}))["decisions"]
    assert [p["product_id"] for p in line["products"]] == ["p1"]
    assert line["products"][0]["price"] == 1995


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b'{"slots":5}', b'{"page":{"url":5}}', b"\xff", b'{"page":{"title":"\\u0000"}}',
     b'{"recent":' + b"[" * 100_000],
)  # fmt: skip
def test_a_request_that_can_not_be_read(raw: bytes) -> None:
    with pytest.raises(BadInput):
        read_request(raw)


async def test_a_hostile_page_is_answered(lite: Shop) -> None:
    await lite.widget("hello", banner())
    page = {"url": "http://[", "search": "?" + "&".join(f"a{n}=1" for n in range(500))}
    answer = await lite.ask(
        page=page, product={"product_id": "http://["}, recent=["https://a]b/"] * 60,
        slots=["top"] * 60, locale="x" * 5000, category="\\" * 100,
    )  # fmt: skip
    assert [line["widget"] for line in answer["decisions"]] == ["hello"]
    half = read_request(b'{"page":{"title":"\\ud83d"}}')
    assert half.page.title == "\ufffd"


async def test_two_editors_do_not_overwrite_each_other(shop: Shop) -> None:
    await shop.widget("hello", banner())
    await shop.widget("hello", banner(priority=2), version=1)
    with pytest.raises(Conflict) as caught:
        await publish(shop.hub, "hello", banner(), base_version=1, author="bob@shop.example")
    assert caught.value.newest == 2
    await retire(shop.hub, "hello", base_version=2, author="ann@shop.example")
    assert await shop.shown() == []
    await shop.widget("hello", banner(), version=3)
    assert await shop.shown() == ["hello"]


async def test_a_text_that_can_not_be_read_any_more_is_left_out(shop: Shop) -> None:
    await shop.widget("good", banner())
    await shop.hub.database.write([(
        "INSERT INTO config_version (kind, key, version, yaml, published_at, author) "
        "VALUES ('widget', 'bad', 1, ?, 0, '')", [("type: gone\nname: x\nslot: top\n",)],
    )])  # fmt: skip
    await load_published(shop.hub)
    assert await shop.shown() == ["good"]


async def test_an_answer_says_nothing_about_the_visitor(shop: Shop) -> None:
    await shop.widget("twice", banner(extra=[TWICE]))
    token = await shop.device()
    await shop.send(
        {"type": "identify", "userId": "u1", "traits": {"city": "Utrecht"}}, viewed("p1"),
        viewed("p2"), token=token,
    )  # fmt: skip
    known, unknown = await shop.ask(token), await shop.ask()
    assert b"Utrecht" not in orjson.dumps(known)
    assert known.keys() == unknown.keys()
    assert known["decisions"][0].keys() == {
        "slot", "widget", "version", "type", "trigger", "content",
    }  # fmt: skip
    assert to_ms(START) == shop.now


def test_the_request_gives_page_and_campaign() -> None:
    search = "?utm_source=mail&utm_campaign=spring&x=1"
    request = {"page": {"path": "/p", "search": search}, "product": {"product_id": "p1"},
               "device": {"type": "phone"}}  # fmt: skip
    context = context_of(read_request(orjson.dumps(request)))
    assert context.page == {"path": "/p", "search": search, "product": "p1"}
    assert context.campaign == {"source": "mail", "name": "spring"}
    assert (context.device, context.locale) == ("phone", None)
    flooded = {"page": {"search": "&".join(["utm_source=x"] * 5000)}}
    assert context_of(read_request(orjson.dumps(flooded))).campaign == {}
