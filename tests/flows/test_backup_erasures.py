"""A restored backup brings nobody back who was erased since: the hub opens only after it."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from hub.flows import erase_replay
from hub.flows.backup import join_ledgers, make_backup
from hub.flows.backup_restore import find_ledger, replay_waits, restore
from hub.flows.erase import carry_on, request_erasure
from hub.sdk.errors import Broken
from hub.sdk.records import Customer
from hub.settings import Settings, SettingsError, load_settings
from hub.store.recovery_key import new_key, store_public
from tests.postgres import fresh_database, postgres_url
from tests.shop import SHOP, START, Shop, open_shop, order

KEY = new_key()


def mail(number: int) -> str:
    return f"canary-{number:04}@people.example"


async def live_and_erase(folder: Path, url: str, people: int, erased: int) -> Path:
    """A shop that makes a backup and then erases some of its people; answer the backup."""
    async with open_shop(folder, url) as shop:
        for n in range(people):
            name = mail(n).partition("@")[0]
            await shop.report(
                Customer(SHOP, str(n), START, email=mail(n), first_name=name),
                order(f"o{n}", email=mail(n), customer_id=str(n), last_name=name),
            )
        store_public(folder, KEY)
        made = await make_backup(shop.hub.settings, shop.clock)
        for n in range(erased):
            await carry_on(shop.hub, await request_erasure(shop.hub, mail(n), "test"))
    return made.file


async def held(settings: Settings) -> bytes:
    """Every byte of the folder, and every row of a PostgreSQL database."""
    found = b"".join(file.read_bytes() for file in settings.data_dir.rglob("*") if file.is_file())
    if settings.url.startswith("sqlite:"):
        return found
    connection = await asyncpg.connect(settings.url)
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for (table,) in tables:
        rows = await connection.fetch(f'SELECT t::text FROM "{table}" t')
        found += "\n".join(row[0] for row in rows).encode()
    await connection.close()
    return found


async def backup_and_return(tmp_path: Path, url: str, people: int, erased: int) -> Settings:
    """A folder restored from a backup that is older than the erasures."""
    file = await live_and_erase(tmp_path / "live", url, people, erased)
    with_ledger = find_ledger(file, tmp_path / "live" / "erasures.log", without=False)
    there = fresh_database(postgres_url()) if url else "sqlite"
    await restore(file, tmp_path / "new", KEY, with_ledger, there)
    settings = load_settings(tmp_path / "new")
    before = await held(settings)
    assert all(mail(n).encode() in before for n in range(people))
    assert replay_waits(settings)
    shutil.rmtree(tmp_path / "live")
    return settings


async def nobody_is_back(settings: Settings, people: int, erased: int) -> None:
    async with open_shop(settings.data_dir, settings.database_url) as shop:
        await _erased(shop, erased)
    assert not replay_waits(settings)
    after = await held(settings)
    assert [n for n in range(people) if mail(n).encode() in after] == list(range(erased, people))


async def _erased(shop: Shop, erased: int) -> None:
    """What happens before anybody can be served."""
    rows = await shop.hub.database.fetch("SELECT email FROM person WHERE email <> ''")
    assert not {row[0] for row in rows} & {mail(n) for n in range(erased)}


async def test_who_was_erased_does_not_come_back(database_url: str, tmp_path: Path) -> None:
    url = "" if database_url.startswith("sqlite:") else database_url
    settings = await backup_and_return(tmp_path, url, 4, 3)
    await nobody_is_back(settings, 4, 3)


async def test_the_hub_stays_shut_until_the_erasures_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = await backup_and_return(tmp_path, "", 2, 1)

    def failing(*_: Any) -> Awaitable[int]:
        raise Broken("the vendor does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(erase_replay, "replay_erasures", failing)
        with pytest.raises(SettingsError, match="nobody is served: the vendor does not answer"):
            async with open_shop(settings.data_dir):
                pytest.fail("the hub opened")
    assert replay_waits(settings)
    await nobody_is_back(settings, 2, 1)


async def test_the_ledger_beside_the_backups_only_grows(tmp_path: Path) -> None:
    """A hub that was made anew and uses the same folder must not bring anybody back."""
    async with open_shop(tmp_path) as shop:
        store_public(tmp_path, KEY)
        ledger = tmp_path / "erasures.log"
        for line in (b'{"at":"1"}\n', b'{"at":"2"}\n'):
            ledger.write_bytes(line)
            made = await make_backup(shop.hub.settings, shop.clock)
            shop.later(days=1)
    assert find_ledger(made.file, None, without=False) == b'{"at":"1"}\n{"at":"2"}\n'


def test_two_ledgers_become_one() -> None:
    assert join_ledgers(b"a\nb\n", b"a\nb\nc") == b"a\nb\nc\n"
    assert join_ledgers() == b""


@pytest.mark.full
async def test_a_backup_older_than_a_hundred_erasures(tmp_path: Path) -> None:
    settings = await backup_and_return(tmp_path, "", 120, 100)
    await nobody_is_back(settings, 120, 100)
