"""What a plugin remembers: only what it declared, and of a person under her."""

from __future__ import annotations

import pytest

from hub.flows.erase import carry_on, request_erasure
from hub.flows.export_person import export_person
from hub.flows.plugin_state import OWN_KEYS, StoredState
from hub.sdk.errors import HubError
from hub.sdk.records import Customer, Identifier
from hub.sdk.state import MAX_BYTES, StateKey, UndeclaredState
from tests.shop import SHOP, START, Shop

ANN, BOB = "ann@example.com", "bob@example.com"
KEYS = (*OWN_KEYS, StateKey("mark", "A mark"), StateKey("score:*", "A score", personal=True))


def who(email: str) -> Identifier:
    return Identifier("", "email", email)


async def known(shop: Shop) -> StoredState:
    for i, email in enumerate((ANN, BOB)):
        await shop.report(Customer(SHOP, f"c{i}", START, email=email))
    return StoredState(shop.hub, "scores", KEYS)


async def test_a_key_that_is_not_declared_is_refused_with_the_line_to_add(lite: Shop) -> None:
    state = await known(lite)
    await state.put("cursor:orders", {"page": 2})
    await state.put("mark", 1)
    with pytest.raises(UndeclaredState, match=r"add StateKey\('email_of_last'"):
        await state.put("email_of_last", ANN)
    with pytest.raises(UndeclaredState, match="name the person"):
        await state.put("score:1", 5)
    with pytest.raises(UndeclaredState, match="declare it personal"):
        await state.put("mark", 5, person=who(ANN))
    with pytest.raises(HubError, match="larger than"):
        await state.put("mark", "x" * MAX_BYTES)
    assert (await state.get("mark"), await state.get("email_of_last")) == (1, None)


async def test_what_is_kept_of_a_person_is_hers_alone(shop: Shop) -> None:
    state = await known(shop)
    for email, score in ((ANN, 1), (BOB, 2), (ANN, 3)):
        await state.put("score:a", score, person=who(email))
    assert [await state.get("score:a", who(e)) for e in (ANN, BOB)] == [3, 2]
    export = await export_person(shop.hub, ANN, "test")
    lines = export.sections["plugin_person_state"]
    assert [(line["plugin"], line["key"], line["value"]) for line in lines] == [
        ("scores", "score:a", 3)
    ]
    assert await carry_on(shop.hub, await request_erasure(shop.hub, ANN, "test")) == "done"
    assert [await state.get("score:a", who(e)) for e in (ANN, BOB)] == [None, 2]
    with pytest.raises(HubError, match="knows nobody"):
        await state.put("score:a", 9, person=who(ANN))
    await state.delete("score:a", who(BOB))
    assert await state.get("score:a", who(BOB)) is None


async def test_of_somebody_unknown_nothing_is_kept(lite: Shop) -> None:
    state = await known(lite)
    with pytest.raises(HubError, match="knows nobody by this email") as caught:
        await state.put("score:a", 1, person=who("new@example.com"))
    assert "new@example.com" not in str(caught.value)
