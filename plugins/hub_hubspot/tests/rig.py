"""The connector and its stand-in, connected: what the contract suite and the preview work with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from hub_hubspot.connector import KINDS, Hubspot
from hub_hubspot.tests.vendor import CLIENT_SECRET, HOOK_URL, KEY, Vendor

from hub.sdk.client import HttpClient
from hub.sdk.connector import Connector, Context
from hub.sdk.faults import Faults
from hub.sdk.loopback import serving
from hub.sdk.push import Change
from hub.sdk.records import Identifier
from hub.sdk.secret import SecretText
from hub.sdk.testing import MemoryState, Sent, SteppingClock, Waits, quick_client


@dataclass
class HubspotRig:
    """See hub.sdk.testing.Rig."""

    vendor: Vendor
    url: str
    faults: Faults
    clock: SteppingClock
    waits: Waits
    client: HttpClient
    # Pages of two rows, so that five rows of each kind make three pages.
    connector: Connector = field(default_factory=lambda: Hubspot(page_size=2))
    secrets: tuple[str, ...] = (KEY, CLIENT_SECRET)
    webhook_secret: str = CLIENT_SECRET
    unknown_field: tuple[str, str] = ("customers", "objectWriteTraceId")

    def context(
        self, *, secret: Mapping[str, SecretText] | None = None, deals: str = "orders"
    ) -> Context:
        """The settings of a connection. `currency` is what `check` learned."""
        right = {"token": SecretText(KEY), "webhook_secret": SecretText(CLIENT_SECRET)}
        config = {"url": self.url, "currency": "EUR", "deals": deals}
        return Context(config, secret or right, self.client, MemoryState(), self.clock, "crm")

    def wrong_secret(self) -> Mapping[str, SecretText]:
        return {"token": SecretText("pat-eu1-wrong")}

    def holds(self) -> Mapping[str, int]:
        """How many objects of each stream there are to read, archived ones too."""
        return {stream: len(self.vendor.tables[kind.name]) for stream, kind in KINDS.items()}

    def change(self) -> None:
        """A name, a new contact, an archived one; a deal won, a new one and an archived one."""
        won = {"hs_is_closed": "true", "hs_is_closed_won": "true", "dealstage": "closedwon"}
        fresh = {"dealname": "Lamp", "amount": "90.00", "deal_currency_code": "EUR"}
        # well within the five minutes that a delivery may be old
        self.clock.advance(7)
        self.vendor.save("contacts", 151, firstname="Jörgen")
        self.clock.advance(7)
        self.vendor.save("contacts", 1101, email="New@Example.test", firstname="Noor")
        self.clock.advance(7)
        self.vendor.archive("contacts", 201)
        self.clock.advance(7)
        self.vendor.save("deals", 9002, **won)
        self.clock.advance(7)
        self.vendor.save("deals", 9006, **fresh)
        self.clock.advance(7)
        self.vendor.archive("deals", 9005)
        self.clock.advance(7)

    def deliveries(self) -> list[Sent]:
        return [Sent(headers, body, HOOK_URL) for headers, body in self.vendor.outbox]

    def changes(self) -> list[Change]:
        """Two people, one of them twice."""
        at = self.clock.now()
        ann, bo = (Identifier("", "email", f"{name}@example.test") for name in ("ann", "bo"))
        return [
            Change("c1", (ann,), at, {"city": "Brugge", "last_name": "Claes"}),
            Change("c2", (bo,), at, {"city": None}),
            Change("c3", (ann,), at + timedelta(seconds=1), {"city": "Aalst"}),
        ]

    def holdings(self) -> object:
        names = ("email", "firstname", "lastname", "city")
        return [
            [row["properties"].get(name) for name in names]
            for row in self.vendor.tables["contacts"].values()
        ]

    def person(self) -> tuple[Identifier, ...]:
        return (Identifier("", "email", "Ann@example.test"), Identifier("crm", "customer", "51"))


@asynccontextmanager
async def open_rig() -> AsyncIterator[HubspotRig]:
    """A fresh stand-in on a free port of this machine, and the connector beside it."""
    clock, waits = SteppingClock(), Waits()
    vendor = Vendor(clock)
    faults = Faults(vendor.app)
    client = quick_client(clock, waits)
    async with serving(faults) as url:
        yield HubspotRig(vendor, url, faults, clock, waits, client)
        faults.release()
        await client.aclose()
