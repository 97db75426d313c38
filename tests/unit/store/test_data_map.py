"""Nothing is kept that the data map does not know: compared with the real tables, both ways."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from hub.flows.erase_here import ERASERS, held_models
from hub.flows.export_person import EXPORTERS
from hub.plugins import Plugins
from hub.registry import Erase, Export, Held, faults
from hub.store.database import Database
from hub.store.folder import undeclared
from tests.shop import open_shop


async def columns(database: Database) -> dict[str, set[str]]:
    """Table -> columns, as the database itself says."""
    if database.dialect == "sqlite":
        rows = await database.fetch(
            "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c "
            "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
        )
    else:
        rows = await database.fetch(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'public'"
        )
    found: dict[str, set[str]] = {}
    for table, column in rows:
        found.setdefault(table, set()).add(column)
    found.pop("hub_migration", None)  # names of steps taken; of the store itself
    return found


async def test_every_column_of_every_table_is_declared(database: Database) -> None:
    real = await columns(database)
    declared = {model._meta.db_table: held for model, held in held_models()}
    assert len(real) > 30
    assert set(declared) == set(real)
    wrong = [line for table in sorted(real) for line in faults(table, declared[table], real[table])]
    assert wrong == []


def test_every_way_that_is_declared_can_be_gone() -> None:
    assert set(get_args(Export)) - {"no"} == set(EXPORTERS)
    assert set(get_args(Erase)) == set(ERASERS)
    used = {held.export for _, held in held_models()}, {held.erase for _, held in held_models()}
    assert used == (set(get_args(Export)), set(get_args(Erase)))


HELD = Held(
    purpose="A test", kept="person", export="rows", erase="delete", key="node_id",
    columns={"technical": "id", "identifier": "node_id", "contact": "email"},
)  # fmt: skip
REAL = {"id", "node_id", "email"}


@pytest.mark.parametrize(
    ("held", "real", "said"),
    [
        (None, REAL, "not in the data map: give its model a `held`"),
        (HELD, REAL | {"phone"}, "t.phone: is not in the data map"),
        (HELD, REAL - {"email"}, "t.email: is in the data map but not in the table"),
        (Held(purpose="", kept="person", columns={"contact": "email"}), {"email"}, "is personal"),
        (Held(purpose="", kept="person", columns={"secrets": "id"}, note="x"), {"id"},
         "is no data class"),
        (Held(purpose="", kept="person", export="rows", erase="delete", key="who",
              columns={"contact": "email"}), {"email"}, "'who' is not a column"),
        (Held(purpose="", kept="person", note="x", columns={"contact": "email", "staff": "email"}),
         {"email"}, "declared twice"),
    ],
)  # fmt: skip
def test_a_gap_is_named(held: Held | None, real: set[str], said: str) -> None:
    assert any(said in line for line in faults("t", held, real))


def test_a_whole_declaration_has_no_fault() -> None:
    assert faults("t", HELD, REAL) == []


async def test_every_file_of_a_used_data_folder_is_declared(tmp_path: Path) -> None:
    from tests.flows.privacy.people import furnish, make_person

    folder = tmp_path / "data"
    folder.mkdir()
    async with open_shop(folder) as shop:
        await furnish(shop)
        await make_person(shop, "ann", tmp_path, 1)
        from hub.flows.erase import carry_on, request_erasure

        number = await request_erasure(shop.hub, "canary-ann-mail@example.com", "test")
        await carry_on(shop.hub, number)
        assert undeclared(folder) == []
        (folder / "people.json").write_text("x")
        assert undeclared(folder) == ["people.json"]


def test_connectors_declare_their_state() -> None:
    woo = Plugins(["woocommerce"]).connectors["woocommerce"]
    assert {key.key for key in woo.state_keys} == {"products_read_from", "webhook_secret_mark"}  # type: ignore[attr-defined]
    assert all(key.purpose for key in woo.state_keys)  # type: ignore[attr-defined]
