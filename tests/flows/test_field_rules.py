"""Rules for fields: set by staff, applied at the door, in force after a restart."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from hub.flows.dictionary_read import FieldLine, kind_page, list_kinds
from hub.flows.field_rules import NoSuchField, set_field_rule
from tests.shop import Shop, open_shop

BY = "ann@shop.example"


async def put(shop: Shop, name: str, path: str, action: str) -> None:
    await shop.hub.dictionary.caught_up()
    (line,) = [k for k in (await list_kinds(shop.hub)).kinds if k.name == name]
    await set_field_rule(shop.hub, line.id, path, action, by=BY)
    shop.sources = {row.kind: row for row in shop.hub.sources.values()}


async def field(shop: Shop, name: str, path: str) -> FieldLine:
    (line,) = [k for k in (await list_kinds(shop.hub)).kinds if k.name == name]
    page = await kind_page(shop.hub, line.id)
    assert page is not None
    return next(f for f in page.fields if f.path == path)


async def newest(shop: Shop) -> tuple[dict[str, object], str]:
    rows = await shop.hub.database.fetch("SELECT body, links FROM log ORDER BY seq DESC LIMIT 1")
    return orjson.loads(rows[0][0]), rows[0][1]


async def test_what_is_left_out_never_reaches_the_database(
    database_url: str, tmp_path: Path
) -> None:
    event = {"type": "track", "event": "Asked", "userId": "7",
             "properties": {"email": "canary@x.example", "note": "hi"}}  # fmt: skip
    who = {"type": "identify", "userId": "7", "traits": {"email": "canary@x.example", "plan": "a"}}
    async with open_shop(tmp_path, database_url) as shop:
        warm = {**event, "properties": {"email": "old@x.example", "note": "x"}}
        await shop.send(warm, {**who, "traits": {"email": "old@x.example"}}, source="server")
        await put(shop, "Asked", "email", "drop")
        await put(shop, "Traits", "email", "hash")
        assert (await field(shop, "Asked", "email")).rule == "drop"
        await shop.send(event, source="server")
        body, links = await newest(shop)
        assert (body["properties"], links) == ({"note": "hi"}, "")
    async with open_shop(tmp_path, database_url) as shop:
        await shop.send(who, {**who, "traits": None, "context": {"traits": who["traits"]}},
                        source="server")  # fmt: skip
        body, links = await newest(shop)
        assert isinstance(body["traits"], dict)
        assert body["traits"]["plan"] == "a"
        assert str(body["traits"]["email"]).startswith("hash:")
        for table in ("log", "node", "node_state", "person"):
            assert "canary" not in repr(await shop.hub.database.fetch(f"SELECT * FROM {table}"))
        await put(shop, "Traits", "email", "keep")
        assert (await field(shop, "Traits", "email")).rule == "keep"
        await put(shop, "Asked", "email", "")
        assert (await field(shop, "Asked", "email")).rule == ""
        await shop.send(event, source="server")
        assert "canary" in str((await newest(shop))[0])


async def test_a_rule_is_of_one_source_and_for_a_known_field(tmp_path: Path) -> None:
    event = {"type": "track", "event": "Asked", "userId": "7", "properties": {"note": "hi"}}
    async with open_shop(tmp_path) as shop:
        await shop.send(event, source="server")
        await put(shop, "Asked", "note", "drop")
        await shop.send(event, source="browser")
        assert (await newest(shop))[0]["properties"] == {"note": "hi"}
        await shop.send(event, source="server")
        assert "properties" not in (await newest(shop))[0]
        kind = (await list_kinds(shop.hub, "note")).kinds[0].id
        for path, action in (("nope", "drop"), ("note", "burn"), ("note", "DROP")):
            with pytest.raises(NoSuchField):
                await set_field_rule(shop.hub, kind, path, action, by=BY)
        with pytest.raises(NoSuchField):
            await set_field_rule(shop.hub, 9999, "note", "drop", by=BY)
