"""A page or an operation that fails says so, with the number under which the log has it."""

from __future__ import annotations

import pytest

from tests.logbook import logging_to
from tests.web.admin.conftest import Desk


async def broken(*_: object) -> None:
    raise RuntimeError("zoe canary")


async def test_a_screen_that_fails(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.web.admin.overview.overview", broken)
    with logging_to("json") as written:
        page = await desk.get("/")
        dutch = await desk.get("/", headers={"Accept-Language": "nl"})
    first, second = written.lines()
    assert page.status_code == 500
    assert page.headers["x-request-id"] == first["request_id"]
    assert f"under the number {first['request_id']}." in page.text
    assert f"onder nummer {second['request_id']}." in dutch.text
    assert first["message"] == "GET / failed"
    assert "canary" not in page.text + written.text()


async def test_an_operation_that_fails(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.web.api.lines.find_people", broken)
    with logging_to("json") as written:
        answer = await desk.client.get("/api/v1/people?q=zoe")
    (line,) = written.lines()
    assert answer.status_code == 500
    assert str(line["request_id"]) in answer.json()["error"]["message"]
    assert answer.headers["x-request-id"] == line["request_id"]
    assert line["message"] == "GET /people failed"
