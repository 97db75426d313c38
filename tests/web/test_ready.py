"""Whether traffic may come: each reason alone, and the way out."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from hub.flows.ready import Readiness
from hub.web.ready import STOPPING, Ready
from tests.conftest import empty
from tests.ports import free_port
from tests.shop import Shop, open_shop
from tests.web.door import EVENT, Door, open_door

RUN = "from hub.cli import main; main()"


@pytest.fixture
async def door(lite: Shop) -> AsyncIterator[Door]:
    async with open_door(lite) as opened:
        yield opened


async def fresh(shop: Shop) -> list[str]:
    """The reasons, asked by somebody who has not asked before."""
    return await Readiness(shop.hub).reasons()


async def test_an_open_hub_is_ready_on_both_databases(shop: Shop) -> None:
    assert await fresh(shop) == []


async def test_the_answer_has_words_and_tells_nothing_else(door: Door) -> None:
    answer = await door.http.get("/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "reasons": []})
    assert answer.headers["cache-control"] == "no-store"
    door.shop.hub.closed_for["restore"] = "erasures of the backup are being repeated"
    door.shop.hub.views.stuck = "after seq 1: zoe@example.com"  # type: ignore[misc]
    answer = await door.http.get("/ready")
    assert answer.status_code == 503
    assert answer.json() == {
        "ready": False,
        "reasons": ["erasures of the backup are being repeated", "the projector is stuck"],
    }
    del door.shop.hub.closed_for["restore"]
    door.shop.hub.views.stuck = ""  # type: ignore[misc]
    assert (await door.http.get("/ready")).status_code == 200


async def test_a_dead_projector(lite: Shop) -> None:
    await lite.hub.views.close()  # type: ignore[attr-defined]
    assert await fresh(lite) == ["the projector has stopped"]


async def test_a_database_that_another_program_holds(
    lite: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.flows.ready.ANSWER_SECONDS", 0.05)
    other = sqlite3.connect(tmp_path / "hub.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert await fresh(lite) == ["the database does not answer"]
    other.execute("ROLLBACK")
    other.close()
    monkeypatch.setattr("hub.flows.ready.ANSWER_SECONDS", 30.0)
    assert await fresh(lite) == []


async def test_a_postgresql_that_is_read_only(postgres_database: str, tmp_path: Path) -> None:
    await empty(postgres_database)
    async with open_shop(tmp_path, postgres_database) as shop:
        await _read_only(shop, postgres_database)


async def _read_only(shop: Shop, database_url: str) -> None:
    name = database_url.rpartition("/")[2].partition("?")[0]
    admin = await asyncpg.connect(database_url)
    try:
        await admin.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        await shop.hub.database._pool.expire_connections()  # type: ignore[attr-defined]
        assert await fresh(shop) == ["the database takes no writes"]
    finally:
        await admin.execute("SET default_transaction_read_only = off")
        await admin.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
        await admin.close()
        await shop.hub.database._pool.expire_connections()  # type: ignore[attr-defined]


async def test_a_full_disk_keeps_traffic_away_until_it_may_work_again(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = {**EVENT, "properties": {"note": "x" * 30_000}}
    await door.fill_disk()
    for _ in range(3):
        last = await door.post("/v1/track", big, **door.basic)
    assert last.status_code == 503
    answer = await door.http.get("/ready")
    assert answer.json()["reasons"] == ["the last events could not be stored"]
    await door.free_disk()
    assert (await door.post("/v1/track", big, **door.basic)).status_code == 200
    assert (await door.http.get("/ready")).status_code == 200
    await door.fill_disk()
    for _ in range(3):
        await door.post("/v1/track", big, **door.basic)
    assert (await door.http.get("/ready")).status_code == 503
    # Nobody sends anything while it is out: after a rest it lets traffic try.
    monkeypatch.setattr("hub.flows.ready.REST_SECONDS", 0.0)
    assert (await door.http.get("/ready")).status_code == 200


async def test_one_bad_entry_of_a_stranger_does_not_close_the_door(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise ValueError("nobody can store this")

    with monkeypatch.context() as patched:
        patched.setattr(door.shop.hub.database, "append", refuse)
        assert (await door.post("/v1/track", EVENT, **door.basic)).status_code == 503
    assert (await door.http.get("/ready")).status_code == 200


async def test_many_askers_make_one_check(lite: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    readiness = Readiness(lite.hub)
    begun = 0
    real = lite.hub.database.transaction

    def counted() -> object:
        nonlocal begun
        begun += 1
        return real()

    monkeypatch.setattr(lite.hub.database, "transaction", counted)
    found = await asyncio.gather(*(readiness.reasons() for _ in range(50)))
    assert found == [[]] * 50
    await readiness.reasons()
    assert begun == 1


async def test_leaving_waits_for_whoever_watches(lite: Shop) -> None:
    ready = Ready(lite.hub)
    await ready.leave()  # nobody watches: at once
    del lite.hub.closed_for["stop"]
    ready = Ready(lite.hub)
    request = httpx.Request("GET", "http://hub/ready")
    assert (await ready.endpoint(request)).status_code == 200  # type: ignore[arg-type]
    leaving = asyncio.create_task(ready.leave(60))
    await asyncio.sleep(0)
    assert lite.hub.closed_for == {"stop": STOPPING}
    assert not leaving.done()
    answer = await ready.endpoint(request)  # type: ignore[arg-type]
    assert answer.status_code == 503 and STOPPING.encode() in bytes(answer.body)
    await leaving


async def test_a_hub_told_to_stop_says_so_before_it_goes(tmp_path: Path) -> None:
    port = free_port()
    hub = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RUN, "serve", "--data", str(tmp_path), "--port", str(port),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "HUB_LOG": "json"},
    )  # fmt: skip
    assert hub.stdout is not None
    while b"Ctrl+C" not in (line := await hub.stdout.readline()):
        assert line, (await hub.communicate())[1]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        assert (await http.get("/ready")).status_code == 200
        hub.send_signal(signal.SIGTERM)
        answers = []
        while not answers or answers[-1].status_code == 200:
            answers.append(await http.get("/ready"))
        assert answers[-1].json()["reasons"] == [STOPPING]
    assert await hub.wait() == 0
