"""A card number in any field is never stored: not from a page, a server, a shop or a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.personal import CARD_MARK
from tests.shop import Shop, open_shop, order, viewed

CARD, SPACED = "4111111111111111", "5555 5555 5555 4444"


async def everything(shop: Shop) -> str:
    """All that the database holds, as one text."""
    await shop.hub.dictionary.caught_up()
    await shop.hub.decisions.flush()
    parts = []
    for table in ("log", "node", "node_state", "person", "shop_order", "seen_kind", "product"):
        parts += [repr(row) for row in await shop.hub.database.fetch(f"SELECT * FROM {table}")]
    return "\n".join(parts)


async def test_no_field_of_an_event_keeps_one(database_url: str, tmp_path: Path) -> None:
    async with open_shop(tmp_path, database_url) as shop:
        answer = await shop.send(
            {**viewed("p1", note=f"pay with {SPACED}!", n=int(CARD)), "anonymousId": "a1"},
            {"type": "track", "event": f"Paid {CARD}", "anonymousId": "a1"},
            {"type": "track", "event": "Paid", "anonymousId": "a1", CARD: 1,
             "properties": {CARD: {"deep": [{"x": float(CARD)}]}}},
            {"type": "identify", "anonymousId": "a1", "traits": {"plan": CARD}},
            {"type": "page", "name": CARD, "category": SPACED, "anonymousId": "a1",
             "context": {"page": {"url": f"https://shop.example/?cc={CARD}"},
                         "traits": {"nick": SPACED}}},
        )  # fmt: skip
        assert (answer.accepted, answer.rejected) == (5, [])
        said = await everything(shop)
        assert CARD not in said and SPACED not in said and "555555555" not in said
        assert said.count(CARD_MARK) > 6
        assert "p1" in said


@pytest.mark.parametrize("field", ["userId", "anonymousId", "groupId", "previousId"])
async def test_an_id_that_is_one_is_refused_and_the_sample_hides_it(
    tmp_path: Path, field: str
) -> None:
    async with open_shop(tmp_path) as shop:
        event: dict[str, Any] = {**viewed("p1"), "anonymousId": "a1", field: CARD}
        answer = await shop.send(event)
        assert answer.accepted == 0
        assert f"{field}: looks like" in answer.rejected[0]["reason"]
        assert CARD not in answer.rejected[0]["reason"]
        assert CARD not in repr(shop.hub.rejects.newest)
        assert CARD not in await everything(shop)


async def test_what_a_shops_system_reports_is_cleaned_too(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.report(order(CARD, first_name=f"Ann {SPACED}"))
        said = await everything(shop)
        assert SPACED not in said
        assert f"Ann {CARD_MARK}" in said
        assert CARD in said, "the number of an order is the shop's own"
