"""What is too old goes, exactly that, and what it added up to stays."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any, get_args

import msgspec
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.clock import to_ms
from hub.flows.erase_here import held_models
from hub.flows.rebuild import rebuild
from hub.flows.retention import JOB, RULES, retention, retention_due
from hub.flows.retention_behaviour import old_behaviour
from hub.registry import Kept
from hub.settings import Retention
from tests.conftest import empty
from tests.flows.privacy.people import revenue
from tests.flows.privacy.test_stories import CALM
from tests.flows.stories import STORIES, stories
from tests.flows.test_rebuild import CUTS, WHEN, tell
from tests.shop import START, Shop, banner, open_shop, projections, viewed

DAY = 86_400_000
OUTBOX = (
    "INSERT INTO outbox (key, channel, kind, purpose, node_id, payload, state, attempts, next_at, "
    "lease_until, reason, receipt, created_at, updated_at) "
    "VALUES (?,'email','x','service',1,'{\"to\": \"ann@example.com\"}',?,0,0,0,'r','c',?,?)"
)


def keep(shop: Shop, **days: int) -> None:
    none = {"behaviour_days": 0, "decision_days": 0, "message_days": 0, "technical_days": 0}
    shop.hub.settings.retention = msgspec.convert({**none, **days}, Retention)


async def ages(shop: Shop) -> None:
    """A row of each kind for each of 40 days."""
    writes: list[Any] = []
    for day in range(40):
        at = shop.now - day * DAY
        writes += [
            ("INSERT INTO decision (id, at, node_id, seq, record) VALUES (?,?,1,0,'{}')",
             [(f"d{day}", at)]),
            ("INSERT INTO refusal (at, output, purpose, reason) VALUES (?,'x','marketing','r')",
             [(at,)]),
            ("INSERT INTO used_token (jti, at) VALUES (?,?)", [(f"t{day}", at)]),
            ("INSERT INTO login_attempt (key, at) VALUES ('k',?)", [(at,)]),
            ("INSERT INTO import_run (digest, position, done, report, updated_at) "
             "VALUES (?,0,?,'{\"problems\": [1]}',?)", [(f"i{day}", True, at)]),
            (OUTBOX, [(f"o{day}", "planned" if day == 39 else "done", at, at)]),
        ]  # fmt: skip
    await shop.hub.database.write(writes)


async def left(shop: Shop) -> dict[str, int]:
    counts = {
        "decision": "SELECT COUNT(*) FROM decision", "refusal": "SELECT COUNT(*) FROM refusal",
        "used_token": "SELECT COUNT(*) FROM used_token WHERE jti LIKE 't%'",
        "login_attempt": "SELECT COUNT(*) FROM login_attempt",
        "import_run": "SELECT COUNT(*) FROM import_run WHERE report <> '{}'",
        "outbox": "SELECT COUNT(*) FROM outbox WHERE payload <> '{}'",
        "sums": "SELECT COUNT(*) FROM outbox",
    }  # fmt: skip
    found = {}
    for name, sql in counts.items():
        found[name] = int((await shop.hub.database.fetch(sql))[0][0])
    return found


ALL = {"decision": 40, "refusal": 40, "used_token": 40, "login_attempt": 40, "import_run": 40,
       "outbox": 40, "sums": 40}  # fmt: skip


async def test_each_class_keeps_its_own_days_and_nothing_else_goes(shop: Shop) -> None:
    await ages(shop)
    keep(shop)
    await retention(shop.hub)
    assert await left(shop) == ALL, "0 is for good"
    keep(shop, decision_days=10, message_days=20, technical_days=30)
    counted = {r.table: r.rows for r in await retention(shop.hub, dry=True)}
    assert await left(shop) == ALL, "a dry run only counts"
    removed = {r.table: r.rows for r in await retention(shop.hub)}
    assert removed == counted
    # Exactly so old is not older. The message that still waits is not touched.
    assert await left(shop) == {
        "decision": 11, "refusal": 21, "used_token": 31, "login_attempt": 31, "import_run": 31,
        "outbox": 22, "sums": 40,
    }  # fmt: skip
    assert {r.rows for r in await retention(shop.hub)} == {0}


async def test_a_used_link_is_remembered_as_long_as_a_link_lives(lite: Shop) -> None:
    await ages(lite)
    keep(lite, technical_days=1)
    await retention(lite.hub)
    found = await left(lite)
    assert (found["used_token"], found["login_attempt"]) == (9, 2)


async def test_it_runs_once_a_night(shop: Shop) -> None:
    await ages(shop)
    keep(shop, decision_days=10)
    shop.later(hours=13)  # 02:00 in Amsterdam
    assert not await retention_due(shop.hub)
    shop.later(hours=3)
    assert await retention_due(shop.hub)
    assert not await retention_due(shop.hub)
    rows = await shop.hub.database.fetch("SELECT slot, finished_at, counts FROM job_run")
    assert [(row[0], row[1]) for row in rows] == [("2026-11-24", shop.now)]
    assert orjson.loads(rows[0][2]) == {"decision": 29 + 1}
    shop.later(days=1)
    assert await retention_due(shop.hub)
    assert JOB == "retention"


def test_every_table_with_a_time_to_live_has_a_rule() -> None:
    timed = {"decision", "message", "technical"}
    assert timed < set(get_args(Kept))
    declared = {m._meta.db_table: h.kept for m, h in held_models() if h.kept in timed}
    assert {rule.table: rule.kept for rule in RULES} == declared


async def test_old_events_go_and_their_sums_stay(shop: Shop) -> None:
    await shop.widget("twice", banner(extra=[f"when: {WHEN}"]))
    token = await shop.device()
    said = {"type": "identify", "traits": {"city": "Delft"}}
    await shop.send(viewed("p1"), viewed("p1"), said, token=token)
    shop.later(days=100)
    await shop.send(viewed("p2"), token=token)
    before, books = await projections(shop.hub), await revenue(shop)
    keep(shop, behaviour_days=30)
    for dry in (True, False):
        assert {r.table: r.rows for r in await retention(shop.hub, dry=dry)}["log"] == 3
    rows = await shop.hub.database.fetch(
        "SELECT kind, name, body FROM log WHERE kind IN ('event', 'balance') ORDER BY seq"
    )
    assert [row[:2] for row in rows] == [
        ("balance", "Opening balance"), ("event", "Product Viewed"),
    ]  # fmt: skip
    assert await projections(shop.hub) == before
    await rebuild(shop.hub)
    assert await projections(shop.hub) == before
    assert await revenue(shop) == books
    view = await shop.view(token)
    assert (view.events, view.seen["Product Viewed"].n) == (4, 3)
    assert view.traits["city"].value == "Delft"
    assert await shop.shown(token) == ["twice"]
    assert {r.rows for r in await retention(shop.hub)} == {0}


async def shortened_is_rebuilt(
    story: list[tuple[Any, ...]], after: list[tuple[Any, ...]], cuts: list[bool], hours: int,
    url: str = "",
) -> None:  # fmt: skip
    if url:
        await empty(url)
    with tempfile.TemporaryDirectory() as folder:
        async with open_shop(Path(folder), url) as shop:
            await shop.widget("twice", banner(extra=[f"when: {WHEN}"]))
            await tell(shop, story, cuts)
            for cutoff in (hours - 12, hours):  # a balance is carried into the next one
                live = await projections(shop.hub)
                await old_behaviour(shop.hub, to_ms(START) + cutoff * 3_600_000, 10**9)
                assert await projections(shop.hub) == live
            await tell(shop, after, cuts, first=100)
            live = await projections(shop.hub)
            await rebuild(shop.hub)
            again = await projections(shop.hub)
            for table, rows in live.items():
                assert again[table] == rows, table


HOURS = st.integers(-72, 1)


@settings(CALM, max_examples=20)
@given(STORIES, STORIES, CUTS, HOURS)
def test_shortened_is_rebuilt(
    story: list[tuple[Any, ...]], after: list[tuple[Any, ...]], cuts: list[bool], hours: int
) -> None:
    asyncio.run(shortened_is_rebuilt(story, after, cuts, hours))


@pytest.mark.full
@settings(CALM, max_examples=stories(120))
@given(STORIES, STORIES, CUTS, HOURS)
def test_shortened_is_rebuilt_in_many_stories(
    story: list[tuple[Any, ...]], after: list[tuple[Any, ...]], cuts: list[bool], hours: int
) -> None:
    asyncio.run(shortened_is_rebuilt(story, after, cuts, hours))


@pytest.mark.full
@settings(CALM, max_examples=stories(30))
@given(STORIES, STORIES, CUTS, HOURS)
def test_shortened_is_rebuilt_in_many_stories_on_postgres(
    postgres_database: str, story: list[tuple[Any, ...]], after: list[tuple[Any, ...]],
    cuts: list[bool], hours: int,
) -> None:  # fmt: skip
    asyncio.run(shortened_is_rebuilt(story, after, cuts, hours, postgres_database))


async def test_a_number_of_the_log_never_comes_again(tmp_path: Path, database_url: str) -> None:
    """In a quiet shop what is removed is the end of the log; what comes next is projected."""
    url = "" if database_url.startswith("sqlite") else database_url
    who = {"anonymousId": "a-1"}
    async with open_shop(tmp_path, url) as shop:
        await shop.send(viewed("p1") | who, viewed("p2") | who)
        last = await shop.settle()
        shop.later(days=100)
        keep(shop, behaviour_days=30)
        await retention(shop.hub)
        clock = shop.clock
    async with open_shop(tmp_path, url, clock) as shop:
        await shop.send(viewed("p1") | {"anonymousId": "a-2"})
        assert await shop.settle() > last
        live = await projections(shop.hub)
        assert len(live["node_state"]) == 2
        await rebuild(shop.hub)
        assert await projections(shop.hub) == live
