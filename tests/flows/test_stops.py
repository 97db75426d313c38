"""SIGTERM of a real hub under load: each request is answered or refused, nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.bench_stops import stop_often

pytestmark = pytest.mark.full


async def test_stops_under_load(tmp_path: Path) -> None:
    outcome = await stop_often(tmp_path, 3)
    assert outcome.kept.whole, outcome.kept
    assert outcome.ledger.wrong == []
    assert outcome.ledger.unanswered == 0
    assert len(outcome.took) == 3
