"""A stand-in for HubSpot: contacts and deals behind its API of version 3, and its webhooks.

To connect a hub to it: python -m hub_hubspot.tests.vendor
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub_hubspot.tests.answers import (
    bad_request,
    ms,
    not_authenticated,
    not_found,
    searched,
    shown,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.sdk.clock import Clock

Row = dict[str, Any]
KEY = "pat-eu1-0f8c2a51-77aa-4c5e-9d2b-5f0c9a31e6d4"
CLIENT_SECRET = "c1b5e8d2-8812-4e07-9d0a-1f2e3d4c5b6a"
HOOK_URL = "https://hub.example/v1/webhooks/1"
FIXTURES = Path(__file__).parent / "fixtures"
MOST_ROWS = 10_000


class Vendor:
    """The account. It starts with the rows of `fixtures/` and can be changed."""

    def __init__(self, clock: Clock, key: str = KEY, most_rows: int = MOST_ROWS) -> None:
        self.clock = clock
        self.key = key
        self.most_rows = most_rows
        self.tables: dict[str, dict[int, Row]] = {
            name: {int(row["id"]): row for row in _fixture(name)} for name in ("contacts", "deals")
        }
        self.associations: dict[str, list[int]] = _fixture("associations")
        self.stale: dict[str, set[int]] = {"contacts": set(), "deals": set()}
        self.erases_archived = True
        self.blocked: list[str] = []  # addresses that can never be used again
        self.outbox: list[tuple[dict[str, str], bytes]] = []
        objects = "/crm/v3/objects/{table}"
        self.app = Starlette(
            routes=[
                Route("/account-info/v3/details", self._account),
                Route(f"{objects}/search", self._search, methods=["POST"]),
                Route(f"{objects}/batch/read", self._batch_read, methods=["POST"]),
                Route("/crm/v3/objects/contacts/batch/upsert", self._upsert, methods=["POST"]),
                Route("/crm/v3/objects/contacts/gdpr-delete", self._gdpr, methods=["POST"]),
                Route(
                    "/crm/v4/associations/deals/contacts/batch/read",
                    self._associated,
                    methods=["POST"],
                ),
                Route(objects, self._list),
            ]
        )

    def save(self, table: str, number: int, **values: str | None) -> None:
        """Change or make an object, and put a signed delivery into the outbox."""
        now = self._now()
        fresh = number not in self.tables[table]
        row = self.tables[table].get(number, {"id": str(number), "createdAt": now})
        changed = "lastmodifieddate" if table == "contacts" else "hs_lastmodifieddate"
        held = {"createdate": now, "hs_object_id": str(number), **row.get("properties", {})}
        row = {**row, "properties": {**held, **values, changed: now}, "updatedAt": now}
        self.tables[table][number] = {**row, "archived": False}
        if fresh:
            self.tell(table, number, "creation", changeFlag="NEW")
        for name, value in values.items():
            self.tell(table, number, "propertyChange", propertyName=name, propertyValue=value)

    def archive(self, table: str, number: int) -> None:
        """Put an object into the recycle bin. Its own time of change stays as it was."""
        row = self.tables[table][number]
        self.tables[table][number] = {**row, "archived": True, "archivedAt": self._now()}
        self.tell(table, number, "deletion", changeFlag="DELETED")

    def tell(self, table: str, number: int, action: str, attempt: int = 0, **more: Any) -> None:
        """One delivery: a list of events."""
        event = {
            "eventId": len(self.outbox) + 100,
            "subscriptionId": 3000 + len(action),
            "portalId": 4711,
            "appId": 815,
            "occurredAt": ms(self._now()),
            "subscriptionType": f"{table[:-1]}.{action}",
            "attemptNumber": attempt,
            "objectId": number,
            "changeSource": "CRM_UI",
            **more,
        }
        body = json.dumps([event], ensure_ascii=False).encode()
        self.outbox.append((sign(body, ms(self._now())), body))

    def _now(self) -> str:
        text = self.clock.now().astimezone(UTC).isoformat(timespec="milliseconds")
        return text.replace("+00:00", "Z").replace(".000Z", "Z")

    async def _account(self, request: Request) -> Response:
        data = {"portalId": 4711, "accountType": "STANDARD", "timeZone": "Europe/Brussels"}
        more = {"companyCurrency": "EUR", "additionalCurrencies": ["GBP"], "utcOffset": "+01:00"}
        return self._refusal(request) or JSONResponse(data | more)

    async def _search(self, request: Request) -> Response:
        if refused := self._refusal(request):
            return refused
        name = request.path_params["table"]
        found, more = searched(self.tables[name].values(), await request.json(), self.most_rows)
        if isinstance(found, str):
            return bad_request(found)
        # the index still names rows that are gone: they count, and are left out of the page
        rows = [row for row in found if int(row["id"]) not in self.stale[name]]
        return JSONResponse({**more, "results": rows})

    async def _list(self, request: Request) -> Response:
        """Objects in the order of their ids; `after` is the last id that was given."""
        if refused := self._refusal(request):
            return refused
        ask = request.query_params
        wanted, size = ask.get("archived") == "true", int(ask.get("limit", "10"))
        if size > 100:
            return bad_request(f"Invalid limit {size}: it must be at most 100")
        table = self.tables[request.path_params["table"]]
        left = [
            row
            for number, row in sorted(table.items())
            if row["archived"] is wanted and number > int(ask.get("after", "0"))
        ]
        rows = [shown(row, ask.get("properties", "").split(",")) for row in left[:size]]
        paging = {"paging": {"next": {"after": rows[-1]["id"]}}} if len(left) > size else {}
        return JSONResponse({"results": rows, **paging})

    async def _batch_read(self, request: Request) -> Response:
        if refused := self._refusal(request):
            return refused
        ask = await request.json()
        by = ask.get("idProperty", "hs_object_id")
        wanted = {str(one["id"]).lower() for one in ask["inputs"]}
        rows = [
            shown(row, ask["properties"])
            for row in self.tables[request.path_params["table"]].values()
            if not row["archived"] and str(row["properties"].get(by)).lower() in wanted
        ]
        missing = len(wanted) - len(rows)
        faults = {"numErrors": missing, "errors": [{"category": "OBJECT_NOT_FOUND"}]}
        answer = {"status": "COMPLETE", "results": rows, **(faults if missing else {})}
        return JSONResponse(answer, 207 if missing else 200)

    async def _upsert(self, request: Request) -> Response:
        if refused := self._refusal(request):
            return refused
        inputs = (await request.json())["inputs"]
        for one in inputs:
            if "@" not in one["id"] or one["id"] in self.blocked:
                return bad_request(f"Email address {one['id']} is invalid")
        results = []
        for one in inputs:
            known = {
                row["properties"].get("email"): n for n, row in self.tables["contacts"].items()
            }
            number = known.get(one["id"], max(self.tables["contacts"]) + 50)
            self.save("contacts", number, **one["properties"])
            row = self.tables["contacts"][number]
            results.append({**row, "new": one["id"] not in known})
        return JSONResponse({"status": "COMPLETE", "results": results})

    async def _gdpr(self, request: Request) -> Response:
        if refused := self._refusal(request):
            return refused
        ask = await request.json()
        if ask.get("idProperty") == "email":
            self.blocked.append(ask["objectId"])
            return Response(status_code=204)
        number = int(ask["objectId"])
        row = self.tables["contacts"].get(number)
        if row is None or (row["archived"] and not self.erases_archived):
            return not_found(number)
        del self.tables["contacts"][number]
        self.tell("contacts", number, "privacyDeletion")
        return Response(status_code=204)

    async def _associated(self, request: Request) -> Response:
        if refused := self._refusal(request):
            return refused
        wanted = [one["id"] for one in (await request.json())["inputs"]]
        kind = {"category": "HUBSPOT_DEFINED", "typeId": 3, "label": None}
        results = [
            {
                "from": {"id": number},
                "to": [{"toObjectId": to, "associationTypes": [kind]} for to in found],
            }
            for number in wanted
            if (found := self.associations.get(number))
        ]
        missing = len(wanted) - len(results)
        answer = {"status": "COMPLETE", "results": results, "numErrors": missing}
        return JSONResponse(answer, 207 if missing else 200)

    def _refusal(self, request: Request) -> Response | None:
        right = request.headers.get("authorization") == f"Bearer {self.key}"
        return None if right else not_authenticated()


def sign(body: bytes, at: int, url: str = HOOK_URL, secret: str = CLIENT_SECRET) -> dict[str, str]:
    """The headers of a delivery, signed in version 3."""
    text = b"POST" + url.encode() + body + str(at).encode()
    signature = base64.b64encode(hmac.digest(secret.encode(), text, hashlib.sha256)).decode()
    return {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": str(at)}


def _fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text())


async def _serve() -> None:
    from hub.sdk.loopback import serving

    class _Fixed:
        def now(self) -> datetime:
            return datetime(2026, 11, 23, 17, 0, tzinfo=UTC)

    async with serving(Vendor(_Fixed()).app) as url:
        print(f"API address: {url}\nAccess token: {KEY}\nCtrl-C ends it.", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
