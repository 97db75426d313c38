"""One backup a night, by whoever is first; the health page tells when there is none."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from hub.flows import backup_nightly
from hub.flows.backup import backup_folder, backup_name, make_backup
from hub.flows.backup_nightly import backup_due, backup_state, run_backup
from hub.flows.health import health
from hub.settings import Settings
from hub.store.recovery_key import new_key, store_public
from tests.shop import Shop, open_shop


async def runs(shop: Shop) -> list[tuple[str, dict[str, object]]]:
    rows = await shop.hub.database.fetch(
        "SELECT slot, counts FROM job_run WHERE job = 'backup' ORDER BY slot"
    )
    return [(slot, orjson.loads(counts)) for slot, counts in rows]


def set_key(shop: Shop) -> None:
    store_public(shop.hub.settings.data_dir, new_key())


class Runner:
    """Stands where the process is started: it answers as told and counts."""

    def __init__(self, *answers: dict[str, object]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, settings: Settings) -> dict[str, object]:
        self.asked += 1
        await asyncio.sleep(0)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def test_a_night_makes_one_real_backup(shop: Shop) -> None:
    assert not await backup_due(shop.hub)
    assert (await backup_state(shop.hub)).remedy.startswith("Run `hub backup` once")
    set_key(shop)
    await make_backup(shop.hub.settings, shop.clock)  # so that the state has a file of this clock
    assert await backup_due(shop.hub)
    ((slot, outcome),) = await runs(shop)
    assert slot == "2026-11-23T13"  # noon UTC in the zone of the workspace
    assert isinstance(outcome["bytes"], int), outcome
    assert outcome["bytes"] > 1000
    assert len(list(backup_folder(shop.hub.settings).glob("*.backup"))) >= 1
    assert not await backup_due(shop.hub)


async def test_two_at_once_make_one(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = Runner({"bytes": 1})
    monkeypatch.setattr(backup_nightly, "run_backup", runner)
    set_key(shop)
    done = await asyncio.gather(*(backup_due(shop.hub) for _ in range(5)))
    assert sorted(done) == [False, False, False, False, True]
    assert runner.asked == 1
    for _ in range(23):
        shop.later(hours=1)
        await backup_due(shop.hub)
    assert runner.asked == 2  # only after three in the morning
    assert [slot for slot, _ in await runs(shop)] == ["2026-11-23T13", "2026-11-24T03"]


async def test_a_failed_backup_is_tried_again_and_told(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = Runner({"error": "the disk is full"}, {"bytes": 1})
    monkeypatch.setattr(backup_nightly, "run_backup", runner)
    set_key(shop)
    assert await backup_due(shop.hub)
    assert not await backup_due(shop.hub)  # not in the same hour
    found = await backup_state(shop.hub)
    assert (found.state, found.remedy) == ("bad", "The last backup failed: the disk is full")
    checks = {check.name: check for check in (await health(shop.hub)).checks}
    assert checks["backup"].remedy == found.remedy
    shop.later(hours=1)
    assert await backup_due(shop.hub)
    (backup_folder(shop.hub.settings)).mkdir()
    (backup_folder(shop.hub.settings) / backup_name(shop.clock.now())).write_bytes(b"x")
    assert (await backup_state(shop.hub)).state == "good"
    shop.clock.advance(timedelta(hours=37))
    found = await backup_state(shop.hub)
    assert (found.state, found.value) == ("bad", "2026-11-23 13:00 UTC")


async def test_what_the_process_says_is_kept(lite: Shop) -> None:
    set_key(lite)
    (lite.hub.settings.data_dir / "backup.pub").write_text("damaged")
    assert await backup_due(lite.hub)
    ((_, outcome),) = await runs(lite)
    assert "--new-key" in str(outcome["error"])
    assert "Traceback" not in str(outcome["error"])


async def test_two_hubs_with_one_backup_dir_keep_out_of_each_others_way(tmp_path: Path) -> None:
    def folder(data: str) -> Path:
        (tmp_path / data).mkdir(parents=True)
        return backup_folder(Settings(data_dir=tmp_path / data, backup_dir=tmp_path / "saved"))

    one, two = folder("one/hub"), folder("two/hub")
    assert one != two and one.parent == two.parent == tmp_path / "saved"


async def test_a_night_saves_into_the_folder_that_was_named(tmp_path: Path) -> None:
    async with open_shop(tmp_path / "data", backup_dir=tmp_path / "saved") as shop:
        set_key(shop)
        assert "bytes" in await run_backup(shop.hub.settings)
        assert len(list(backup_folder(shop.hub.settings).glob("*.backup"))) == 1
        assert (await backup_state(shop.hub)).value != "-"
