"""A disk that fills up: nothing that was accepted is lost, and only new events must wait."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from hub.clock import to_ms
from hub.flows import disk
from hub.flows.disk import LEAST_FREE_BYTES, look_after_disk, to_free
from hub.flows.staff import create_owner, open_session
from hub.store.folder import BALLAST, undeclared
from hub.web import door as doors
from tests.mailbox import POPUP
from tests.shop import BOTH, Shop, open_shop
from tests.web.door import EVENT, Door, open_door

BALLAST_MB = 8
DISK_MB = 64


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("a small disk can be mounted by root only")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
async def door(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    monkeypatch.setattr(doors, "HOLD_SECONDS", 0.0)
    async with (
        open_shop(small_disk, ballast_mb=BALLAST_MB) as shop,
        open_door(shop) as opened,
    ):
        yield opened


def free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def fill(folder: Path) -> Path:
    """Another program takes all the space there is."""
    with (folder / "filler").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free(folder))
    return folder / "filler"


async def send(door: Door, name: str) -> httpx.Response:
    event = {**EVENT, "event": name, "properties": {"text": "x" * 20_000}}
    return await door.post("/v1/track", event, **door.basic)


async def admin(door: Door, path: str, session: str) -> httpx.Response:
    cookie = f"regulars_{door.shop.hub.settings.port}={session}"
    return await door.http.get(f"/admin{path}", headers={"Cookie": cookie})


async def test_a_full_disk_from_end_to_end(door: Door, small_disk: Path) -> None:
    hub = door.shop.hub
    await door.shop.widget("letter", POPUP)
    owner = await create_owner(
        hub, email="owner@shop.example", name="Owner", password="a long enough sentence"
    )
    session = await open_session(hub, owner)
    token = await door.shop.device(BOTH)
    old = to_ms(door.shop.clock.now()) - 90 * 86_400_000
    await hub.database.write([("INSERT INTO used_token (jti, at) VALUES (?, ?)", [("old", old)])])

    await look_after_disk(hub)
    ballast = small_disk / BALLAST
    assert ballast.stat().st_blocks * 512 >= BALLAST_MB * 1024**2  # real room, not a hole
    assert ballast.stat().st_mode & 0o077 == 0
    assert undeclared(small_disk) == []
    before = free(small_disk)
    await look_after_disk(hub)
    assert free(small_disk) == before

    kept = [f"before {i}" for i in range(3)]
    for name in kept:
        assert (await send(door, name)).status_code == 200
    filler = fill(small_disk)
    while (answer := await send(door, "during")).status_code == 200:  # what the WAL still has
        kept.append("during")
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)

    await look_after_disk(hub)
    assert not ballast.exists()
    assert hub.writer.shut
    answer = await send(door, "refused")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "disk is full" in answer.json()["rejected"][0]["reason"]
    ready = await door.http.get("/ready")
    assert ready.status_code == 503
    assert any(f"free {to_free(hub)} MB" in reason for reason in ready.json()["reasons"])
    assert str(small_disk) not in ready.text
    # Everything else goes on: pages, decisions, a withdrawal, and retention in the room made.
    ask = {"writeKey": door.key, "token": token, "slots": ["top"], "page": {"url": "https://x.y/"}}
    shown = await door.post("/v1/decide", ask)
    assert [line["widget"] for line in shown.json()["decisions"]] == ["letter"]
    page = await admin(door, "/", session)
    assert (page.status_code, str(small_disk) in page.text) == (200, True)
    assert await hub.database.fetch("SELECT 1 FROM used_token WHERE jti = 'old'") == []
    none = {"analytics": False, "personalisation": False}
    body = {"writeKey": door.key, "token": token, "purposes": none, "source": "banner"}
    withdrawn = await door.post("/v1/consent", body)
    assert (withdrawn.status_code, withdrawn.json()["ok"]) == (200, True)

    filler.unlink()
    await look_after_disk(hub)
    assert (hub.writer.shut, hub.closed_for, "disk" in hub.attention) == ("", {}, False)
    assert ballast.exists()
    assert (await send(door, "after")).status_code == 200
    hub.views.wake()  # type: ignore[attr-defined]  # it tries by itself after a second
    await door.shop.settle()
    page = await admin(door, "/", session)
    assert str(small_disk) not in page.text
    rows = await hub.database.fetch("SELECT name FROM log WHERE kind = 'event'")
    assert sorted(name for (name,) in rows) == sorted([*kept, "after"])


async def test_room_inside_the_file_is_room(
    door: Door, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What retention removed can be used again, though the file does not get smaller."""
    monkeypatch.setattr(disk, "REUSABLE_BYTES", 4 * 1024**2)
    hub = door.shop.hub
    await look_after_disk(hub)
    rows = [(f"{n}" + "x" * 60_000, 2**50) for n in range(100)]
    await hub.database.write([("INSERT INTO used_token (jti, at) VALUES (?, ?)", rows)])
    await hub.database.forget(["used_token"])
    with (small_disk / "filler").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free(small_disk) - LEAST_FREE_BYTES + 4096)
    await look_after_disk(hub)
    assert hub.writer.shut
    await look_after_disk(hub)
    assert hub.writer.shut
    await hub.database.write([("DELETE FROM used_token WHERE at = ?", [(2**50,)])])
    await hub.database.forget(["used_token"])
    await look_after_disk(hub)
    assert not hub.writer.shut
    assert not (small_disk / BALLAST).exists()
    assert (await send(door, "again")).status_code == 200


async def test_no_ballast_where_none_is_wanted_and_another_size_is_made_anew(
    tmp_path: Path,
) -> None:
    async with open_shop(tmp_path, ballast_mb=2) as shop:
        await look_after_disk(shop.hub)
        assert (tmp_path / BALLAST).stat().st_size == 2 * 1024**2
    async with open_shop(tmp_path, ballast_mb=1) as shop:
        await look_after_disk(shop.hub)
        assert (tmp_path / BALLAST).stat().st_size == 1024**2
    async with open_shop(tmp_path, ballast_mb=0) as shop:
        await look_after_disk(shop.hub)
        assert not (tmp_path / BALLAST).exists()


FULL = """
CREATE OR REPLACE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$
"""


async def test_a_full_disk_of_postgresql(postgres_database: str, tmp_path: Path) -> None:
    from tests.conftest import empty

    await empty(postgres_database)
    async with open_shop(tmp_path, postgres_database) as shop, open_door(shop) as door:
        await shop.widget("letter", POPUP)
        token = await shop.device(BOTH)
        async with shop.hub.database.transaction() as transaction:
            await transaction.execute(FULL)
            await transaction.execute(
                "CREATE TRIGGER no_room BEFORE INSERT ON log EXECUTE FUNCTION no_room()"
            )
        try:
            answer = await send(door, "refused")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert "disk is full" in answer.json()["rejected"][0]["reason"]
            ask = {"writeKey": door.key, "token": token, "page": {"url": "https://x.y/"}}
            assert (await door.post("/v1/decide", ask)).status_code == 200
        finally:
            async with shop.hub.database.transaction() as transaction:
                await transaction.execute("DROP TRIGGER no_room ON log")
        assert (await send(door, "after")).status_code == 200
        rows = await shop.hub.database.fetch("SELECT name FROM log WHERE kind = 'event'")
        assert rows == [("after",)]


async def test_the_hub_looks_by_itself(lite: Shop) -> None:
    from hub.jobs.schedule import Schedule

    lite.hub.settings.ballast_mb = 1
    await Schedule(lite.hub).watch_disk()
    assert (lite.hub.settings.data_dir / BALLAST).exists()
