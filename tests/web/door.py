"""A hub behind its real door: the whole application, served on this machine, and a client."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from hub.store.sqlite import SqliteDatabase
from hub.web.app import create_app
from hub.web.server import bind, serving
from tests.shop import Shop

EVENT = {"event": "Product Viewed", "anonymousId": "anon-1", "properties": {"product_id": "p1"}}


@dataclass
class Door:
    """An open shop and a client that knocks at it over HTTP."""

    shop: Shop
    http: httpx.AsyncClient

    @property
    def key(self) -> str:
        return self.shop.sources["browser"].write_key

    @property
    def basic(self) -> dict[str, str]:
        """The header by which most clients name the write key."""
        return {"Authorization": "Basic " + base64.b64encode(f"{self.key}:".encode()).decode()}

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """A body as our snippet sends it: JSON called text/plain, without any other header."""
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        return await self.http.post(
            path, content=raw, headers={"Content-Type": "text/plain", **headers}
        )

    async def batch(self, events: Sequence[Any], **more: Any) -> httpx.Response:
        return await self.post("/v1/batch", {"writeKey": self.key, "batch": list(events), **more})

    async def counts(self) -> dict[str, int]:
        """Rows of every table, once all that waits is written."""
        await self.shop.settle()
        await self.shop.hub.decisions.flush()
        await self.shop.hub.dictionary.caught_up()
        database = self.shop.hub.database
        rows = await database.fetch("SELECT name FROM sqlite_master WHERE type = 'table'")
        found = {}
        for (name,) in rows:
            ((found[name],),) = await database.fetch(f'SELECT COUNT(*) FROM "{name}"')
        return found

    async def logged(self) -> int:
        """Events in the log."""
        sql = "SELECT COUNT(*) FROM log WHERE kind = 'event'"
        ((n,),) = await self.shop.hub.database.fetch(sql)
        return int(n)

    async def fill_disk(self) -> None:
        """No page more for the database, as on a full disk."""
        sql = "SELECT page_count FROM pragma_page_count()"
        ((pages,),) = await self.shop.hub.database.fetch(sql)
        await self._limit(int(pages))

    async def free_disk(self) -> None:
        await self._limit(1_000_000_000)

    async def _limit(self, pages: int) -> None:
        database = self.shop.hub.database
        assert isinstance(database, SqliteDatabase)
        async with database.lock:
            await database.in_writer(
                lambda c: c.execute(f"PRAGMA max_page_count={pages}").fetchall()
            )


@asynccontextmanager
async def open_door(shop: Shop) -> AsyncIterator[Door]:
    """Serve the whole application of this hub."""
    async with serving(create_app(shop.hub), bind("127.0.0.1", 0)) as port:
        address = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=address, timeout=30) as http:
            yield Door(shop, http)
