"""First and last touch from the wire to the person's page, and through retention and rebuild."""

from __future__ import annotations

from hub.flows.people import living_person, person_page
from hub.flows.rebuild import rebuild
from tests.shop import Shop, projections


def page(query: str = "", referrer: str = "") -> dict[str, object]:
    url = f"https://shop.example/p/1{query}"
    return {"type": "page", "context": {"page": {"url": url, "referrer": referrer}}}


async def test_a_visitor_keeps_how_she_came(shop: Shop) -> None:
    token = await shop.device()
    await shop.send(page("?utm_source=news&utm_medium=email&utm_campaign=May"), token=token)
    shop.later(hours=1)
    await shop.send(page(referrer="https://shop.example/"), token=token)
    shop.later(days=3)
    await shop.send(page(referrer="https://www.google.com/"), token=token)
    shop.later(days=1)
    await shop.send(page(), token=token)
    person = await living_person(shop.hub, await shop.node(token))
    assert person is not None
    found = await person_page(shop.hub, person)
    assert found is not None
    assert found.first_touch is not None
    assert found.last_touch is not None
    assert (found.first_touch.kind, found.first_touch.campaign) == ("email", "May")
    assert (found.last_touch.kind, found.last_touch.source) == ("search", "google.com")
    before = await projections(shop.hub)
    await rebuild(shop.hub)
    assert await projections(shop.hub) == before
