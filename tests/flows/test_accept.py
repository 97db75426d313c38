"""accept: every event of a batch is stored, a twin, or refused with a reason; a 200 is durable."""

from __future__ import annotations

import asyncio
import uuid

import orjson
import pytest

from hub.flows import accept
from hub.ingest.limits import BATCH_EVENTS, BadInput
from hub.sdk.records import Identifier
from hub.store.database import StoreUnavailable
from hub.store.sqlite import SqliteDatabase
from tests.shop import Shop, viewed

BAD = {"type": "track", "event": "", "anonymousId": "a1"}


async def test_a_batch_is_accounted_for(shop: Shop) -> None:
    good = {**viewed("p1"), "anonymousId": "a1", "messageId": "m1"}
    other = {**viewed("p2"), "anonymousId": "a1", "messageId": "m1"}
    answer = await shop.send(good, BAD, good, other, {"type": "buy"})
    assert (answer.success, answer.accepted, answer.duplicate) == (False, 1, 2)
    assert [line["i"] for line in answer.rejected] == [1, 4]
    await shop.hub.writer.append([])
    (line,) = [row for row in await settled(shop) if row["received"]]
    assert line == {
        "day": "2026-11-23", "source_id": shop.sources["browser"].id, "received": 5, "stored": 1,
        "duplicate": 2, "conflict": 1, "rejected": {"event": 1, "type": 1},
    }  # fmt: skip
    assert [r.reason.partition(":")[0] for r in shop.hub.rejects.newest] == ["event", "type"]


async def settled(shop: Shop) -> list[dict[str, object]]:
    """The accounting once the counts that ride along are written."""
    await shop.hub.writer.close()
    return await accept.accounting(shop.hub)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "body"), (b"{", "body"), (b"[]", "batch"), (b"{}", "batch"),
        (b'{"batch":{}}', "batch"), (b'{"batch":[],"token":5}', "batch"), (b"\xff", "body"),
        (b'{"batch":[' + b"{}," * BATCH_EVENTS + b"{}]}", "batch"),
        (b'{"batch":["' + b"x" * (4 * 1024 * 1024) + b'"]}', "body"),
        (b'{"batch":' + b"[" * 100_000, "body"),
    ],
)  # fmt: skip
async def test_a_body_that_can_not_be_read(lite: Shop, raw: bytes, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        await accept.accept_batch(lite.hub, lite.sources["browser"], raw)
    assert str(caught.value).startswith(reason)


async def test_odd_events_end_alike_on_both_databases(shop: Shop) -> None:
    odd: list[bytes] = [
        b'{"a":1e308,"b":-0.0,"c":1e22,"d":18446744073709551615,"e":"\\u007f\\ufffe"}',
        b'{"":"","a":{"":[]},"\\\\":"\\"","emoji":"\\ud83d\\ude00"}',
        b'{"a":"\\u0000"}', b'{"half":"\\ud800"}', b'{"a":1e999}', b'{"a":"\xff"}',
        b'{"a":123456789012345678901234567890}', b'{"a":1,"a":2}',
    ]  # fmt: skip
    batch = b",".join(
        b'{"type":"identify","anonymousId":"a1","messageId":"%d","traits":%s}' % (n, traits)
        for n, traits in enumerate(odd)
    )
    raw = b'{"batch":[' + batch + b"]}"
    answer = await accept.accept_batch(shop.hub, shop.sources["browser"], raw)
    assert [line["i"] for line in answer.rejected] == [2, 4, 5, 6]
    await shop.settle()
    assert not shop.hub.views.aside  # type: ignore[attr-defined]
    rows = await shop.hub.database.fetch("SELECT body FROM log ORDER BY seq")
    assert orjson.loads(rows[0][0])["traits"]["a"] == 1e308
    assert [orjson.loads(row[0])["traits"] for row in rows[2:]] == [{"half": "\ufffd"}, {"a": 2}]
    state = await shop.person_of(Identifier("linen", "anonymous", "a1"))
    assert state.traits["c"].value == 1e22
    assert state.traits["emoji"].value == "\U0001f600"
    shop.hub.views.restart(shop.hub.views.seq)  # read again from the tables
    assert await shop.person_of(Identifier("linen", "anonymous", "a1")) == state


async def test_one_event_alone(shop: Shop) -> None:
    source = shop.sources["browser"]
    raw = orjson.dumps({"event": "Seen", "anonymousId": "a1", "messageId": "m1"})
    first = await accept.accept_one(shop.hub, source, raw, kind="track")
    again = await accept.accept_one(shop.hub, source, raw, kind="track")
    assert (first.accepted, again.accepted, again.duplicate) == (1, 0, 1)
    with pytest.raises(BadInput):
        await accept.accept_one(shop.hub, source, b"{}", kind="track")
    bare = orjson.dumps({"event": "Seen", "anonymousId": "a1"})
    minted = await accept.accept_one(shop.hub, source, bare, kind="track")
    assert orjson.loads(accept.encode(minted))["minted"] == 1


async def test_many_clients_at_once(shop: Shop) -> None:
    token = await shop.device()

    async def client(n: int) -> int:
        events = [{**viewed(f"p{i % 7}"), "messageId": f"{n % 10}-{i}"} for i in range(10)]
        raw = orjson.dumps({"batch": events, "token": token})
        answer = await accept.accept_batch(shop.hub, shop.sources["browser"], raw)
        return answer.accepted

    accepted = await asyncio.gather(*(client(n) for n in range(40)))
    assert sum(accepted) == 100
    await shop.settle()
    assert (await shop.view(token)).seen["Product Viewed"].n == 100


async def test_a_batch_that_failed_is_counted_when_it_comes_again(lite: Shop) -> None:
    database = lite.hub.database
    assert isinstance(database, SqliteDatabase)
    events = [{**viewed("p1"), "anonymousId": "a1", "messageId": "m1"}, BAD]
    await lite.send({**viewed("p0"), "anonymousId": "a0"})
    await limit(database, "page_count")
    big = [{**viewed("x" * 3000), "anonymousId": uuid.uuid4().hex} for _ in range(200)]
    with pytest.raises(StoreUnavailable):
        await lite.send(*big, BAD)
    await limit(database, "1000000")
    await lite.send(*events)
    (line,) = await settled(lite)
    assert (line["received"], line["stored"], line["rejected"]) == (3, 2, {"event": 1})


async def limit(database: SqliteDatabase, pages: str) -> None:
    async with database.lock:
        if pages == "page_count":
            rows = await database.in_writer(lambda c: c.execute("PRAGMA page_count").fetchone())
            pages = str(rows[0])
        await database.in_writer(lambda c: c.execute(f"PRAGMA max_page_count={pages}").fetchone())


async def test_an_answer_survives_with_its_accounts(shop: Shop) -> None:
    """What a batch was told of its bad events is counted by the time it is told."""
    raw = orjson.dumps({"batch": [BAD, {**viewed("p1"), "anonymousId": "a1"}, BAD]})
    await accept.accept_batch(shop.hub, shop.sources["browser"], raw)
    rows = await shop.hub.database.fetch(
        "SELECT outcome, reason, n FROM intake_count ORDER BY outcome"
    )
    assert rows == [("rejected", "event", 2), ("stored", "", 1)]
