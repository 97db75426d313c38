"""Two hubs on one PostgreSQL database: one serves, the other waits; a former one does no harm."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from hub.clock import SystemClock
from hub.flows.run import open_hub
from hub.flows.sources import create_source
from hub.settings import Settings
from tests.conftest import empty
from tests.ports import free_port

PATIENCE = 60.0
HUB = Path(sysconfig.get_path("scripts")) / "hub"
pytestmark = pytest.mark.full


class Served:
    """A `hub serve` process."""

    def __init__(self, folder: Path, url: str) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [HUB, "serve", "--data", str(folder), "--port", str(self.port)],
            env={**os.environ, "HUB_DATABASE_URL": url}, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def says(self, text: str) -> str:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if text in line:
                return str(line)
        raise AssertionError(f"it never said: {text}")

    def ready(self) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=5).read()
                return
            except OSError:
                assert self.process.poll() is None, "it left"
                time.sleep(0.05)
        raise AssertionError("it never became ready")

    def track(self, key: str, message: str) -> dict[str, int]:
        body = {"writeKey": key, "event": "x", "anonymousId": "a", "messageId": message}
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v1/track", json.dumps(body).encode()
        )
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
            found: dict[str, int] = json.loads(answer.read())
        return found

    def stop(self, number: signal.Signals) -> None:
        self.process.send_signal(number)


@contextmanager
def pair(folder: Path, url: str) -> Iterator[tuple[Served, Served]]:
    """One that serves, and one that waits; both with the same key of the hub."""
    (folder / "two").mkdir()
    shutil.copy(folder / "one" / "secret.key", folder / "two" / "secret.key")
    first = Served(folder / "one", url)
    made = [first]
    try:
        first.ready()
        second = Served(folder / "two", url)
        made.append(second)
        second.says("waiting to take over")
        yield first, second
    finally:
        for served in made:
            served.process.kill()
            served.process.wait()


@pytest.fixture
async def key(postgres_database: str, tmp_path: Path) -> str:
    await empty(postgres_database)
    settings = Settings(data_dir=tmp_path / "one", database_url=postgres_database)
    async with open_hub(settings, SystemClock()) as hub:
        return (await create_source(hub, name="Shop", kind="browser", shop="shop")).write_key


async def names(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return [row[0] for row in await connection.fetch("SELECT name FROM log ORDER BY seq")]
    finally:
        await connection.close()


async def test_the_standby_goes_on_after_a_kill(
    key: str, postgres_database: str, tmp_path: Path
) -> None:
    with pair(tmp_path, postgres_database) as (first, second):
        assert first.track(key, "m1")["accepted"] == 1
        first.stop(signal.SIGKILL)
        second.ready()
        assert second.track(key, "m1")["duplicate"] == 1  # its client never heard the answer
        assert second.track(key, "m2")["accepted"] == 1
    assert await names(postgres_database) == ["x", "x"]


async def test_a_stopped_one_wakes_up_and_harms_nothing(
    key: str, postgres_database: str, tmp_path: Path
) -> None:
    with pair(tmp_path, postgres_database) as (first, second):
        assert first.track(key, "m1")["accepted"] == 1
        first.stop(signal.SIGSTOP)
        connection = await asyncpg.connect(postgres_database)
        await connection.execute("UPDATE lease SET until = 0")  # as if it had slept for long
        await connection.close()
        second.ready()
        assert second.track(key, "m2")["accepted"] == 1
        first.stop(signal.SIGCONT)
        try:
            with pytest.raises(urllib.error.HTTPError) as refused:
                first.track(key, "m3")
            assert refused.value.code == 503 and refused.value.headers["Retry-After"]
        except urllib.error.URLError:
            pass  # it had learnt of it already, and was gone
        first.says("another process took over this database: start me again")
        assert first.process.wait(PATIENCE) == 1
        assert second.track(key, "m3")["accepted"] == 1
    assert await names(postgres_database) == ["x", "x", "x"]
