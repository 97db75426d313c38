"""The filled database of the benchmarks is what the projector makes of its log."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hub.clock import SystemClock
from hub.flows.rebuild import rebuild
from hub.flows.run import open_hub
from hub.settings import load_settings
from tests.benchmarks import filled
from tests.shop import projections


async def test_copies_are_what_a_projection_makes(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(filled, "BLOCK", 20)
    await asyncio.to_thread(filled.fill, tmp_path, 60)
    async with open_hub(load_settings(tmp_path), SystemClock()) as hub:
        before = await projections(hub)
        assert len(before["person"]) == 60
        assert len(before["shop_order"]) == 36
        await rebuild(hub)
        after = await projections(hub)
        for table in before:
            assert after[table] == before[table], table
