"""A person goes through every way the hub can fail, and leaves no trace in the log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from hub.flows.deliver import deliver_due
from hub.flows.recommend import note_fault
from hub.jobs.schedule import Schedule
from hub.store.models import Connection
from hub.watch import PluginFault
from tests.connected import Connected, open_connected
from tests.flows.imports import shop_files
from tests.logbook import Written, logging_to
from tests.mailbox import POPUP
from tests.shop import Shop
from tests.web.door import Door, open_door

NAME = "Zebulon Quixley"
EMAIL = "zeb.quixley@canary-mail.example"
PHONE = "+31 6 87654321"
STREET = "Canary Lane 77"
ADDRESS = "198.51.100.77"
TOKEN = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"
CANARIES = (
    NAME,
    "Quixley",
    "Zebulon",
    "canary-mail",
    "87654321",
    "6 87654321",
    STREET,
    ADDRESS,
    TOKEN,
)
PERSON = f"{NAME} <{EMAIL}> {PHONE} {STREET} {ADDRESS} {TOKEN}\r\nCRITICAL forged"
ONE_LINE = PERSON.partition("\r")[0]
HEADERS = {
    "User-Agent": ONE_LINE,
    "X-Forwarded-For": ADDRESS,
    "Cookie": f"a={TOKEN}",
}


class Odd(Exception):
    """A library's exception that quotes what it was given."""


def broken(*_: Any, **__: Any) -> Any:
    seen = {"email": EMAIL, "name": NAME}
    raise Odd(f"can not read {PERSON} {seen}")


async def failing(*_: Any, **__: Any) -> Any:
    broken()


def assert_silent(written: Written, least: int) -> None:
    text = written.text()
    hits = [canary for canary in CANARIES if canary in text or ascii(canary)[1:-1] in text]
    assert hits == [], text
    assert "\nCRITICAL" not in text
    assert len(written.lines()) >= least, "the log was not written at all"


@pytest.fixture
async def door(lite: Shop) -> AsyncIterator[Door]:
    async with open_door(lite) as opened:
        yield opened


async def test_bad_bodies_and_faults_on_the_public_routes(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = {
        "event": NAME, "type": EMAIL, "anonymousId": 7, "properties": PERSON,
              "timestamp": PERSON, "context": {"ip": ADDRESS}, "traits": {"email": EMAIL},
    }  # fmt: skip
    bodies = [
        b"", PERSON.encode(), orjson.dumps(PERSON), orjson.dumps(person), b"\xff" + PERSON.encode(),
        orjson.dumps({"writeKey": door.key, "batch": [person, PERSON], "token": TOKEN}),
        orjson.dumps({"writeKey": PERSON, **person}),
    ]  # fmt: skip
    paths = [
        "/v1/track", "/v1/batch", "/v1/decide", "/v1/device", "/v1/consent", "/v1/link",
             "/v1/subscribe", "/hooks/1", f"/confirm/{TOKEN}", f"/{quote(PERSON)}", "/metrics",
    ]  # fmt: skip
    good = {"event": "Odd", "anonymousId": EMAIL, "properties": {"name": NAME}}
    with logging_to("json") as written:
        for path in paths:
            for body in bodies:
                await door.post(f"{path}?q={quote(EMAIL)}", body, **door.basic, **HEADERS)
            await door.http.get(path, headers=HEADERS)
        with monkeypatch.context() as patched:
            patched.setattr(door.shop.hub.writer, "append", failing)
            answer = await door.post("/v1/track", good, **door.basic, **HEADERS)
            assert answer.status_code == 503
            assert PERSON not in answer.text
        assert_silent(written, 1)
        assert answer.headers["x-request-id"] == written.lines()[-1]["request_id"]


async def test_an_entry_that_can_not_be_stored_or_projected(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = {"event": NAME, "anonymousId": EMAIL, "properties": {"name": NAME}}
    with logging_to("json") as written:
        with monkeypatch.context() as patched:
            patched.setattr(door.shop.hub.database, "append", failing)
            assert (await door.post("/v1/track", event, **door.basic)).status_code == 503
        with monkeypatch.context() as patched:
            patched.setattr("hub.flows.project.apply_row", broken)
            assert (await door.post("/v1/track", event, **door.basic)).status_code == 200
            await door.shop.settle()
        assert [seq for seq, _ in door.shop.hub.views.aside] == [1]
        assert_silent(written, 2)


async def test_bytes_that_are_no_request(door: Door) -> None:
    port = door.http.base_url.port
    with logging_to("json") as written:
        for raw in (PERSON.encode() + b"\r\n\r\n", b"GET /" + PERSON.encode() + b" HTTP/9\r\n\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(raw)
            await reader.read()
            writer.close()
        assert_silent(written, 1)


async def test_a_mail_server_that_quotes_its_recipient(door: Door) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            refused = verb in (b"RCPT", b"DATA")
            writer.write(b"550 " + ONE_LINE.encode() + b"\r\n" if refused else b"250 ok\r\n")
        writer.close()

    hub = door.shop.hub
    await door.shop.widget("letter", POPUP)
    with logging_to("json") as written:
        async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            hub.plugins.channels["email"].configure(
                {"host": "127.0.0.1", "port": port, "security": "none", "sender": "a@shop.example"}
            )
            body = {"writeKey": door.key, "email": EMAIL, "widget": "letter", "version": 1,
                    "page": {"url": f"https://shop.example/?email={EMAIL}"}}  # fmt: skip
            assert (await door.post("/v1/subscribe", body)).status_code == 200
            await door.shop.settle()
            assert await deliver_due(hub) == 1
            hub.plugins.channels["email"].send = failing  # type: ignore[method-assign]
            await hub.database.write([("UPDATE outbox SET state = 'planned', next_at = 0", [()])])
            assert await deliver_due(hub) == 1
        await Schedule(hub).guarded(failing)()
        assert_silent(written, 2)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Connected]:
    async with open_connected(tmp_path) as connected:
        await connected.save()
        yield connected


async def test_a_connected_shop_that_answers_nonsense(
    shop: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = orjson.dumps([{"id": PERSON, "email": EMAIL, "billing": PERSON}])
    with logging_to("json") as written:
        raw = PERSON.encode()
        for weather in (
            (500, "text/html", raw),
            (200, "text/html", raw),
            (200, "application/json", page),
            (401, "application/json", page),
        ):
            shop.weather.instead = weather
            await shop.sync()
        await Connection.filter(id=shop.id).update(status="ready")
        await shop.door.http.post(f"/hooks/{shop.id}", content=page, headers=HEADERS)
        with monkeypatch.context() as patched:
            patched.setattr("hub.web.webhooks.receive_webhook", failing)
            await shop.door.http.post(f"/hooks/{shop.id}", content=page, headers=HEADERS)
        assert_silent(written, 1)


async def test_a_plugin_that_quotes_and_prints(lite: Shop) -> None:
    hub = lite.hub
    with logging_to("json") as written:
        for _ in range(hub.settings.plugin_limits.faults):
            with pytest.raises(PluginFault):
                hub.watch.call("odd", "its widget", broken)
        note_fault(hub, "odd", Odd(PERSON))
        logging.getLogger("hub.plugins.output").info("plugin odd: %s", PERSON)
        assert "odd" in hub.watch.off
        assert_silent(written, 3)


async def test_a_file_of_orders_that_can_not_be_read(tmp_path: Path) -> None:
    rows = [f"1,{ONE_LINE},{NAME},{EMAIL},p,x,y", f'"{NAME}', f",,{EMAIL},,,,"]
    with logging_to("json") as written:
        async with shop_files.opened(tmp_path) as hub:
            report = await shop_files.take(hub, shop_files.write(tmp_path / "o.csv", rows))
        assert report.orders_aside
        assert [c for c in CANARIES if c in written.text()] == []


async def test_a_page_that_fails(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.web.confirm.page", broken)
    monkeypatch.setattr("hub.web.admin.guard.session_staff", failing)
    monkeypatch.setattr("hub.web.api.door.session_staff", failing)
    with logging_to("json") as written:
        for path in (f"/confirm/{TOKEN}", f"/admin/people?q={quote(EMAIL)}", "/api/v1/session"):
            answer = await door.http.get(path, headers={**HEADERS, "Accept": "text/html"})
            number = written.lines()[-1]["request_id"]
            assert answer.status_code == 500, path
            assert answer.headers["x-request-id"] == number
            assert str(number) in answer.text
            assert not any(canary in answer.text for canary in CANARIES)
        assert_silent(written, 3)
