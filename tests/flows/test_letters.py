"""Dead letters: what is refused is kept, mended, taken in once at its own time, or dropped."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from hub.flows import letters
from hub.flows.accept import accept_batch, accept_one, accounting
from hub.flows.device import ConsentRequest, change_consent
from hub.flows.erase import carry_on, request_erasure
from hub.flows.letters_replay import (
    CanNotReplay,
    drop_letters,
    letter_page,
    list_groups,
    list_letters,
    replay,
    replay_like,
)
from hub.flows.retention import retention
from hub.ingest.limits import BadInput
from tests.shop import Shop, open_shop, viewed

BY = "ann@shop.example"
WRONG = {**viewed("p1"), "userId": "7", "timestamp": "yesterday"}


async def kept(shop: Shop) -> list[tuple[Any, ...]]:
    await shop.hub.letters.flush()
    return await shop.hub.database.fetch(
        "SELECT id, reason, kind, device, events, cut, body FROM dead_letter ORDER BY id"
    )


async def log(shop: Shop) -> list[tuple[Any, ...]]:
    await shop.settle()
    return await shop.hub.database.fetch(
        "SELECT name, received_at, body FROM log WHERE kind = 'event' ORDER BY seq"
    )


async def sums(shop: Shop) -> dict[str, int]:
    total = {"received": 0, "stored": 0, "duplicate": 0, "rejected": 0}
    await asyncio.sleep(0)
    await shop.send({**viewed("tick"), "anonymousId": "t"})  # the accounts come with it
    for line in await accounting(shop.hub):
        total["rejected"] += sum(line["rejected"].values())
        for name in ("received", "stored", "duplicate"):
            total[name] += line[name]
    assert total["received"] == total["stored"] + total["duplicate"] + total["rejected"]
    return total


async def test_a_mended_event_is_taken_in_once_at_its_own_time(
    database_url: str, tmp_path: Path
) -> None:
    async with open_shop(tmp_path, database_url) as shop:
        at = shop.now
        await shop.send(WRONG, {**viewed("p2"), "userId": "8"}, source="server")
        ((number, reason, kind, _, _, cut, body),) = await kept(shop)
        assert (kind, bool(cut)) == ("", False)
        assert reason == "timestamp: 'yesterday' is not an ISO 8601 time"
        assert orjson.loads(body)["userId"] == "7"
        assert (await sums(shop))["rejected"] == 1
        shop.later(days=2)
        with pytest.raises(CanNotReplay, match="yesterday"):
            await replay(shop.hub, number, by=BY)
        mended = body.replace("yesterday", "2026-11-20T10:00:00Z")
        both = await asyncio.gather(
            replay(shop.hub, number, by=BY, body=mended),
            replay(shop.hub, number, by=BY, body=mended),
            return_exceptions=True,
        )
        assert sum(not isinstance(one, Exception) and one.taken for one in both) == 1
        with pytest.raises(CanNotReplay, match="already"):
            await replay(shop.hub, number, by=BY, body=mended)
        mine = [row for row in await log(shop) if '"p1"' in row[2]]
        assert [row[1] for row in mine] == [at]
        after = await sums(shop)
        assert after["rejected"] == 0
        assert await kept(shop) == []


async def test_all_of_a_reason_together(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        for i in range(5):
            await shop.send({**WRONG, "messageId": f"m{i}", "timestamp": f"day {i}"},
                            source="server")  # fmt: skip
        await shop.send({"type": "track", "userId": "7"}, source="server")
        groups = await list_groups(shop.hub)
        assert [(g.topic, g.n, g.source) for g in groups] == [
            ("event: a track call needs the name of the event", 1, "server"),
            ("timestamp: '…' is not an ISO # time", 5, "server"),
        ]
        assert [line.reason[:16] for line in await list_letters(shop.hub, groups[1].id)] == [
            f"timestamp: 'day {i}"[:16] for i in (4, 3, 2, 1, 0)
        ]
        failed = await replay_like(shop.hub, groups[1].id, by=BY)
        assert (failed.taken, failed.failed) == (0, 5)
        assert "timestamp" in failed.first_fault
        # As if a release of ours had refused what it should not have refused.
        sql = "UPDATE dead_letter SET body = REPLACE(body, 'day ', '2026-11-1') WHERE id <> ?"
        await shop.hub.database.write([(sql, [(groups[1].id,)])])
        done = await replay_like(shop.hub, groups[1].id, by=BY)
        assert (done.taken, done.duplicate, done.failed) == (4, 0, 1)
        assert len(await log(shop)) == 4
        assert await drop_letters(shop.hub, groups[1].id, by=BY, alike=True) == 1
        assert [g.n for g in await list_groups(shop.hub)] == [1]


async def test_one_event_and_a_batch_refused_whole(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        source = shop.sources["server"]
        with pytest.raises(BadInput):
            await accept_one(shop.hub, source, b'{"userId": "7", "event": ', kind="track")
        with pytest.raises(BadInput):
            await accept_batch(
                shop.hub, source, b'{"batch": {"a": 1}, "sentAt": "2026-11-23T12:00:00Z"}'
            )
        one, batch = await kept(shop)
        assert (one[2], batch[2]) == ("track", "batch")
        await replay(shop.hub, one[0], by=BY, body='{"userId": "7", "event": "Mended"}')
        text = '{"batch": [{"type": "track", "event": "A", "userId": "7"},' \
               ' {"type": "track", "event": "A", "userId": "7"}]}'  # fmt: skip
        done = await replay(shop.hub, batch[0], by=BY, body=text)
        assert done.taken == 2
        assert [row[0] for row in await log(shop)] == ["Mended", "A", "A"]
        for bad in ("[]", "5", '"x"', "{}", "null", '{"batch": 5}', '{"batch": [1]}', "\ud800"):
            with pytest.raises(BadInput):
                await accept_one(shop.hub, source, b"{", kind="track")
            number = (await kept(shop))[-1][0]
            with pytest.raises(CanNotReplay):
                await replay(shop.hub, number, by=BY, body=bad)
        assert len(await kept(shop)) == 8


async def test_keys_tokens_and_cards_are_not_kept(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        token = await shop.device()
        raw = orjson.dumps({
            "writeKey": shop.sources["server"].write_key, "token": token, "type": "track",
            "event": "", "properties": {"cc": "4111 1111 1111 1111"},
        })  # fmt: skip
        for sent in (raw, raw[:-1], raw + b"x" * 10, raw[: raw.index(b"event")]):
            with pytest.raises(BadInput):
                await accept_one(shop.hub, shop.sources["server"], sent, kind="track")
        rows = repr(await kept(shop))
        for secret in (token, shop.sources["server"].write_key, "4111 1111"):
            assert secret not in rows


async def test_what_a_visitor_did_not_agree_to_is_not_kept(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        token = await shop.device()
        await shop.send({**viewed("p1"), "timestamp": "x"}, token=token)
        key = shop.sources["browser"].write_key
        asked = ConsentRequest(writeKey=key, token=token, purposes={"analytics": False})
        await change_consent(shop.hub, shop.sources["browser"], asked)
        await shop.settle()
        with pytest.raises(BadInput, match="consent"):
            raw = orjson.dumps(viewed("canary"))
            await accept_one(shop.hub, shop.sources["browser"], raw, kind="track", token=token)
        ((number, *_),) = await kept(shop)
        with pytest.raises(CanNotReplay, match="withdrawn"):
            await replay(shop.hub, number, by=BY)
        await drop_letters(shop.hub, number, by=BY)
        agreed = await shop.device()
        await shop.send({**viewed("p1"), "timestamp": "x"}, token=agreed)
        ((number, _, _, device, *_, body),) = await kept(shop)
        assert device
        done = await replay(shop.hub, number, by=BY, body=body.replace('"x"', '""'))
        assert done.taken == 1
        rows = await shop.hub.database.fetch(
            "SELECT COUNT(*) FROM log JOIN node ON node.id = node_id WHERE type = 'device' "
            "AND name = 'Product Viewed'"
        )
        assert rows == [(1,)]


async def test_a_flood_of_one_fault_leaves_the_others(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "ROWS", 20)
    monkeypatch.setattr(letters, "BYTES", 10_000)
    async with open_shop(tmp_path, database_url) as shop:
        await shop.send({"type": "track", "userId": "7"})
        for _ in range(3):
            for i in range(15):
                await shop.send({**WRONG, "messageId": f"{i}"})
            await shop.hub.letters.flush()
        assert {g.topic[:5]: g.n for g in await list_groups(shop.hub)} == {"event": 1, "times": 20}
        for _ in range(3):
            await shop.send({**WRONG, "properties": {"long": "x" * 4_000}})
            await shop.hub.letters.flush()
        rows = await shop.hub.database.fetch(
            "SELECT SUM(size), COUNT(*) FROM dead_letter WHERE field = 'timestamp'"
        )
        assert int(rows[0][0]) <= 10_000
        assert rows[0][1] == 2
        for i in range(letters.MAX_WAITING + 10):
            shop.hub.letters.add(letters.Letter(1, i, "body", "body: x", b"x"))
        assert shop.hub.letters.dropped == 10  # type: ignore[attr-defined]


async def test_a_long_one_is_cut_and_must_be_completed(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        long = {**viewed("p1"), "userId": "7", "properties": {"x": "y" * 40_000}}
        await shop.send(long, source="server")
        ((number, reason, *_, cut, body),) = await kept(shop)
        assert bool(cut) and len(body) <= letters.BODY_BYTES and "at most" in reason
        with pytest.raises(CanNotReplay, match="only its beginning"):
            await replay(shop.hub, number, by=BY)


async def test_an_erased_person_is_in_no_letter(database_url: str, tmp_path: Path) -> None:
    async with open_shop(tmp_path, database_url) as shop:
        await shop.send(
            {"type": "identify", "userId": "ann-7777", "traits": {"email": "ann@shop.example"}},
            {**WRONG, "userId": "ann-7777"},
            {**WRONG, "properties": {"to": "ANN@shop.example"}},
            {**WRONG, "userId": "bob-8888"},
            source="server",
        )
        escaped = b'{"event": "", "userId": "1", "x": "\\u0061nn@shop.example"}'
        with pytest.raises(BadInput):
            await accept_one(shop.hub, shop.sources["server"], escaped, kind="track")
        assert len(await kept(shop)) == 4
        number = await request_erasure(shop.hub, "ann@shop.example", "test")
        await carry_on(shop.hub, number, at_once=True)
        ((_, *_, body),) = await kept(shop)
        assert "bob-8888" in body


async def test_old_letters_go(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.send(WRONG)
        assert len(await kept(shop)) == 1
        shop.later(days=31)
        await retention(shop.hub)
        assert await kept(shop) == []
        assert await letter_page(shop.hub, 1) is None
        with pytest.raises(CanNotReplay):
            await replay(shop.hub, 1, by=BY)
