"""Erasing a person: nothing of her is left, the books stay, and a rebuild tells the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.flows.erase import carry_on, request_erasure
from hub.flows.rebuild import rebuild
from hub.privacy.receipt import verify
from hub.store.models import Erasure
from tests.flows.privacy.people import bad_event, everything, furnish, make_person, revenue
from tests.shop import Shop, projections


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


async def test_after_an_erasure_no_word_of_her_is_left(
    shop: Shop, database_url: str, folder: Path
) -> None:
    await furnish(shop)
    ann = await make_person(shop, "ann", folder, 1)
    bob = await make_person(shop, "bob", folder, 2)
    await bad_event(shop, "ann")
    before = await everything(shop, database_url)
    assert [w for w in ann.words if w not in before] == []
    books = await revenue(shop)
    number = await request_erasure(shop.hub, ann.email, "test")
    assert await carry_on(shop.hub, number) == "done"
    left = await everything(shop, database_url)
    assert [w for w in ann.words if w in left] == []
    assert "canary-ann" not in left
    assert [w for w in bob.words if w not in left] == []
    assert await revenue(shop) == books
    receipt, _ = verify((await Erasure.get(id=number)).receipt.encode(), shop.hub.privacy.public)
    assert {s.state for s in receipt.systems} == {"done"}
    live = await projections(shop.hub)
    await rebuild(shop.hub)
    again = await projections(shop.hub)
    for table, rows in live.items():
        assert again[table] == rows, table
