"""What tells whether promises were kept: it is content with a sound hub, and sees each fault."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from hub.clock import SystemClock
from hub.flows.accept import accept_batch, accept_one
from hub.flows.run import open_hub
from hub.ingest.limits import BadInput
from hub.settings import Settings
from hub.store.sqlite import connect
from tests.benchmarks.callers import Ledger
from tests.benchmarks.promises import furnish, judge

FAULTS = {
    "lost": "DELETE FROM log WHERE seq = 7; DELETE FROM dedupe WHERE seq = 7",
    "twice": "INSERT INTO log (seq, kind, name, node_id, links, at, received_at, source_id, body) "
    "SELECT 9999, kind, name, node_id, links, at, received_at, source_id, body "
    "FROM log WHERE seq = 7",
    "effects": "UPDATE shop_order SET total = total + 1 WHERE NOT provisional",
    "accounts": "UPDATE intake_count SET n = n - 1 WHERE outcome = 'stored'",
}


@pytest.fixture
async def told(tmp_path: Path) -> tuple[Path, Ledger]:
    """A hub that was told some events, and what its callers remember of that."""
    folder = tmp_path / "hub"
    ledger = Ledger(await furnish(folder), seed=3)
    async with open_hub(Settings(data_dir=folder), SystemClock()) as hub:
        for _ in range(120):
            call = ledger.next()
            assert call is not None
            head, _, raw = call.raw.partition(b"\r\n\r\n")
            kind = head.split()[1].rsplit(b"/", 1)[1].decode()
            source = next(s for s in hub.sources.values() if s.write_key.encode() in raw)
            try:
                answer = await (
                    accept_batch(hub, source, raw) if kind == "batch"
                    else accept_one(hub, source, raw, kind=kind)
                )  # fmt: skip
            except BadInput:
                ledger.came(call, 400, {})
            else:
                body = {"accepted": answer.accepted, "duplicate": answer.duplicate,
                        "rejected": answer.rejected}  # fmt: skip
                ledger.came(call, 200, body)
    return folder, ledger


async def test_a_sound_hub_kept_its_promises(told: tuple[Path, Ledger]) -> None:
    folder, ledger = told
    kept = await judge(folder, ledger)
    assert kept.whole, kept
    assert ledger.wrong == []
    assert kept.stored == ledger.events > 300
    assert ledger.statuses[400] and ledger.answered["duplicate"] and ledger.answered["rejected"]


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_fault_is_seen(fault: str, told: tuple[Path, Ledger], tmp_path: Path) -> None:
    folder, ledger = told
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    with closing(connect(broken / "hub.db")) as connection:
        connection.executescript(FAULTS[fault])
    kept = await judge(broken, ledger)
    assert getattr(kept, fault) and not kept.whole


def test_an_answer_that_can_not_be_true_is_seen() -> None:
    ledger = Ledger({"browser": "b", "server": "s"}, seed=3)
    call = ledger.next()
    assert call is not None and call.ids
    new = {"accepted": len(call.ids), "duplicate": 0, "rejected": [{}] * call.bad}
    ledger.came(call, 200, {**new, "accepted": 0, "duplicate": len(call.ids)})
    assert "sent once" in ledger.wrong.pop()
    ledger.came(call, 200, new)  # its messages are new for a second time
    assert "acknowledged before" in ledger.wrong.pop()
    ledger.came(call, 200, {**new, "accepted": len(call.ids) + 1})
    assert "were answered" in ledger.wrong[0]
    ledger.came(call, 500, {})
    assert ledger.wrong[-1].startswith("500")
