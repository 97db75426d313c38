"""PostgreSQL crashes while a real hub serves: nothing acknowledged is lost or happens twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.benchmarks.bench_crashes import crash_often
from tests.benchmarks.callers import Ledger, calling
from tests.benchmarks.promises import furnish, judge
from tests.benchmarks.served import Served
from tests.postgres import durable_server, fresh_database

pytestmark = pytest.mark.full


async def test_crashes_under_load(tmp_path: Path) -> None:
    outcome = await crash_often(tmp_path, durable_server(), 5)
    assert outcome.kept.whole, outcome.kept
    assert outcome.ledger.wrong == []
    assert len(outcome.back) == 5
    assert outcome.ledger.statuses[503] > 5  # it was asked while the server was away


async def test_a_hub_stops_in_order_while_its_database_is_away(tmp_path: Path) -> None:
    server = durable_server()
    url = fresh_database(server.url)
    ledger = Ledger(await furnish(tmp_path, url), seed=3)
    served = Served(tmp_path, url)
    try:
        await served.start()
        async with calling(served.port, ledger):
            await ledger.reached(100)
            await asyncio.to_thread(server.crash)
            await served.stop()  # raises when it leaves with a fault
            await asyncio.to_thread(server.start)
            await served.start()
        await served.stop()
    finally:
        served.leave()
    kept = await judge(tmp_path, ledger, url)
    assert kept.whole, kept
    assert ledger.wrong == []
