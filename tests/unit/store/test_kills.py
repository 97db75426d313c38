"""What was acknowledged survives a kill -9."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hub.store.sqlite import SqliteDatabase

PROGRAM = """
import asyncio, sys
from pathlib import Path
from hub.store.orm import open_orm
from hub.store.sqlite import SqliteDatabase
from hub.store.writer import Writer
from tests.unit.store.entries import entry

async def main(file, start):
    database = SqliteDatabase(Path(file))
    await open_orm("sqlite:///" + file, database.lock)
    writer = Writer(database)
    writer.start()
    async def client(c):
        n = start
        while True:
            (outcome,) = await writer.append([entry(f"{c}-{n}", subject=f"d{n % 7}")])
            sys.stdout.write(f"{outcome.seq} {c}-{n} {int(outcome.duplicate)}\\n")
            sys.stdout.flush()
            n += 1
    await asyncio.gather(*(client(c) for c in range(8)))

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


def run_until_killed(file: Path, start: int, acks: int) -> list[tuple[int, str, bool]]:
    """Append until `acks` acknowledgements were read, then kill without warning."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(file), str(start)],
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(acks)]
    os.kill(process.pid, signal.SIGKILL)
    rest = process.stdout.read().splitlines(keepends=True)
    process.wait()
    whole = [line.split() for line in (*lines, *rest) if line.endswith("\n")]
    return [(int(seq), message, duplicate == "1") for seq, message, duplicate in whole]


async def check(file: Path, acked: dict[str, int]) -> None:
    database = SqliteDatabase(file)
    try:
        assert await database.fetch("PRAGMA integrity_check") == [("ok",)]
        seqs = [row[0] for row in await database.fetch("SELECT seq FROM log ORDER BY seq")]
        assert seqs == list(range(1, len(seqs) + 1))
        assert set(acked.values()) <= set(seqs)
        twins = await database.fetch(
            "SELECT COUNT(*) FROM (SELECT seq FROM dedupe GROUP BY seq HAVING COUNT(*) > 1)"
        )
        assert twins == [(0,)]
        assert await database.fetch("SELECT COUNT(*) FROM dedupe") == [(len(seqs),)]
        counted = await database.fetch("SELECT n FROM intake_count WHERE outcome = 'stored'")
        assert counted == [(len(seqs),)]
    finally:
        await database.close()


def kill_often(file: Path, rounds: int, acks: int) -> None:
    acked: dict[str, int] = {}
    for number in range(rounds):
        # Each round starts at messages that the last one sent: their twins must be recognised.
        start = 0 if number % 2 else number * 1000
        for seq, message, duplicate in run_until_killed(file, start, acks):
            assert acked.setdefault(message, seq) == seq
            assert not duplicate or seq <= max(acked.values())
        asyncio.run(check(file, acked))
    assert len(set(acked.values())) == len(acked)


def test_a_few_kills(tmp_path: Path) -> None:
    kill_often(tmp_path / "hub.db", rounds=3, acks=200)


@pytest.mark.full
def test_many_kills(tmp_path: Path) -> None:
    kill_often(tmp_path / "hub.db", rounds=40, acks=500)
