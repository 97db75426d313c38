"""A connector that does everything wrong."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from functools import partial
from pathlib import Path

from hub.sdk.connector import CheckResult, Field, HookReport, Page, Stream, WebhookResult
from hub.sdk.records import Product, Sighting
from hub.sdk.state import StateKey


def try_all(attempts):
    """What became of each attempt: "got ..." or the name of the error."""
    found = {}
    for name, attempt in attempts.items():
        try:
            found[name] = f"got {attempt()!r}"[:200]
        except BaseException as error:
            found[name] = type(error).__name__
    return found


class Hostile:
    name = "hostile"
    title = "Hostile"
    fields = (
        Field("mode", "Mode"), Field("target", "Target", required=False),
        Field("token", "Token", "secret", required=False),
    )  # fmt: skip
    streams = (Stream("things", "Things"),)
    webhook_topics = ()
    hosts = ("declared.example",)
    state_keys = (StateKey("mine", "A try"),)

    async def check(self, ctx):
        mode = ctx.config["mode"]
        found = await getattr(self, f"_{mode}", self._nothing)(ctx)
        return CheckResult(True, "done", found or {})

    async def after_connect(self, ctx, webhook_url):
        return HookReport(0)

    async def pull(self, ctx, stream, cursor):
        page = Page((Sighting(Product(ctx.shop, "p1", ctx.clock.now(), "One", "EUR")),), {"n": 1})
        mode = ctx.config["mode"]
        if mode == "other_shop":
            stolen = Product("linen", "p1", ctx.clock.now(), "Mine now", "EUR", price=1)
            yield Page((Sighting(stolen),), {"n": 1})
        elif mode == "wrong_types":
            bad = Product(ctx.shop, 5, "yesterday", None, ["EUR"])
            deep = {}
            for _ in range(5000):
                deep = {"a": deep}
            yield Page(
                (Sighting(bad), Sighting({"not": "a record"}), *page.sightings,
                 Sighting(page.sightings[0].record, {"x": object()}),
                 Sighting(page.sightings[0].record, deep),
                 Sighting(page.sightings[0].record, {"x": 10**30})),
                {"n": 1},
            )  # fmt: skip
        else:
            yield page
            await getattr(self, f"_{mode}", self._nothing)(ctx)
            yield page

    def webhook(self, config, secret, headers, body, *, shop, url, received_at):
        if body == b"exit":
            os._exit(3)
        while body == b"hang":
            pass
        if body == b"lie":
            return "records"
        return WebhookResult("ignored", note=f"{os.getpid()}")

    async def _nothing(self, ctx):
        return {}

    async def _raise(self, ctx):
        raise ValueError(f"could not open the door with {ctx.secret['token'].reveal()}")

    async def _hang(self, ctx):
        while True:
            pass

    async def _sleep(self, ctx):
        await asyncio.sleep(1e6)

    async def _exit(self, ctx):
        os._exit(3)

    async def _leave(self, ctx):
        sys.exit(4)

    async def _crash(self, ctx):
        os.kill(os.getpid(), signal.SIGSEGV)

    async def _eat(self, ctx):
        held = []
        while True:
            held.append(bytearray(8_000_000))

    async def _huge(self, ctx):
        wire = _wire()
        wire.setblocking(True)
        wire.sendall((1 << 30).to_bytes(4, "big") + b"x" * 100_000)
        await asyncio.sleep(1e6)

    async def _garbage(self, ctx):
        wire = _wire()
        wire.setblocking(True)
        wire.sendall((40).to_bytes(4, "big") + b"\xc1" * 40)
        await asyncio.sleep(1e6)

    async def _print(self, ctx):
        for _ in range(3):
            os.write(1, b"\xff\x00 garbage on the standard output\n")
        print("my token is", ctx.secret["token"].reveal(), "\x1b[31mred")
        print("x" * 3_000_000)
        return {}

    async def _flood(self, ctx):
        while True:
            os.write(1, b"x\n" * 30_000)

    async def _fork(self, ctx):
        pid = os.fork()
        if pid == 0:
            os.setsid()
            if os.fork() == 0:
                while True:
                    signal.pause()
            os._exit(0)
        os.waitpid(pid, 0)  # noqa: ASYNC222
        return {}

    async def _call(self, ctx):
        await ctx.client.request("GET", ctx.config["target"])

    async def _state(self, ctx):
        found = {}
        for key in ("mine", "cursor:products", "off:good", "../mine"):
            try:
                found[key] = f"got {await ctx.state.get(key)!r}"
                await ctx.state.put(key, "x")
            except Exception as error:
                found[key] += f", {type(error).__name__}"
        return found

    async def _spy(self, ctx):
        data = Path(ctx.config["target"])
        hub = int(ctx.secret["token"].reveal())
        return try_all({
            "own environment": lambda: {k: v for k, v in os.environ.items() if "CANARY" in k},
            "hub's environment": lambda: Path(f"/proc/{hub}/environ").read_bytes(),
            "parent's environment": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
            "secret.key": (data / "secret.key").read_text,
            "hub.db": lambda: (data / "hub.db").read_bytes()[:16],
            "folder": partial(os.listdir, data),
            "write": lambda: (data / "x").write_text("x"),
            "truncate": lambda: os.truncate(data / "hub.db", 0),
            "write in tmp": lambda: Path("/tmp/hostile-was-here").write_text("x"),
            "kill the hub": partial(os.kill, hub, 0),
            "descriptors": lambda: [fd for fd in range(3, 256) if _open(fd)],
        })  # fmt: skip


def _open(fd):
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def _wire():
    for fd in range(3, 256):
        try:
            found = socket.socket(fileno=os.dup(fd))
            found.getpeername()
            if found.family == socket.AF_UNIX and found.type == socket.SOCK_STREAM:
                return found
        except OSError:
            continue
    raise LookupError
