"""Every way in which an event can be refused, in one table: what passes is no final refusal."""

from __future__ import annotations

import ast
import inspect
from collections.abc import AsyncIterator
from datetime import datetime
from types import ModuleType
from typing import Any

import httpx
import pytest

from hub.ingest.limits import BadInput
from hub.store.database import StoreUnavailable
from hub.store.lanes import Overloaded
from hub.web import collect, door, sdk_routes
from hub.web.wire import Gone, UnknownKey
from tests.shop import Shop
from tests.web.door import EVENT, Door, open_door

FINAL, LATER, NONE = "final", "later", "none"
# What goes wrong: the status, and whether the sender may try again. Clients drop what is refused
# with a 4xx other than 429; they keep what is refused with 429 or 5xx.
COLLECT = {
    BadInput: (400, FINAL),
    UnknownKey: (401, FINAL),
    Overloaded: (429, LATER),
    StoreUnavailable: (503, LATER),
    TimeoutError: (503, LATER),
    Exception: (503, LATER),
    Gone: (0, NONE),
}
# A picture on a page is answered with a picture; what is wrong with its event is counted.
PIXEL = {
    BadInput: (200, FINAL),
    UnknownKey: (200, FINAL),
    Overloaded: (503, LATER),
    StoreUnavailable: (503, LATER),
    TimeoutError: (503, LATER),
    Exception: (503, LATER),
}
# Faults of ours that have no line of their own.
OURS = (RuntimeError, KeyError, OSError, MemoryError, UnicodeError, RecursionError, AssertionError)
# Errors that stand for another one of the table, or that are answered by a default.
INSIDE = {"binascii.Error", "ValueError"}


class Broken:
    """A clock that fails as it is told: both modules read it while they work on a request."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def now(self) -> datetime:
        raise self._error

    async def sleep(self, seconds: float) -> None:
        raise self._error


@pytest.fixture
async def opened(lite: Shop, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    monkeypatch.setattr(door, "HOLD_SECONDS", 0.0)
    async with open_door(lite) as made:
        yield made


def faults(table: dict[type[Exception], tuple[int, str]]) -> list[tuple[Exception, int, str]]:
    found = [(kind("field: why"), *table[kind]) for kind in table if kind is not Gone]
    return [*found, *((kind("why"), *table[Exception]) for kind in OURS)]


def check(answer: httpx.Response, status: int, kind: str, name: str) -> None:
    assert answer.status_code == status, name
    if kind == LATER:
        assert status == 429 or status >= 500, name
        assert int(answer.headers["retry-after"]) > 0, name
    else:
        assert "retry-after" not in answer.headers, name


def caught(module: ModuleType) -> set[str]:
    """What the module's `except` clauses name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ExceptHandler) and node.type is not None:
            parts = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            found |= {ast.unparse(part) for part in parts}
    return found


def test_the_tables_have_every_refusal_of_the_code() -> None:
    read = {"msgspec.DecodeError", "UnicodeDecodeError", "RecursionError"}  # become BadInput
    assert caught(collect) - read - INSIDE == {kind.__name__ for kind in COLLECT}
    assert caught(sdk_routes) - read - INSIDE == {kind.__name__ for kind in PIXEL}


async def test_every_collect_route_in_every_trouble(opened: Door) -> None:
    hub = opened.shop.hub
    routes = {name: path for path, (name, _) in collect._routes(hub).items()}
    sent: dict[str, Any] = {**EVENT, "writeKey": opened.key, "batch": [EVENT], "type": "track"}
    good = hub.clock
    for name, path in routes.items():
        for error, status, kind in faults(COLLECT):
            hub.clock = Broken(error)
            try:
                answer = await opened.post(path, sent)
            finally:
                hub.clock = good
            check(answer, status, kind, f"{path}: {error!r}")
            body = answer.json()
            assert (body["success"], body["accepted"]) == (False, 0), name
            assert body["rejected"][0]["reason"], name
            assert ("field: why" in answer.text) == (type(error) in COLLECT
                and type(error) not in {UnknownKey, Exception}), path  # fmt: skip
    assert await opened.logged() == 0


async def test_the_pixel_in_every_trouble(opened: Door) -> None:
    hub = opened.shop.hub
    good = hub.clock
    query = {"writeKey": opened.key, "event": "Seen", "anonymousId": "a"}
    for error, status, kind in faults(PIXEL):
        hub.clock = Broken(error)
        try:
            answer = await opened.http.get("/pixel/v1/track", params=query)
        finally:
            hub.clock = good
        check(answer, status, kind, repr(error))
        assert answer.content.startswith(b"GIF89a")
    assert await opened.logged() == 0


async def test_the_other_refusals(opened: Door) -> None:
    for path in collect._routes(opened.shop.hub):
        for method in ("GET", "PUT", "DELETE"):
            check(await opened.http.request(method, path), 405, FINAL, path)
    for path, status in (("/v1/projects/wk_no/settings", 404), ("/sourceConfig/", 401)):
        check(await opened.http.get(path), status, FINAL, path)


async def test_while_the_disk_is_full_only_what_can_wait_waits(opened: Door) -> None:
    """Events and pixels are to come again; a visitor's choice is taken."""
    opened.shop.hub.writer.shut = "the disk is full"
    event = await opened.post("/v1/track", {**EVENT, "writeKey": opened.key})
    check(event, 503, LATER, "event")
    query = {"writeKey": opened.key, "event": "Seen", "anonymousId": "a"}
    check(await opened.http.get("/pixel/v1/track", params=query), 503, LATER, "pixel")
    choice = {"writeKey": opened.key, "consent": {"purposes": {"analytics": True}}}
    device = await opened.post("/v1/device", choice)
    assert device.json()["token"]
    gone = {"writeKey": opened.key, "token": device.json()["token"],
            "purposes": {"analytics": False}, "source": "banner"}  # fmt: skip
    assert (await opened.post("/v1/consent", gone)).status_code == 200


async def test_pixels_and_webhooks_stand_before_the_same_door(
    lite: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "HOLD_SECONDS", 0.0)
    monkeypatch.setattr(door, "REQUESTS", 0)
    monkeypatch.setattr(door, "BODY_BYTES", 100)
    async with open_door(lite) as full:
        query = {"writeKey": full.key, "event": "Seen", "anonymousId": "a"}
        check(await full.http.get("/pixel/v1/track", params=query), 503, LATER, "pixel")
        check(await full.post("/v1/track", {**EVENT, "writeKey": full.key}), 429, LATER, "event")
        check(await full.http.post("/hooks/1", content=b"x" * 200), 503, LATER, "webhook")
        assert (await full.http.post("/hooks/1", content=b"x" * 50)).status_code == 404
