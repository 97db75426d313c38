"""kill -9 of a real hub under load: nothing acknowledged is lost, nothing happens twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.bench_kills import HASTY, Outcome, kill_often
from tests.postgres import fresh_database, postgres_url

pytestmark = pytest.mark.full


def sound(outcome: Outcome, kills: int) -> None:
    assert outcome.kept.whole, outcome.kept
    assert outcome.ledger.wrong == []
    assert len(outcome.ready) == kills + 1
    assert outcome.ledger.unanswered > kills  # each kill came while requests were under way


async def test_kills_on_sqlite(tmp_path: Path) -> None:
    sound(await kill_often(tmp_path, "", 40), 40)


async def test_kills_on_postgres(tmp_path: Path) -> None:
    sound(await kill_often(tmp_path, fresh_database(postgres_url()), 20), 20)


async def test_a_hub_that_answers_too_early_is_found_out(tmp_path: Path) -> None:
    assert (await kill_often(tmp_path, "", 2, command=HASTY)).kept.lost
