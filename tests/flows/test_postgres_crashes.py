"""PostgreSQL crashes while a real hub serves: nothing acknowledged is lost or happens twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.bench_crashes import crash_often
from tests.postgres import durable_server

pytestmark = pytest.mark.full


async def test_crashes_under_load(tmp_path: Path) -> None:
    outcome = await crash_often(tmp_path, durable_server(), 5)
    assert outcome.kept.whole, outcome.kept
    assert outcome.ledger.wrong == []
    assert len(outcome.back) == 5
    assert outcome.ledger.statuses[503] > 5  # it was asked while the server was away
