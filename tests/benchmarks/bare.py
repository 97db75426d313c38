"""The control: one Starlette endpoint that reads JSON and answers JSON, on the same uvicorn."""

from __future__ import annotations

import asyncio
import json

import orjson
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.web.server import bind, serving


async def endpoint(request: Request) -> Response:
    body = orjson.loads(await request.body())
    return Response(orjson.dumps({"ok": True, "n": len(body)}), media_type="application/json")


async def main() -> None:
    app = Starlette(routes=[Route("/json", endpoint, methods=["POST"])])
    async with serving(app, bind("127.0.0.1", 0)) as port:
        print(json.dumps({"port": port}), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
