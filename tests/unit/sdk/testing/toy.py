"""A small vendor and its connector, right by default, and wrong in one way when told so."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.sdk.auth import Bearer
from hub.sdk.client import HttpClient
from hub.sdk.connector import (
    CheckResult,
    Context,
    Cursor,
    Field,
    HookReport,
    Page,
    Stream,
    WebhookResult,
)
from hub.sdk.errors import Broken, HubError, Retryable
from hub.sdk.faults import Faults
from hub.sdk.loopback import serving
from hub.sdk.push import Ability, Change, Erased, Pushed
from hub.sdk.records import Customer, Identifier, Sighting
from hub.sdk.secret import SecretText
from hub.sdk.state import StateKey
from hub.sdk.testing import MemoryState, Sent, SteppingClock, Waits, quick_client
from hub.sdk.webhooks import content_key, sign_base64, verify_base64

KEY, HOOK_SECRET = "toy-key-77c1", "toy-hook-secret-91"
SIZE = 5


class Vendor:
    """Keeps people; takes changes once per key."""

    def __init__(self, clock: SteppingClock) -> None:
        self.clock = clock
        self.people = {n: self._person(n, f"Person{n}") for n in range(1, 18)}
        self.told: list[tuple[str, str]] = []
        self.keys: set[str] = set()
        self.sent: list[Sent] = []
        self.app = Starlette(routes=[
            Route("/people", self.listing), Route("/people", self.erase, methods=["DELETE"]),
            Route("/changes", self.change, methods=["POST"]),
        ])  # fmt: skip

    def _person(self, number: int, name: str) -> dict[str, Any]:
        at = self.clock.now().isoformat()
        email = f"p{number}@example.test"
        return {"id": number, "email": email, "name": name, "at": at, "tomorrow": [number]}

    def rename(self, number: int) -> None:
        self.clock.advance(61)
        row = self.people[number] = self._person(number, f"Renamed{number}")
        body = orjson.dumps(row)
        self.sent.append(Sent({"x-sign": sign_base64(HOOK_SECRET, body)}, body))

    def _denied(self, request: Request) -> Response | None:
        right = request.headers.get("authorization") == f"Bearer {KEY}"
        return None if right else JSONResponse({"code": "denied"}, 401)

    async def listing(self, request: Request) -> Response:
        after = (request.query_params.get("at", ""), int(request.query_params.get("id", "0")))
        rows = sorted(self.people.values(), key=lambda row: (row["at"], row["id"]))
        later = [row for row in rows if (row["at"], row["id"]) > after]
        return self._denied(request) or JSONResponse(later[:SIZE])

    async def change(self, request: Request) -> Response:
        if denied := self._denied(request):
            return denied
        key = request.headers["idempotency-key"]
        if key not in self.keys:
            self.keys.add(key)
            self.told.append((key, (await request.body()).decode()))
        return JSONResponse({"id": key})

    async def erase(self, request: Request) -> Response:
        email = request.query_params["email"]
        wide, part = request.query_params.get("like") == "1", email.strip("%*")
        gone = [n for n, row in self.people.items()
                if row["email"] == email or (wide and part in row["email"])]  # fmt: skip
        if denied := self._denied(request):
            return denied
        for number in gone:
            del self.people[number]
        return JSONResponse({"erased": len(gone)})


class Toy:
    """The connector. `flaw` names what it does wrong."""

    name = "toy"
    title = "Toy"
    fields = (Field("url", "Address", "url"), Field("key", "Key", "secret"))
    streams = (Stream("people", "People"),)
    webhook_topics: tuple[str, ...] = ("person",)
    abilities: tuple[Ability, ...] = ("push", "erase")
    state_keys = (StateKey("mark", "When it connected"),)
    hosts = ("{url}",)

    def __init__(self, flaw: str = "") -> None:
        self.flaw = flaw

    async def _call(self, ctx: Context, method: str, path: str, **options: Any) -> Any:
        auth = Bearer(ctx.secret["key"])
        try:
            if self.flaw == "gives up":
                options["repeat"] = False
            answer = await ctx.client.request(
                method, ctx.config["url"] + path, auth=auth, **options
            )
            return answer.json()
        except HubError as error:
            if self.flaw == "leaks":
                raise Broken(f"{error} (key {ctx.secret['key'].reveal()})") from None
            if self.flaw == "swallows":
                return []
            if self.flaw == "gives up" and isinstance(error, Retryable):
                raise Broken(str(error)) from None
            raise

    async def check(self, ctx: Context) -> CheckResult:
        try:
            await self._call(ctx, "GET", "/people")
        except HubError as error:
            return CheckResult(False, str(error))
        return CheckResult(True, "Connected.", {"shop": "Toy shop"})

    async def pull(self, ctx: Context, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
        at, number, done = *(cursor or {"at": "", "id": 0}).values(), 0
        while True:
            params = [("at", at), ("id", str(number))]
            rows = await self._call(ctx, "GET", "/people", params=params)
            if not isinstance(rows, list):
                raise Broken(f"{ctx.config['url']} answered with no list")
            if self.flaw == "drops the last page" and 0 < len(rows) < SIZE:
                rows = []
            done += len(rows)
            if rows:
                at, number = rows[-1]["at"], rows[-1]["id"]
            if self.flaw == "cursor too far" and rows:
                number += SIZE
            seen = tuple(self._sighting(row, ctx.shop) for row in rows)
            yield Page(seen, {"at": at, "id": number}, done=done)
            if self.flaw == "cursor too far" and rows:
                number -= SIZE
            if len(rows) < SIZE:
                return
            if self.flaw == "remembers":
                await ctx.state.put("undeclared", done)

    def _sighting(self, row: dict[str, Any], shop: str, at: str = "") -> Sighting:
        moment = datetime.fromisoformat(at or row["at"])
        record = Customer(shop, str(row["id"]), moment, email=row["email"], first_name=row["name"])
        return Sighting(record, {"id": row["id"]} if self.flaw == "drops raw" else row)

    def webhook(
        self, config: Mapping[str, str], secret: Sequence[str], headers: Mapping[str, str],
        body: bytes, *, shop: str, url: str, received_at: datetime,
    ) -> WebhookResult:  # fmt: skip
        if self.flaw != "unsigned":
            verify_base64(secret[:1] if self.flaw == "one secret" else secret, body,
                          headers.get("x-sign", ""))  # fmt: skip
        row = orjson.loads(body)
        # A delivery that comes late would win over what is newer.
        at = datetime(2030, 1, 1, tzinfo=UTC).isoformat() if self.flaw == "last wins" else ""
        wants = ("nonsense",) if self.flaw == "wants nonsense" else ()
        return WebhookResult("records", (self._sighting(row, shop, at),),
                             content_key("person", body=body), wants=wants)  # fmt: skip

    async def after_connect(self, ctx: Context, webhook_url: str) -> HookReport:
        await ctx.state.put("mark", 1)
        return HookReport(1)

    async def push(self, ctx: Context, changes: Sequence[Change]) -> Sequence[Pushed]:
        done = []
        for n, change in enumerate(changes):
            key = f"{change.key}{ctx.clock.now()}{n}" if self.flaw == "new keys" else change.key
            await self._call(ctx, "POST", "/changes", json={"traits": change.traits}, repeat=True,
                             headers={"Idempotency-Key": key})  # fmt: skip
            done.append(Pushed(change.key, "done"))
            if self.flaw == "forgets results":
                break
        return done

    async def erase(self, ctx: Context, identifiers: Sequence[Identifier]) -> Erased:
        emails = [name.value for name in identifiers if name.type == "email"]
        if self.flaw == "says done":
            return Erased("done")
        like = [("like", "1")] if self.flaw == "erases everybody" else []
        gone = 0
        for email in emails:
            params = [("email", email), *like]
            gone += (await self._call(ctx, "DELETE", "/people", params=params))["erased"]
        return Erased("done", f"{gone} people") if gone else Erased("nothing")


@dataclass
class ToyRig:
    """See hub.sdk.testing.PushRig and EraseRig."""

    vendor: Vendor
    url: str
    faults: Faults
    clock: SteppingClock
    waits: Waits
    client: HttpClient
    connector: Any = field(default_factory=Toy)
    secrets: tuple[str, ...] = (KEY, HOOK_SECRET)
    webhook_secret: str = HOOK_SECRET
    unknown_field: tuple[str, str] = ("people", "tomorrow")

    def context(self, *, secret: Mapping[str, SecretText] | None = None) -> Context:
        right = {"key": SecretText(KEY), "webhook_secret": SecretText(HOOK_SECRET)}
        config = {"url": self.url}
        return Context(config, secret or right, self.client, MemoryState(), self.clock, "toy")

    def wrong_secret(self) -> Mapping[str, SecretText]:
        return {"key": SecretText("wrong")}

    def holds(self) -> Mapping[str, int]:
        return {"people": len(self.vendor.people)}

    def change(self) -> None:
        for number in (3, 9, 3, 12):
            self.vendor.rename(number)

    def deliveries(self) -> list[Sent]:
        return self.vendor.sent

    def changes(self) -> list[Change]:
        who = (Identifier("", "email", "p3@example.test"),)
        return [Change(f"k{n}", who, self.clock.now(), {"points": n}) for n in range(3)]

    def holdings(self) -> object:
        return sorted(self.vendor.told)

    def person(self) -> tuple[Identifier, ...]:
        return (Identifier("", "email", "p3@example.test"),)


@contextlib.asynccontextmanager
async def open_toy(flaw: str = "") -> AsyncIterator[ToyRig]:
    """A vendor, and a connector with this flaw, on this machine."""
    clock, waits = SteppingClock(), Waits()
    vendor = Vendor(clock)
    faults = Faults(vendor.app)
    client = quick_client(clock, waits)
    async with serving(faults) as url:
        yield ToyRig(vendor, url, faults, clock, waits, client, Toy(flaw))
        faults.release()
        await client.aclose()
