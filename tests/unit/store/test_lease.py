"""One process writes to a shared PostgreSQL database; a former one is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hub.clock import SystemClock
from hub.flows.run import open_hub
from hub.settings import Settings
from hub.store.database import StoreUnavailable
from hub.store.lease import Lease
from hub.store.lockfile import DataFolderInUse
from hub.store.orm import close_orm, open_orm
from hub.store.postgres import PostgresDatabase
from tests.conftest import empty
from tests.ports import free_port

INSERT = "INSERT INTO cursor (name, seq) VALUES (?, ?)"


@pytest.fixture
async def url(postgres_database: str) -> AsyncIterator[str]:
    await empty(postgres_database)
    await open_orm(postgres_database, None)
    yield postgres_database
    await close_orm()


@asynccontextmanager
async def opened(url: str, fence: int) -> AsyncIterator[PostgresDatabase]:
    database = await PostgresDatabase.open(url)
    database.fence = fence
    try:
        yield database
    finally:
        await database.close()


async def time_is_up(url: str) -> None:
    """As if the lease had not been renewed for its whole length."""
    async with opened(url, 0) as database:
        await database.write([("UPDATE lease SET until = ?", [(0,)])])


async def test_one_holds_it_and_the_next_gets_a_greater_token(url: str) -> None:
    first, second = Lease(url, holder="first"), Lease(url, holder="second")
    assert await first.take() == ""
    assert await second.take() == "first"
    await first.release()
    assert await second.take() == ""
    assert second.token > first.token
    await second.release()


async def test_a_dead_holder_is_not_waited_for(url: str) -> None:
    first, second = Lease(url, seconds=3600), Lease(url)
    assert await first.take() == ""
    assert first._connection is not None
    first._connection.terminate()  # as when its process dies: nothing is given back
    async with asyncio.timeout(10):
        while await second.take():
            pass
    await second.release()


async def test_a_sleeper_that_wakes_up_is_refused(url: str) -> None:
    sleeper, second = Lease(url), Lease(url)
    assert await sleeper.take() == ""
    async with opened(url, sleeper.token) as database:
        await database.write([(INSERT, [("before", 1)])])
        await time_is_up(url)
        assert await second.take() == ""  # though the sleeper's connection still stands
        with pytest.raises(StoreUnavailable, match="took over"):
            await database.write([(INSERT, [("after", 1)])])
        with pytest.raises(StoreUnavailable, match="took over"):
            async with database.transaction():
                pass
        assert await database.fetch("SELECT name FROM cursor") == [("before",)]
    async with opened(url, second.token) as database:
        await database.write([(INSERT, [("second", 1)])])
    await sleeper.release()
    assert await Lease(url).take() != ""  # a release by the former one frees nothing
    await second.release()


async def test_the_sleeper_learns_of_it(url: str) -> None:
    sleeper, second = Lease(url, seconds=0.2), Lease(url)
    assert await sleeper.take() == ""
    await time_is_up(url)
    assert await second.take() == ""
    lost = asyncio.Event()
    sleeper.start(lost.set)
    async with asyncio.timeout(10):
        await lost.wait()
    await sleeper.release()
    await second.release()


async def test_a_holder_outlives_a_long_absence_of_the_database(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It would not come back by itself if it left; and nobody else took over."""
    lease = Lease(url, seconds=0.2)
    assert await lease.take() == ""
    lost = asyncio.Event()
    lease.start(lost.set)
    lease._url = f"postgresql://postgres@127.0.0.1:{free_port()}/postgres"  # nobody is there
    assert lease._connection is not None
    await lease._connection.close()
    await time_is_up(url)
    async with asyncio.timeout(20):
        while caplog.text.count("could not be renewed") < 25:  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # longer than the lease
    assert not lost.is_set()
    lease._url = url
    async with asyncio.timeout(20), opened(url, lease.token) as database:
        while not await database.fetch("SELECT 1 FROM lease WHERE until > 0"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await database.write([(INSERT, [("x", 1)])])  # its token is still the one that counts
    assert not lost.is_set()
    await lease.release()


async def test_a_renewed_lease_stays(url: str) -> None:
    first, second = Lease(url, seconds=3600), Lease(url)
    assert await first.take() == ""
    await time_is_up(url)
    assert await first._renew()
    assert await second.take() != ""
    await first.release()


async def test_a_takeover_waits_for_the_write_under_way(url: str) -> None:
    first, second = Lease(url), Lease(url)
    assert await first.take() == ""
    async with opened(url, first.token) as database:
        async with database.transaction() as transaction:
            await time_is_up_beside(url)
            taking = asyncio.create_task(second.take())
            done, _ = await asyncio.wait([taking], timeout=0.2)
            assert not done
            await transaction.execute(INSERT, ("half", 1))
        assert await taking == ""
        assert await database.fetch("SELECT name FROM cursor") == [("half",)]
    await first.release()
    await second.release()


async def time_is_up_beside(url: str) -> None:
    """A row that a transaction holds can not be changed: end the lease by its holder's death."""
    async with opened(url, 0) as database:
        await database.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
            "AND pid <> pg_backend_pid()"
        )


async def test_the_second_hub_is_told(url: str, tmp_path: Path) -> None:
    one, two = (Settings(data_dir=tmp_path / name, database_url=url) for name in ("one", "two"))
    async with open_hub(one, SystemClock()) as first:
        with pytest.raises(DataFolderInUse, match="in use by another hub"):
            async with open_hub(two, SystemClock()):
                raise AssertionError("two hubs write to one database")
        assert isinstance(first.database, PostgresDatabase) and first.database.fence
