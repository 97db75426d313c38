"""Requests that are small to send and large to read: refused, and the hub is none the worse."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.benchmarks.bench_bombs import peak_mb, start_peak, throw
from tests.benchmarks.bench_overload import keys
from tests.benchmarks.bombs import REFUSED, bombs
from tests.benchmarks.servers import running
from tests.shop import Shop
from tests.web.door import EVENT, open_door

# The target is 50 MB, see `hub bench bombs`; here a machine may have a bad day.
ROOM_MB = 100


async def test_every_bomb_is_refused_and_nothing_of_it_is_kept(lite: Shop) -> None:
    async with open_door(lite) as door:
        port = door.http.base_url.port
        assert port is not None
        for bomb in bombs():
            status = await asyncio.to_thread(throw, port, bomb, door.key)
            assert status == 200 if bomb.each else status in REFUSED, bomb.name
        assert await door.logged() == 0
        assert (await door.post("/v1/track", EVENT, **door.basic)).status_code == 200


@pytest.mark.full
def test_no_bomb_fills_the_memory(tmp_path: Path) -> None:
    with running("tests.benchmarks.hub_whole", str(tmp_path)) as server:
        key = keys(server)[0]
        for bomb in bombs():
            start_peak(server)
            before = server.memory_mb()
            throw(server.port, bomb, key)
            assert peak_mb(server) - before < ROOM_MB, bomb.name
