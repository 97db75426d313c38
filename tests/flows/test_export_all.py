"""Export of everything, on both databases: whole, typed, of one moment, and private."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest
from click.testing import CliRunner

from hub.cli import cli
from hub.clock import from_ms
from hub.flows import export_all as module
from hub.flows.audit import list_audit, verify_audit
from hub.flows.erase_here import held_models
from hub.flows.export_all import Asked, Exists, Manifest, export_all
from hub.flows.export_tables import DATED, GROUPS, LEFT_OUT, UnknownName, plan_tables
from hub.store.snapshot import NothingToSave
from tests.shop import START, Shop, open_shop


@pytest.fixture
async def shop(database_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    """A hub with its data folder beside the export."""
    if database_url.startswith("sqlite:"):
        database_url = ""
    (tmp_path / "data").mkdir()
    async with open_shop(tmp_path / "data", database_url) as opened:
        yield opened


async def browse(shop: Shop) -> str:
    token = await shop.device()
    page = {"url": "https://shop.example/p/1"}
    await shop.send(
        {"type": "track", "event": "Product Viewed", "context": {"page": page},
         "properties": {"product_id": "p1", "value": 12.5, "currency": "EUR"}},
        {"type": "track", "event": "It's \"odd\" é\n", "properties": {"deep": {"a": [1, None]}}},
        token=token,
    )  # fmt: skip
    return token


async def made(shop: Shop, to: Path, **asked: Any) -> Manifest:
    who = "ann@shop.example"
    return await export_all(shop.hub.settings, shop.clock, to, Asked(**asked), by=who)


def names_in(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def lines(folder: Path, table: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (folder / f"{table}.ndjson").read_bytes().splitlines()]


def test_no_table_is_forgotten() -> None:
    models = {model._meta.db_table for model, _ in held_models()}
    assert {plan.table for plan in plan_tables()} | LEFT_OUT.keys() == models
    assert not {plan.table for plan in plan_tables()} & LEFT_OUT.keys()
    assert all(LEFT_OUT.values())
    assert {table for group in GROUPS.values() for table in group} <= models
    assert DATED.keys() <= models


def test_no_secret_leaves() -> None:
    secrets = {
        (model._meta.db_table, name)
        for model, held in held_models()
        for name, kind in held.classes.items()
        if kind == "secret"
    }
    exported = {(plan.table, column.name) for plan in plan_tables() for column in plan.columns}
    assert secrets
    assert not secrets & exported


async def test_every_row_of_every_table_is_there(shop: Shop, tmp_path: Path) -> None:
    await browse(shop)
    folder = tmp_path / "out"
    manifest = await made(shop, folder)
    for part in manifest.parts:
        sql = f"SELECT COUNT(*) FROM {part.table}"
        # The row that says who exported is written last.
        missing = 1 if part.table == "audit" else 0
        assert (await shop.hub.database.fetch(sql))[0][0] - missing == part.rows, part.table
        file = folder / part.file
        assert hashlib.sha256(file.read_bytes()).hexdigest() == part.sha256
        assert len(lines(folder, part.table)) == part.rows
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    names = {part.file for part in manifest.parts} | {"manifest.json"}
    assert {file.name for file in folder.iterdir()} == names
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    text = b"".join(file.read_bytes() for file in folder.iterdir())
    assert shop.sources["browser"].write_key.encode() not in text


async def test_an_event_has_its_columns_and_its_body(shop: Shop, tmp_path: Path) -> None:
    await browse(shop)
    await made(shop, tmp_path / "out", what=("events",))
    rows = lines(tmp_path / "out", "log")
    assert [row["seq"] for row in rows] == sorted(row["seq"] for row in rows)
    seen = next(row for row in rows if row["name"] == "Product Viewed")
    assert seen["at"] == "2026-11-23T12:00:00.000Z"
    assert (seen["product_id"], seen["value"], seen["currency"]) == ("p1", 12.5, "EUR")
    assert seen["url"] == "https://shop.example/p/1"
    assert seen["id_type"] == "device"
    assert seen["person_id"]
    stored = await shop.hub.database.fetch("SELECT seq, body FROM log ORDER BY seq")
    assert [(row["seq"], row["body"]) for row in rows] == [(s, orjson.loads(b)) for s, b in stored]


async def test_parquet_holds_the_same(shop: Shop, tmp_path: Path) -> None:
    await browse(shop)
    await made(shop, tmp_path / "a")
    manifest = await made(shop, tmp_path / "b", format="parquet")
    for part in manifest.parts:
        if part.table == "audit":  # one row more: the first export
            continue
        file = tmp_path / "b" / part.file
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        with duckdb.connect() as db:
            found = db.execute(f"SELECT * FROM '{file}'")
            names = [column[0] for column in found.description or ()]
            rows = found.fetchall()
        kinds = {column.name: column.type for column in part.columns}
        told = lines(tmp_path / "a", part.table)
        assert [
            {n: plain(v, kinds[n]) for n, v in zip(names, row, strict=True)} for row in rows
        ] == told, part.table
    assert {file.suffix for file in (tmp_path / "b").iterdir()} == {".parquet", ".json"}


def plain(value: Any, kind: str) -> Any:
    if value is not None and kind == "TIMESTAMP":
        return value.isoformat(timespec="milliseconds") + "Z"
    return orjson.loads(value) if value is not None and kind == "JSON" else value


async def test_since_and_until_cut_what_has_a_time(shop: Shop, tmp_path: Path) -> None:
    token = await browse(shop)
    shop.later(days=2)
    await shop.send({"type": "track", "event": "Later"}, token=token)
    cut = START + timedelta(days=1)
    await made(shop, tmp_path / "new", since=cut)
    await made(shop, tmp_path / "old", until=cut)
    assert [row["name"] for row in lines(tmp_path / "new", "log")] == ["Later"]
    assert "Later" not in [row["name"] for row in lines(tmp_path / "old", "log")]
    both = len(lines(tmp_path / "old", "log")) + 1
    assert both == (await shop.hub.database.fetch("SELECT COUNT(*) FROM log"))[0][0]
    assert lines(tmp_path / "new", "node") == lines(tmp_path / "old", "node")


async def test_it_is_of_one_moment(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is stored while it is written is in none of its tables."""
    token = await browse(shop)
    before = (await shop.hub.database.fetch("SELECT MAX(seq) FROM log"))[0][0]
    real, tables = module._table, list[str]()

    async def slow(snapshot: Any, plan: Any, *rest: Any) -> Any:
        await shop.send({"type": "track", "event": f"While {plan.table}"}, token=token)
        tables.append(plan.table)
        return await real(snapshot, plan, *rest)

    monkeypatch.setattr(module, "_table", slow)
    manifest = await made(shop, tmp_path / "out")
    assert manifest.last_seq == before == lines(tmp_path / "out", "log")[-1]["seq"]
    assert len(tables) > 10
    states = lines(tmp_path / "out", "node_state")
    assert max(state["seq"] for state in states) <= before


async def test_it_is_in_the_audit_log(shop: Shop, tmp_path: Path) -> None:
    await made(shop, tmp_path / "out", what=("products",))
    newest = (await list_audit(shop.hub))[0]
    assert (newest.who, newest.action) == ("ann@shop.example", "export_all")
    assert orjson.loads(newest.detail)["what"] == ["products"]
    assert from_ms(newest.at) == shop.clock.now()
    assert (await verify_audit(shop.hub)).broken == 0


async def test_what_fails_leaves_nothing(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "_note", full)
    with pytest.raises(OSError, match="No space"):
        await made(shop, tmp_path / "out")
    assert names_in(tmp_path) <= {"data", "hub.db"}


async def test_what_a_killed_export_left_is_removed_and_nothing_else(
    lite: Shop, tmp_path: Path
) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-out"
    left = outside / "x.part"
    left.mkdir(parents=True)
    (left / "mine").touch()
    with pytest.raises(Exists, match="stands in the way"):
        await made(lite, outside / "x")
    assert (left / "mine").exists()
    (left / module.MARK).touch()
    await made(lite, outside / "x", what=("products",))
    assert not left.exists()
    with pytest.raises(Exists, match="another folder"):
        await made(lite, outside / "x")
    with pytest.raises(Exists, match="data folder"):
        await made(lite, tmp_path / "inside")
    (outside / "link").symlink_to(tmp_path)
    with pytest.raises(Exists, match="another folder"):
        await made(lite, outside / "link")


async def test_an_unknown_name_says_what_there_is(lite: Shop, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="events, people"):
        await made(lite, tmp_path.parent / "never", what=("event",))
    with pytest.raises(UnknownName, match="never exported"):
        plan_tables(("dedupe",))
    assert not (tmp_path.parent / "never").exists()


async def test_no_database_no_folder(tmp_path: Path) -> None:
    from hub.clock import FixedClock
    from hub.settings import Settings

    with pytest.raises(NothingToSave):
        await export_all(
            Settings(data_dir=tmp_path / "no"), FixedClock(START), tmp_path / "out", Asked(), by="x"
        )
    assert names_in(tmp_path) == set()


def test_the_command(tmp_path: Path) -> None:
    import asyncio

    async def fill() -> None:
        async with open_shop(tmp_path / "data") as shop:
            await browse(shop)

    (tmp_path / "data").mkdir()
    asyncio.run(fill())
    call = ["export", "--data", str(tmp_path / "data"), "--to", str(tmp_path / "out")]
    told = CliRunner().invoke(cli, [*call, "--format", "parquet", "--what", "events,orders"])
    assert told.exit_code == 0, told.output
    assert "log.parquet" in told.output
    again = CliRunner().invoke(cli, call)
    assert again.exit_code == 1
    assert "is there already" in again.output
