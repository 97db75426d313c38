"""Published server libraries, unmodified, against a real hub: each event arrives exactly once."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from importlib.util import find_spec

import orjson
import pytest

from hub.web.app import create_app
from hub.web.server import bind, serving
from hub.web.wire import Receive, Scope, Send
from tests.sdk.libraries import HERE, installed
from tests.shop import START, Shop

AT = int(START.timestamp() * 1000) - 60_000
ARRIVED = [
    ("alias", "Aliased"),
    ("group", "Grouped"),
    ("identify", "Identified"),
    ("page", "Page Viewed"),
    ("screen", "Screen Viewed"),
    ("track", "Order Completed"),
]


class Shaky:
    """Stores the first batch and then says 503, as a hub whose answer is lost on the way."""

    def __init__(self, app: Callable[[Scope, Receive, Send], object]) -> None:
        self.app = app
        self.batches = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.batches += scope["type"] == "http" and scope["path"].endswith("/batch")
        if scope["type"] != "http" or self.batches != 1:
            await self.app(scope, receive, send)  # type: ignore[misc]
            return

        async def failing(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "status": 503}
            await send(message)

        await self.app(scope, receive, failing)  # type: ignore[misc,arg-type]


async def command(library: str) -> list[str]:
    language, name = library.split()
    if language == "node":
        return [await installed(), "send.cjs", name]
    if find_spec(name) is None:
        pytest.skip(f"the Python package of {name} is not installed: pip install '.[test]'")
    return [sys.executable, "send.py", name]


@pytest.mark.full
@pytest.mark.parametrize(
    "library", ["node segment", "node rudder", "python segment", "python rudderstack"]
)
async def test_every_event_of_a_server_library_arrives_once(library: str, lite: Shop) -> None:
    line = await command(library)
    source = lite.sources["server"]
    shaky = Shaky(create_app(lite.hub))
    async with serving(shaky, bind("127.0.0.1", 0)) as port:  # type: ignore[arg-type]
        run = await asyncio.create_subprocess_exec(
            *line, f"http://127.0.0.1:{port}", source.write_key, cwd=HERE
        )
        assert await asyncio.wait_for(run.wait(), 60) == 0
    rows = await lite.hub.database.fetch("SELECT name, body, at FROM log WHERE kind = 'event'")
    assert shaky.batches >= 2  # it was asked to come again, and came
    said = sorted((orjson.loads(body)["type"], name) for name, body, _ in rows)
    assert said == ARRIVED
    assert {at for _, _, at in rows} == {AT}
    bodies = {orjson.loads(row[1])["type"]: orjson.loads(row[1]) for row in rows}
    assert bodies["track"]["properties"] == {"order_id": "o1", "total": 12.5}
    assert bodies["identify"]["traits"] == {"plan": "gold"}
    assert bodies["group"]["groupId"] == "g1"
    assert bodies["alias"]["previousId"] == "a1"
    ((duplicate,),) = await lite.hub.database.fetch(
        "SELECT COALESCE(SUM(n), 0) FROM intake_count WHERE outcome = 'duplicate'"
    )
    assert duplicate >= 1  # what was stored before the 503 came again
