"""The end of a server: who is on the line hears of it with an answer."""

from __future__ import annotations

import asyncio

import orjson

from hub.web.app import create_app
from hub.web.server import bind, serving
from tests.shop import Shop, viewed


def request(shop: Shop, message: str) -> bytes:
    body = {**viewed("p1"), "anonymousId": "a", "messageId": message,
            "writeKey": shop.sources["browser"].write_key}  # fmt: skip
    raw = orjson.dumps(body)
    return b"POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(raw), raw)


async def told(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Head and body of the next answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    return head, await reader.readexactly(length)


async def refused(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return True
    writer.close()
    return False


async def test_an_open_connection_is_told_that_it_ends(lite: Shop) -> None:
    running = serving(create_app(lite.hub), bind("127.0.0.1", 0), farewell=60)
    port = await running.__aenter__()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request(lite, "m1"))
    head, _ = await told(reader)
    assert head.startswith(b"http/1.1 200") and b"connection: close" not in head
    leaving = asyncio.create_task(running.__aexit__(None, None, None))
    async with asyncio.timeout(30):
        while not await refused(port):  # noqa: ASYNC110
            await asyncio.sleep(0)
        writer.write(request(lite, "m2"))  # it was on its way when the end came
        head, body = await told(reader)
        assert head.startswith(b"http/1.1 200") and b"connection: close" in head
        assert orjson.loads(body)["accepted"] == 1
        assert await reader.read() == b""
        await leaving  # nobody is on the line any more: there is nothing to wait for
    writer.close()
    assert await lite.hub.database.fetch("SELECT COUNT(*) FROM log") == [(2,)]
