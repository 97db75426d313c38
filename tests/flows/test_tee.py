"""Events go to the old collector as well: all, in order, again after a fault, with the same ids."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.flows.tee import start_tee, stop_tee, tee_due
from hub.flows.tee_read import tee_report
from hub.store.models import Tee
from hub.web.server import bind, serving
from tests.shop import Shop, open_shop


@dataclass
class Old:
    """The collector that was there before, on loopback."""

    url: str = ""
    status: int = 200
    after: str = ""
    refuse: set[str] = field(default_factory=set)
    got: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    calls: int = 0

    async def answer(self, request: Request) -> Response:
        self.calls += 1
        self.keys.append(base64.b64decode(request.headers["authorization"][6:]).decode())
        batch = (await request.json())["batch"]
        if self.status != 200:
            headers = {"retry-after": self.after} if self.after else {}
            return JSONResponse({"message": "not now"}, self.status, headers)
        if any(event.get("event") in self.refuse for event in batch):
            return JSONResponse({"message": "event too odd"}, 400)
        self.got += batch
        return JSONResponse({"success": True})


@pytest.fixture
async def old() -> AsyncIterator[Old]:
    made = Old()
    app = Starlette(routes=[Route("/v1/batch", made.answer, methods=["POST"])])
    async with serving(app, bind("127.0.0.1", 0)) as port:
        made.url = f"http://127.0.0.1:{port}"
        yield made


@pytest.fixture
async def teed(database_url: str, tmp_path: Path, old: Old) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path, database_url, private_hosts=["127.0.0.1"]) as shop:
        await shop.send(track("Before"), source="server")
        await start(shop, old)
        yield shop


async def start(shop: Shop, old: Old, key: str = "old-key") -> None:
    source = shop.sources["server"].id
    await start_tee(shop.hub, source, url=f"{old.url}/v1/", key=key, by="ann@shop.example")


def track(name: str, user: str = "7", **more: Any) -> dict[str, Any]:
    return {"type": "track", "event": name, "userId": user, **more}


async def lines(shop: Shop) -> dict[str, tuple[int, int, int]]:
    report = await tee_report(shop.hub, shop.sources["server"].id)
    assert report is not None
    return {line.name: (line.here, line.there, line.refused) for line in report.lines}


async def test_each_event_arrives_as_it_was_said(teed: Shop, old: Old) -> None:
    await teed.send(
        track("product_viewed", anonymousId="a1", properties={"n": 1},
              timestamp="2026-11-20T10:00:00.000Z"),
        {"type": "identify", "anonymousId": "a1", "userId": "7", "traits": {"name": "Ann"}},
        {"type": "page", "anonymousId": "a2", "name": "Home"},
        source="server",
    )  # fmt: skip
    await teed.send({"type": "track", "event": "Elsewhere", "anonymousId": "b"})
    assert await tee_due(teed.hub) == 3
    first, second, third = old.got
    assert old.keys == ["old-key:"]
    assert (first["type"], first["event"], first["userId"]) == ("track", "product_viewed", "7")
    assert first["properties"] == {"n": 1}
    assert first["timestamp"] == first["originalTimestamp"] == "2026-11-20T10:00:00.000Z"
    assert second["traits"] == {"name": "Ann"} and second["userId"] == "7"
    assert (third["name"], third["anonymousId"], third.get("userId")) == ("Home", "a2", None)
    assert len({event["messageId"] for event in old.got}) == 3
    assert await lines(teed) == {
        "Product Viewed": (1, 1, 0), "Identified": (1, 1, 0), "Page Viewed": (1, 1, 0),
    }  # fmt: skip
    assert await tee_due(teed.hub) == 0 and old.calls == 1


@pytest.mark.parametrize("status", [500, 503, 429, 401, 302])
async def test_while_the_other_side_is_away_nothing_is_lost(
    teed: Shop, old: Old, status: int
) -> None:
    old.status, old.after = status, "300"
    await teed.send(*(track("Seen", str(i)) for i in range(1, 251)), source="server")
    assert await tee_due(teed.hub) == 0
    assert await tee_due(teed.hub) == 0 and old.calls == 1  # it rests
    report = await tee_report(teed.hub, teed.sources["server"].id)
    assert report is not None and report.waiting == 250 and report.error
    assert "old-key" not in report.error
    assert await lines(teed) == {"Seen": (250, 0, 0)}
    old.status = 200
    teed.later(minutes=4)
    assert await tee_due(teed.hub) == 0
    teed.later(minutes=7)
    assert await tee_due(teed.hub) == 250
    assert [event["userId"] for event in old.got] == [str(i) for i in range(1, 251)]
    assert await lines(teed) == {"Seen": (250, 250, 0)}


async def test_one_refused_event_does_not_hold_the_others_back(teed: Shop, old: Old) -> None:
    old.refuse = {"Odd"}
    names = ["Good"] * 60 + ["Odd"] + ["Good"] * 60 + ["Odd"]
    await teed.send(*(track(name) for name in names), source="server")
    assert await tee_due(teed.hub) == 120
    assert await lines(teed) == {"Good": (120, 120, 0), "Odd": (2, 0, 2)}
    report = await tee_report(teed.hub, teed.sources["server"].id)
    assert report is not None
    assert report.lines[0].name == "Odd"  # differences first
    assert "event too odd" in report.lines[0].reasons[0]


async def test_off_leaves_a_pause_out_and_another_key_does_not(teed: Shop, old: Old) -> None:
    await teed.send(track("One"), source="server")
    await start(teed, old, key="newer-key")
    assert await tee_due(teed.hub) == 1 and old.keys == ["newer-key:"]
    await stop_tee(teed.hub, teed.sources["server"].id, by="ann@shop.example")
    await teed.send(track("Two"), source="server")
    assert await tee_due(teed.hub) == 0
    await start(teed, old)
    await teed.send(track("Three"), source="server")
    assert await tee_due(teed.hub) == 1
    assert [event["event"] for event in old.got] == ["One", "Three"]
    assert await lines(teed) == {"Three": (1, 1, 0)}
    actions = [row[0] for row in await teed.hub.database.fetch("SELECT action FROM audit")]
    assert actions == ["tee on", "tee on", "tee off", "tee on"]


async def test_a_crash_before_the_count_sends_the_same_ids_again(teed: Shop, old: Old) -> None:
    await teed.send(track("One"), track("Two"), source="server")
    before = (await Tee.all())[0].seq
    await tee_due(teed.hub)
    await Tee.all().update(seq=before)
    await tee_due(teed.hub)
    ids = [event["messageId"] for event in old.got]
    assert len(ids) == 4 and ids[:2] == ids[2:]


@pytest.mark.parametrize(
    "url",
    ["", "ftp://a.example", "https://", "https://u:p@a.example", "https://a.example/?key=1",
     "https://a.example/" + "x" * 480],
)  # fmt: skip
async def test_an_address_that_can_not_be_is_refused(lite: Shop, url: str) -> None:
    with pytest.raises(ValueError, match=r"^url: "):
        await start_tee(lite.hub, 1, url=url, key="k", by="ann")
    with pytest.raises(ValueError, match=r"^key: "):
        await start_tee(lite.hub, 1, url="https://a.example", key=" ", by="ann")


async def test_the_hub_does_not_call_into_its_own_network(lite: Shop, old: Old) -> None:
    await start(lite, old)  # 127.0.0.1 is not among private_hosts here
    await lite.send(track("One"), source="server")
    assert await tee_due(lite.hub) == 0 and old.calls == 0
    report = await tee_report(lite.hub, lite.sources["server"].id)
    assert report is not None and "127.0.0.1" in report.error


async def test_the_key_is_nowhere_in_the_clear(teed: Shop) -> None:
    rows = await teed.hub.database.fetch("SELECT * FROM tee")
    audit = await teed.hub.database.fetch("SELECT * FROM audit")
    assert "old-key" not in json.dumps([list(map(str, row)) for row in (*rows, *audit)])
