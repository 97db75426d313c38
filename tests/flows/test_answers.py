"""Kept answers of rules are never older than the facts they are about."""

from __future__ import annotations

from tests.shop import Shop, viewed

SEEN_TWICE = """type: banner
name: Twice
slot: top
when: {did: {event: Product Viewed, count: {at_least: 2}, within: {hours: 3}}}
content: {en: {title: Seen twice}}
"""
ON_SALE = """type: banner
name: Sale
slot: middle
when: {page: {field: path, op: starts_with, value: /PATH}}
content: {en: {title: On sale}}
"""


def at(path: str) -> dict[str, str]:
    return {"url": f"https://linen.example{path}", "path": path}


async def test_an_event_changes_the_next_answer(shop: Shop) -> None:
    await shop.widget("twice", SEEN_TWICE, 0)
    token, other = await shop.device(), await shop.device()
    await shop.send(viewed("p1"), token=token)
    assert await shop.shown(token) == []
    assert await shop.shown(token) == []
    await shop.send(viewed("p2"), token=token)
    assert await shop.shown(token) == ["twice"]
    assert await shop.shown(token) == ["twice"]
    assert await shop.shown(other) == []


async def test_time_changes_the_answer_with_no_event(shop: Shop) -> None:
    await shop.widget("twice", SEEN_TWICE, 0)
    token = await shop.device()
    await shop.send(viewed("p1"), viewed("p2"), token=token)
    assert await shop.shown(token) == ["twice"]
    shop.later(hours=2)
    assert await shop.shown(token) == ["twice"]
    shop.later(hours=2)
    assert await shop.shown(token) == []


async def test_each_page_and_each_publication_has_its_own_answers(shop: Shop) -> None:
    token = await shop.device()
    await shop.widget("sale", ON_SALE.replace("PATH", "sale"), 0)
    assert await shop.shown(token, page=at("/sale/mug")) == ["sale"]
    assert await shop.shown(token, page=at("/new/mug")) == []
    assert await shop.shown(token, page=at("/sale/mug")) == ["sale"]
    await shop.widget("sale", ON_SALE.replace("PATH", "new"), 1)
    assert await shop.shown(token, page=at("/sale/mug")) == []
    assert await shop.shown(token, page=at("/new/mug")) == ["sale"]
