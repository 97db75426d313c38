"""Collecting events over HTTP: every route, every way to name the key, every limit, every fault."""

from __future__ import annotations

import asyncio
import gzip
import random
import sqlite3
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from hub.flows.accept import accounting
from hub.flows.sources_admin import change_source
from hub.ingest.events import LETTERS
from hub.store.lanes import QUEUE_ENTRIES
from tests.shop import BOTH, Shop
from tests.web.door import EVENT, Door, open_door

FIELDS = {"success", "accepted", "duplicate", "rejected"}
GOOD = {"type": "track", **EVENT}


@pytest.fixture
async def door(lite: Shop) -> AsyncIterator[Door]:
    async with open_door(lite) as opened:
        yield opened


def said(answer: httpx.Response) -> dict[str, Any]:
    """The body of an answer, which always has the same fields."""
    body: dict[str, Any] = answer.json()
    assert set(body) - {"minted"} == FIELDS
    assert all(set(line) == {"i", "reason"} for line in body["rejected"])
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    return body


def reason(answer: httpx.Response) -> str:
    body = said(answer)
    assert (body["success"], body["accepted"]) == (False, 0)
    return str(body["rejected"][0]["reason"])


async def received(door: Door) -> dict[str, Any]:
    """The accounting of the browser's source, all days together."""
    await door.shop.device()  # counts are written with the next entry
    total: dict[str, Any] = {"received": 0, "stored": 0, "duplicate": 0, "conflict": 0}
    rejected: dict[str, int] = {}
    for line in await accounting(door.shop.hub):
        if line["source_id"] == door.shop.sources["browser"].id:
            for key in total:
                total[key] += line[key]
            for key, n in line["rejected"].items():
                rejected[key] = rejected.get(key, 0) + n
    return {**total, "rejected": rejected}


async def test_every_route_stores_its_kind_of_event(door: Door) -> None:
    kinds = []
    for letter, kind in LETTERS.items():
        for path in (f"/v1/{kind}", f"/v1/{letter}", f"/{letter}"):
            answer = await door.post(path, {**EVENT, "messageId": path, "writeKey": door.key})
            assert (answer.status_code, said(answer)["accepted"]) == (200, 1), path
            kinds.append(kind)
    for path in ("/v1/batch", "/v1/b", "/b", "/v1/import"):
        body = {"writeKey": door.key, "batch": [{**GOOD, "messageId": path}]}
        assert said(await door.post(path, body))["accepted"] == 1
        kinds.append("track")
    rows = await door.shop.hub.database.fetch("SELECT body FROM log ORDER BY seq")
    assert [orjson.loads(row[0])["type"] for row in rows] == kinds


async def test_every_way_to_name_the_key(door: Door) -> None:
    body = {**EVENT, "messageId": "m"}
    ways: list[tuple[str, dict[str, Any], dict[str, str]]] = [
        ("", body, door.basic),
        ("", body, {"Authorization": f"Bearer {door.key}"}),
        ("", {**body, "writeKey": door.key}, {"Authorization": "Bearer token-of-another-kind"}),
        ("", {**body, "writeKey": door.key}, {"Authorization": "Basic %%%"}),
        ("", {**body, "writeKey": door.key}, {}),
        (f"?writeKey={door.key}", body, {}),
    ]
    for i, (query, sent, headers) in enumerate(ways):
        answer = await door.post("/v1/track" + query, {**sent, "messageId": f"m{i}"}, **headers)
        assert (answer.status_code, said(answer)["accepted"]) == (200, 1), i
    as_json = await door.post(
        "/v1/track", body, **door.basic, **{"Content-Type": "application/json"}
    )
    assert as_json.status_code == 200


async def test_an_unknown_key_and_a_closed_source(door: Door) -> None:
    before = door.shop.hub.unknown_keys
    for key in ("wk_wrong", "", "__proto__", "x" * 5000):
        answer = await door.post("/v1/track", {**EVENT, "writeKey": key})
        assert (answer.status_code, "writeKey" in reason(answer)) == (401, True)
    assert door.shop.hub.unknown_keys == before + 4
    many = "&".join(f"a{i}=1" for i in range(200))
    assert (await door.post(f"/v1/track?{many}", EVENT)).status_code == 401
    source = door.shop.sources["browser"]
    await change_source(door.shop.hub, source.id, identify="claim", enabled=False)
    for headers in (door.basic, {}):
        answer = await door.post("/v1/track", {**EVENT, "writeKey": door.key}, **headers)
        assert answer.status_code == 401
    assert await door.logged() == 0


async def test_a_browser_may_ask_first(door: Door) -> None:
    answer = await door.http.options(
        "/v1/t",
        headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "POST",
                 "Access-Control-Request-Headers": "authorization,content-type"},
    )  # fmt: skip
    assert answer.status_code == 204
    allowed = answer.headers["access-control-allow-headers"].replace(" ", "").split(",")
    assert {"authorization", "content-type", "x-retry-count"} <= set(allowed)
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-origin"] == "*"
    wrong = await door.http.get("/v1/t")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST, OPTIONS")
    said(wrong)


async def test_packed_bodies(door: Door) -> None:
    raw = orjson.dumps({"batch": [GOOD, GOOD]})
    for encoding in ("gzip", "GZIP"):
        headers = {**door.basic, "Content-Encoding": encoding}
        answer = await door.post("/v1/batch", gzip.compress(raw), **headers)
        assert said(answer)["accepted"] == 2
    headers = {**door.basic, "Content-Encoding": "gzip"}
    for broken in (raw, gzip.compress(raw)[:-9], b"", b"\x1f\x8b"):
        answer = await door.post("/v1/batch", broken, **headers)
        assert (answer.status_code, reason(answer)[:5]) == (400, "body:")
    headers["Content-Encoding"] = "br"
    answer = await door.post("/v1/batch", raw, **headers)
    assert (answer.status_code, "gzip" in reason(answer)) == (400, True)


async def test_a_bomb_is_defused_before_it_fills_the_memory(door: Door) -> None:
    packer = zlib.compressobj(9, wbits=31)
    block = b" " * 1_000_000
    bomb = b"".join(packer.compress(block) for _ in range(150)) + packer.flush()
    headers = {**door.basic, "Content-Encoding": "gzip"}
    await door.post("/v1/batch", gzip.compress(b"{}"), **headers)
    tracemalloc.start()
    try:
        answer = await door.post("/v1/batch", bomb, **headers)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (answer.status_code, "unpacked" in reason(answer)) == (400, True)
    assert peak < 20_000_000


UNREADABLE = [
    (b"", "body"),
    (b"{", "body"),
    (b"[]", "object"),
    (b"\xff\xfe", "body"),
    (b'{"batch": 5}', "batch"),
    (b'{"batch": [], "token": 5}', "token"),
    (b"[" * 100_000, "object"),
]


async def test_a_body_that_is_none(door: Door) -> None:
    for raw, words in UNREADABLE:
        answer = await door.post("/v1/batch", raw, **door.basic)
        assert (answer.status_code, words in reason(answer)) == (400, True), raw[:20]
        assert (await door.post("/v1/track", raw, **door.basic)).status_code == 400
        # With no key anywhere else the body is what is wrong, if it can not be read.
        unread = await door.post("/v1/batch", raw)
        assert unread.status_code == (401 if raw.startswith(b'{"batch": 5') else 400)
    assert await door.logged() == 0


async def test_limits(door: Door) -> None:
    large = {**EVENT, "properties": {"text": "x" * 33_000}}
    answer = await door.post("/v1/track", large, **door.basic)
    assert (answer.status_code, "32768" in reason(answer)) == (400, True)
    answer = await door.batch([GOOD, {"type": "track", **large}])
    assert answer.status_code == 200
    assert (said(answer)["accepted"], said(answer)["rejected"][0]["i"]) == (1, 1)
    answer = await door.post("/v1/batch", b" " * (4 * 1024 * 1024 + 1), **door.basic)
    assert (answer.status_code, "4194304" in reason(answer)) == (400, True)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(80):
            yield b" " * 65_536

    answer = await door.http.post("/v1/batch", content=endless(), headers=door.basic)
    assert answer.status_code == 400
    answer = await door.batch([GOOD] * 2501)
    assert (answer.status_code, "2500" in reason(answer)) == (400, True)
    assert await door.logged() == 1
    # The two bodies that were never read count as one event each.
    assert (await received(door))["rejected"] == {"batch": 2501, "body": 2, "event": 2}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"properties": []}, "properties"),
    ({"traits": "x"}, "traits"),
    ({"context": 5}, "context"),
    ({"messageId": 5}, "messageId"),
    ({"anonymousId": {}}, "anonymousId"),
    ({"event": 7}, "event"),
    ({"event": ""}, "event"),
    ({"timestamp": "yesterday"}, "timestamp"),
    ({"type": "steal"}, "type"),
    ({"anonymousId": None}, "anonymousId"),
    ({"anonymousId": "null", "userId": "guest"}, "anonymousId"),
    ({"event": "x" * 129}, "event"),
    ({"properties": {"a": "\0"}}, "event"),
]


async def test_a_wrong_event_names_its_field_and_the_others_are_kept(door: Door) -> None:
    for wrong, field in WRONG:
        answer = await door.batch([GOOD, {**GOOD, **wrong}, GOOD])
        body = said(answer)
        assert (answer.status_code, body["success"], body["accepted"]) == (200, False, 2)
        lines = [(line["i"], line["reason"].split(":")[0]) for line in body["rejected"]]
        assert lines == [(1, field)]
        if field != "type":  # the path says the type
            alone = await door.post("/v1/track", {**EVENT, **wrong}, **door.basic)
            assert (alone.status_code, reason(alone).split(":")[0]) == (400, field)


async def test_the_same_message_counts_once(door: Door) -> None:
    one = {**GOOD, "messageId": "m1"}
    assert said(await door.batch([one, one]))["duplicate"] == 1
    for _ in range(3):
        body = said(await door.post("/v1/track", one, **door.basic))
        assert (body["success"], body["accepted"], body["duplicate"]) == (True, 0, 1)
    other = {**one, "properties": {"product_id": "p2"}}
    assert said(await door.batch([other]))["duplicate"] == 1
    counts = await received(door)
    assert (counts["stored"], counts["duplicate"], counts["conflict"]) == (1, 5, 1)
    assert said(await door.batch([GOOD]))["minted"] == 1
    assert await door.logged() == 2


async def test_every_event_is_accounted_for(door: Door) -> None:
    """Whatever is sent by several clients at once, the books balance to the last event."""
    chance = random.Random(5)
    wrong: list[dict[str, Any]] = [
        {"event": 5},
        {"properties": 1},
        {"anonymousId": None},
        {"timestamp": "?"},
    ]
    sent = stored = duplicate = 0

    async def client(number: int) -> None:
        nonlocal sent, stored, duplicate
        for _ in range(10):
            events = []
            for _ in range(chance.randrange(1, 15)):
                event: dict[str, Any] = {**GOOD, "messageId": f"{number}-{chance.randrange(60)}"}
                event |= chance.choice(wrong) if chance.random() < 0.3 else {}
                events.append(event)
            body = said(await door.batch(events))
            assert body["accepted"] + body["duplicate"] + len(body["rejected"]) == len(events)
            sent += len(events)
            stored += body["accepted"]
            duplicate += body["duplicate"]

    await asyncio.gather(*(client(number) for number in range(4)))
    for whole in (b"{", b'{"batch": 3}'):
        assert (await door.post("/v1/batch", whole, **door.basic)).status_code == 400
        sent += 1
    counts = await received(door)
    assert (counts["received"], counts["stored"], counts["duplicate"]) == (sent, stored, duplicate)
    assert sum(counts["rejected"].values()) == sent - stored - duplicate
    assert set(counts["rejected"]) == {
        "event", "properties", "anonymousId", "timestamp", "body", "batch"
    }  # fmt: skip
    assert await door.logged() == stored


async def test_200_is_durable(door: Door) -> None:
    """Another connection finds the row at once: it is in the file, not in the hub's memory."""
    path = door.shop.hub.settings.data_dir / "hub.db"
    for i in range(20):
        answer = await door.post("/v1/track", {**EVENT, "event": f"E{i}"}, **door.basic)
        assert answer.status_code == 200
        other = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            assert other.execute("SELECT 1 FROM log WHERE name = ?", (f"E{i}",)).fetchone()
        finally:
            other.close()


async def test_too_much_at_once_is_to_come_back_later(door: Door) -> None:
    """The queue is bounded: what does not fit is refused with a time to come back, never lost."""
    database = door.shop.hub.database
    async with database.lock:  # type: ignore[attr-defined]  # SQLite's: nothing can be written now
        calls = [asyncio.ensure_future(door.batch([GOOD] * 2500)) for _ in range(12)]
        done, waiting = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        refused = [call.result() for call in done]
    answers = [*refused, *await asyncio.gather(*waiting)]
    assert all(answer.status_code == 429 for answer in refused)
    for answer in answers:
        if answer.status_code == 429:
            assert int(answer.headers["retry-after"]) > 0
            assert "retry-after" in answer.headers["access-control-expose-headers"]
            assert "later" in reason(answer)
    kept = sum(said(answer)["accepted"] for answer in answers)
    assert await door.logged() == kept
    assert 0 < kept <= QUEUE_ENTRIES + 2500
    assert (await door.batch([GOOD])).status_code == 200


async def test_a_full_disk_loses_nothing_that_was_acknowledged(door: Door) -> None:
    await door.shop.widget("hello", HELLO)
    token = await door.shop.device(BOTH)
    stored = []

    async def send(name: str) -> httpx.Response:
        event = {**EVENT, "event": name, "properties": {"text": "x" * 20_000}}
        answer = await door.post("/v1/track", event, **door.basic)
        if answer.status_code == 200:
            stored.append(name)
        return answer

    for i in range(3):
        assert (await send(f"before {i}")).status_code == 200
    await door.fill_disk()
    answers = [await send(f"during {i}") for i in range(5)]
    refused = [answer for answer in answers if answer.status_code != 200]
    assert refused
    for answer in refused:
        assert (answer.status_code, "disk is full" in reason(answer)) == (503, True)
        assert int(answer.headers["retry-after"]) > 0
    shown = await door.post("/v1/decide", {"writeKey": door.key, "token": token, "slots": ["top"]})
    assert [line["widget"] for line in shown.json()["decisions"]] == ["hello"]

    await door.free_disk()
    assert (await send("after")).status_code == 200
    door.shop.hub.views.wake()  # type: ignore[attr-defined]  # it tries by itself after a second
    await door.shop.settle()
    rows = await door.shop.hub.database.fetch("SELECT name FROM log WHERE kind = 'event'")
    assert sorted(row[0] for row in rows) == sorted(stored)
    assert door.shop.hub.views.stuck == ""
    counts = await received(door)
    assert (counts["stored"], counts["received"]) == (len(stored), len(stored))


HELLO = """type: banner
name: Hello
slot: top
content: {en: {title: Hello, text: Welcome}}
"""


async def test_keys_that_mean_something_elsewhere_are_only_keys(door: Door) -> None:
    odd = {"__proto__": {"admin": True}, "constructor": {"prototype": {}}, "__class__": "x"}
    answer = await door.batch([{**GOOD, "properties": odd, "traits": odd, "__proto__": odd}])
    assert said(answer)["accepted"] == 1
    await door.shop.settle()
    ((text,),) = await door.shop.hub.database.fetch("SELECT body FROM log")
    assert orjson.loads(text)["properties"] == odd
    assert door.shop.hub.views.stuck == ""
