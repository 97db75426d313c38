"""/metrics: figures that add up, read only by whom they are meant for, and of no person."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

import hub.web
from hub.web.app import create_app
from tests.connected import NOW, open_connected
from tests.shop import Shop, banner, viewed
from tests.web.door import EVENT, Door, open_door

TOKEN = "metrics-token-of-this-test"
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
async def door(lite: Shop) -> AsyncIterator[Door]:
    async with open_door(lite) as opened:
        yield opened


def samples(text: str) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def read(door: Door) -> Samples:
    answer = await door.http.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    return samples(answer.text)


async def test_what_came_in_adds_up(door: Door) -> None:
    good = [{**EVENT, "type": "track", "messageId": f"m{i}"} for i in range(3)]
    bad = {"type": "track", "messageId": "b", "anonymousId": "a"}
    assert (await door.batch([*good, good[0], bad])).status_code == 200
    assert (await door.post("/v1/track", {"event": "x", "anonymousId": "a", "timestamp": "x"},
                            **door.basic)).status_code == 400  # fmt: skip
    assert (await door.post("/v1/track", EVENT, Authorization="Bearer nobody")).status_code == 401
    await door.shop.settle()
    found = await read(door)
    assert found["hub_received_total", ()] == 6
    assert found["hub_stored_total", ()] == 3
    assert found["hub_duplicate_total", ()] == 1
    assert found["hub_rejected_total", (("field", "event"),)] == 1
    assert found["hub_rejected_total", (("field", "timestamp"),)] == 1
    assert found["hub_unknown_keys_total", ()] == 1
    assert found["hub_answers_total", (("route", "batch"), ("status", "200"))] == 1
    assert found["hub_answers_total", (("route", "event"), ("status", "400"))] == 1
    assert found["hub_answers_total", (("route", "event"), ("status", "401"))] == 1
    assert found["hub_answer_seconds_count", (("route", "event"),)] == 2
    assert found["hub_commit_seconds_count", ()] >= 1
    assert found["hub_sync_to_disk_seconds_count", ()] >= 1
    assert found["hub_log_entries", ()] == 3
    assert found["hub_projector_lag_entries", ()] == 0
    assert found["hub_queue_entries", ()] == 0


async def test_decisions_are_counted_by_what_they_used(door: Door) -> None:
    await door.shop.widget("hello", banner())
    token = await door.shop.device()
    for body in ({}, {"token": token}, {"slots": ["nowhere"]}):
        answer = await door.post("/v1/decide", {"writeKey": door.key, **body})
        assert answer.status_code == 200
    found = await read(door)
    assert found["hub_decisions_total", (("basis", "page"),)] == 2
    assert found["hub_decisions_total", (("basis", "known"),)] == 1
    assert found["hub_widgets_shown_total", ()] == 2
    assert found["hub_decisions_empty_total", ()] == 1
    assert found["hub_answer_seconds_bucket", (("le", "+Inf"), ("route", "decide"))] == 3


async def test_the_projector_behind_the_log(door: Door) -> None:
    async with door.shop.hub.views.lock:
        assert (await door.post("/v1/track", EVENT, **door.basic)).status_code == 200
        door.shop.later(seconds=90)
        found = await read(door)
        assert found["hub_projector_lag_entries", ()] == 1
        assert found["hub_projector_lag_seconds", ()] == 90
    await door.shop.settle()


async def test_figures_are_there_on_either_database(shop: Shop) -> None:
    await shop.send(viewed("p1"))
    async with open_door(shop) as door:
        found = await read(door)
    assert found["hub_database_bytes", ()] > 0
    assert found["hub_database_readable", ()] == 1
    assert found["hub_outbox_rows", (("state", "planned"),)] == 0
    assert found["process_resident_memory_bytes", ()] > 1e6
    assert found["process_open_fds", ()] > 3
    assert found["hub_projector_running", ()] == 1


async def test_strangers_can_not_make_up_labels(door: Door) -> None:
    before = set(await read(door))
    for i in range(60):
        await door.post("/v1/track", {f"x{i}": 1, "type": f"t{i}", "context": {f"k{i}": "\0"}},
                        **door.basic)  # fmt: skip
        await door.batch([{"type": f"t{i}"}, i, {"event": f"e{i}", f"f{i}": i}])
        await door.post(f"/v1/track{i}", EVENT, **door.basic)
        await door.post("/v1/decide", {"writeKey": door.key, "page": i, "locale": f"l{i}"})
    new = {key for key in set(await read(door)) - before if key[0] == "hub_rejected_total"}
    assert len(new) <= 6
    assert "x7" not in (await door.http.get("/metrics")).text


@asynccontextmanager
async def caller(shop: Shop, address: str, token: str = "") -> AsyncIterator[httpx2.AsyncClient]:
    shop.hub.settings = msgspec.structs.replace(
        shop.hub.settings, metrics_token=token, trusted_proxies=["10.0.0.1"]
    )
    transport = httpx2.ASGITransport(app=create_app(shop.hub), client=(address, 5000))  # type: ignore[arg-type]
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        yield http


async def test_without_a_token_only_this_machine_may_read(lite: Shop) -> None:
    async with caller(lite, "127.0.0.1") as http:
        assert (await http.get("/metrics")).status_code == 200
        for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
            assert (await http.get("/metrics", headers={name: "127.0.0.1"})).status_code == 403
        rebound = await http.get("/metrics", headers={"Host": "evil.example"})
        assert rebound.status_code == 403
    for address, headers in (
        ("198.51.100.7", {}),
        ("198.51.100.7", {"X-Forwarded-For": "127.0.0.1"}),
        ("10.0.0.1", {"X-Forwarded-For": "127.0.0.1"}),
        ("10.0.0.1", {}),
    ):
        async with caller(lite, address) as http:
            answer = await http.get("/metrics", headers=headers)
            assert answer.status_code == 403
            assert "metrics_token" in answer.text


async def test_with_a_token_everybody_needs_it(lite: Shop) -> None:
    for address in ("127.0.0.1", "198.51.100.7"):
        async with caller(lite, address, TOKEN) as http:
            right = {"Authorization": f"Bearer {TOKEN}"}
            assert (await http.get("/metrics", headers=right)).status_code == 200
            for wrong in ({}, {"Authorization": TOKEN}, {"Authorization": f"Basic {TOKEN}"},
                          {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": "Bearer "},
                          {"Authorization": "Bearer ümlaut".encode()}):  # fmt: skip
                answer = await http.get("/metrics", headers=wrong)  # type: ignore[arg-type]
                assert answer.status_code == 401, wrong
                assert answer.headers["www-authenticate"] == "Bearer"
                assert TOKEN not in answer.text
            assert (await http.get(f"/metrics?token={TOKEN}")).status_code == 401


async def test_no_figure_names_a_person(door: Door) -> None:
    event = {"event": "Zoe Canary", "anonymousId": "zoe-canary", "type": "track"}
    await door.batch([{**event, "properties": {"email": "zoe@canary.example"}}])
    await door.shop.settle()
    text = (await door.http.get("/metrics")).text.lower()
    assert "canary" not in text and "zoe" not in text


async def test_plugins_and_their_runs_are_counted(tmp_path: Path) -> None:
    async with open_connected(tmp_path) as connected:
        await connected.save()
        assert (await connected.sync()).last_error == ""
        connected.weather.instead = (401, "application/json", b"{}")
        await connected.sync()
        connected.door.shop.hub.watch.fault("widgets", "its widget raised ValueError: x")
        found = await read(connected.door)
    runs = "hub_sync_runs_total"
    assert found[runs, (("connector", "woocommerce"), ("outcome", "done"))] == 1
    assert found[runs, (("connector", "woocommerce"), ("outcome", "attention"))] == 1
    status = (("connector", "woocommerce"), ("status", "attention"))
    assert found["hub_connections", status] == 1
    assert found["hub_plugin_faults_total", (("plugin", "widgets"),)] == 1
    assert found["hub_plugin_ok", (("plugin", "woocommerce"),)] == 1
    last = found["hub_connection_last_sync_timestamp_seconds", (("connector", "woocommerce"),)]
    assert last == NOW.timestamp()


async def test_each_figure_is_explained(door: Door) -> None:
    text = (Path(hub.web.__file__).parent / "README.md").read_text()
    named = set(re.findall(r"`(hub_\w+)", text))
    answer = (await door.http.get("/metrics")).text
    given = {
        family.name + ("_total" if family.type == "counter" else "")
        for family in text_string_to_metric_families(answer)
        if family.name.startswith("hub_")
    }
    assert given == named
