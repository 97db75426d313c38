"""PostgreSQL that is not there is told in words; a hub that starts before it waits for it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sysconfig
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hub.settings import SettingsError, load_settings
from hub.store import reach as reaching
from hub.store.reach import DatabaseUnreachable, reach
from tests.ports import free_port


async def test_each_fault_names_its_remedy(postgres_database: str) -> None:
    server = urlsplit(postgres_database)
    cases = {
        f"postgresql://u:hidden@127.0.0.1:{free_port()}/x": "no PostgreSQL answers at 127.0.0.1:",
        f"postgresql://{server.netloc}/not-there": "createdb not-there",
        f"postgresql://nobody:hidden@{server.hostname}:{server.port}/x": "127.0.0.1:",
    }
    for url, words in cases.items():
        with pytest.raises(DatabaseUnreachable) as told:
            await reach(url)
        assert words in str(told.value)
        assert "hidden" not in str(told.value)
    await reach(postgres_database)


async def test_it_waits_for_a_server_that_comes_later(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "AGAIN_SECONDS", 0.01)
    server = urlsplit(postgres_database)
    port = free_port()
    url = f"postgresql://{server.username}@127.0.0.1:{port}{server.path}"
    told, words = asyncio.Event(), list[tuple[str, ...]]()
    monkeypatch.setattr(reaching.log, "warning", lambda *said: (words.append(said), told.set()))
    waiting = asyncio.create_task(reach(url, wait=True))
    async with asyncio.timeout(30):
        await told.wait()
    assert "no PostgreSQL answers" in words[0][1]

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(server.hostname, server.port)
        await asyncio.gather(_copy(reader, back), _copy(there, writer))

    async with await asyncio.start_server(pass_on, "127.0.0.1", port), asyncio.timeout(30):
        await waiting


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(65536):
        writer.write(part)
        await writer.drain()
    writer.close()


async def test_waiting_does_not_heal_a_wrong_name(postgres_database: str) -> None:
    server = urlsplit(postgres_database)
    with pytest.raises(DatabaseUnreachable, match="createdb"):
        await reach(f"postgresql://{server.netloc}/not-there", wait=True)


def test_a_command_says_so_in_one_line(tmp_path: Path) -> None:
    hub = Path(sysconfig.get_path("scripts")) / "hub"
    url = f"postgresql://u:hidden@127.0.0.1:{free_port()}/x"
    done = subprocess.run(
        [hub, "rebuild", "--data", str(tmp_path)], env={**os.environ, "HUB_DATABASE_URL": url},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("hub: no PostgreSQL answers at 127.0.0.1:")


def test_another_kind_of_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="database_url"):
        load_settings(tmp_path, database_url="mysql://x/y")
