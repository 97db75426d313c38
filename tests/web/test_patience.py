"""Clients that take their time, heads without end, and more of them than one address may have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from hub.web import patience
from tests.shop import Shop
from tests.web.door import Door, open_door

SOON = 0.05


@pytest.fixture
async def door(lite: Shop, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    monkeypatch.setattr(patience, "SWEEP_SECONDS", 0.01)
    async with open_door(lite) as opened:
        yield opened


@asynccontextmanager
async def line(door: Door) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    port = door.http.base_url.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


def head(door: Door, length: str) -> bytes:
    return (
        "POST /v1/batch HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {door.key}\r\n{length}\r\n\r\n"
    ).encode()


@pytest.mark.parametrize(
    "start",
    [b"P", b"POST /v1/batch HT", b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nX-A: "],
    ids=["a letter", "a line", "a header"],
)
async def test_a_head_that_never_ends(
    door: Door, monkeypatch: pytest.MonkeyPatch, start: bytes
) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", SOON)
    async with line(door) as (reader, writer):
        writer.write(start)
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 408 ")
    # A browser must take it for a broken line: a 4xx that it can read would drop its events.
    assert b"access-control" not in answer.lower()


async def test_who_never_says_a_word_gets_no_answer(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Browsers open connections in case they need them; an answer to nothing confuses them."""
    monkeypatch.setattr(patience, "HEAD_SECONDS", SOON)
    async with line(door) as (reader, _):
        assert await reader.read() == b""


@pytest.mark.parametrize("path", ["/v1/batch", "/admin/login", "/hooks/1"])
async def test_a_body_that_never_ends(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    monkeypatch.setattr(patience, "BODY_SECONDS", SOON)
    async with line(door) as (reader, writer):
        start = head(door, "Content-Length: 500\r\nContent-Type: application/x-www-form-urlencoded")
        writer.write(start.replace(b"/v1/batch", path.encode()) + b"{")
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
    assert (await door.http.get("/health")).status_code == 200
    assert caplog.records == []  # nothing of ours went wrong


async def test_who_is_only_slow_gets_time_for_each_byte(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "BODY_SECONDS", 0.0)
    monkeypatch.setattr(patience, "BODY_RATE", 1)  # a second for each byte
    async with line(door) as (reader, writer):
        writer.write(head(door, "Content-Length: 13\r\nConnection: close") + b'{"batch": []')
        health = [(await door.http.get("/health")).status_code for _ in range(20)]
        writer.write(b"}")
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
    assert health == [200] * 20


async def test_a_request_that_we_are_slow_to_answer_is_not_late(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "BODY_SECONDS", 0.0)
    body = b'{"batch": [{"type": "track", "event": "E", "anonymousId": "a"}]}'
    raw = head(door, f"Content-Length: {len(body)}\r\nConnection: close") + body
    async with line(door) as (reader, writer):
        async with door.shop.hub.database.lock:  # type: ignore[attr-defined]  # SQLite's
            writer.write(raw)
            for _ in range(30):  # meanwhile connections are looked after
                assert (await door.http.get("/health")).status_code == 200
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")


async def test_a_head_of_endless_headers(door: Door) -> None:
    async with line(door) as (reader, writer):
        writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Large: ")
        answer = asyncio.ensure_future(reader.read())
        sent = 0
        while not answer.done() and sent < 1_000_000:
            writer.write(b"x" * 8192)
            sent += 8192
            await asyncio.wait([asyncio.ensure_future(writer.drain()), answer], timeout=0.01)
        assert (await answer).startswith(b"HTTP/1.1 431 ")
        assert sent < 1_000_000
    many = {f"X-{n}": "1" for n in range(200)}
    assert (await door.http.get("/health", headers=many)).status_code == 431
    assert (await door.http.get("/health", headers={"X-A": "x" * 8000})).status_code == 200


async def test_one_address_has_a_part_of_all_connections(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert patience._strange("203.0.113.7") is False  # for documents, nobody's
    assert patience._strange("8.8.8.8")
    assert not any(patience._strange(a) for a in ("127.0.0.1", "10.1.2.3", "fd00::1", "unix"))
    monkeypatch.setattr(patience, "_strange", lambda address: True)
    monkeypatch.setattr(patience, "ADDRESS_PART", 10**9)  # of so many, nobody gets one
    async with open_door(door.shop) as full, line(full) as (reader, writer):
        writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await reader.read() == b""
