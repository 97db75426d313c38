"""HubSpot as the hub sees it: its form, its streams, its webhooks, what it can write."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime

from hub.sdk.connector import (
    CheckResult,
    Context,
    Cursor,
    Field,
    HookReport,
    Invalid,
    Page,
    Stream,
    WebhookResult,
)
from hub.sdk.errors import HubError, InvalidRecord
from hub.sdk.push import Ability, Change, Erased, Pushed
from hub.sdk.records import Identifier, Record, Sighting
from hub.sdk.webhooks import lower_headers
from hub_hubspot import api, erasing, hooks, mapping, pushing, reading
from hub_hubspot.api import Raw

PAGE_SIZE = 200  # the most that a search gives
KINDS = {"customers": reading.CONTACTS, "orders": reading.DEALS}


class Hubspot:
    """An account at HubSpot, through a private app."""

    name = "hubspot"
    title = "HubSpot"
    abilities: tuple[Ability, ...] = ("push", "erase")
    hosts: tuple[str, ...] = ("{url}",)
    fields: tuple[Field, ...] = (
        Field("token", "Access token", "secret", "HubSpot > Settings > Private apps > Auth"),
        Field(
            "deals",
            "Deals",
            "choice",
            "A deal is what a seller wrote down, not what was charged.",
            choices=(("no", "Do not read"), ("orders", "Read as orders: won is paid")),
            default="no",
        ),
        Field(
            "webhook_secret",
            "Client secret of the private app",
            "secret",
            "For webhooks. HubSpot > Settings > Private apps > Auth > Show secret",
            required=False,
        ),
        Field("url", "API address", "url", "As it stands, for all accounts", default=api.HOME),
    )
    streams: tuple[Stream, ...] = (
        Stream("customers", "Contacts"),
        Stream("orders", "Deals"),
    )
    webhook_topics: tuple[str, ...] = hooks.TOPICS

    def __init__(self, page_size: int = PAGE_SIZE) -> None:
        self._page_size = page_size

    async def check(self, ctx: Context) -> CheckResult:
        """Sign in, look for one of each, and learn the account's name and currency."""
        try:
            name, currency = mapping.account(await api.get(ctx, api.ACCOUNT))
            for stream in _streams(ctx.config):
                await api.search(ctx, KINDS[stream].name, {"limit": 1})
        except HubError as error:
            return CheckResult(False, str(error))
        details = {"shop": name, "currency": currency}
        # A deal of an account with one currency does not name it: keep it.
        return CheckResult(True, f"Connected to {name}.", details, {"currency": currency})

    async def pull(self, ctx: Context, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
        """See reading.py."""
        if stream not in _streams(ctx.config):
            yield Page((), cursor or {}, total=0)
            return
        done = 0
        async for rows, following in reading.read(ctx, KINDS[stream], cursor, self._page_size):
            if stream == "orders":
                rows = await _with_contacts(ctx, rows)
            sightings, invalid = _mapped(stream, rows, ctx.shop, ctx.config.get("currency", ""))
            done += len(rows)
            yield Page(tuple(sightings), following, tuple(invalid), done)

    def webhook(
        self,
        config: Mapping[str, str],
        secret: Sequence[str],
        headers: Mapping[str, str],
        body: bytes,
        *,
        shop: str,
        url: str,
        received_at: datetime,
    ) -> WebhookResult:
        """One delivery of up to 100 events: first the signature, then the content."""
        hooks.verify(secret, url, lower_headers(headers), body, received_at)
        return hooks.read(body, shop, _streams(config))

    async def after_connect(self, ctx: Context, webhook_url: str) -> HookReport:
        """HubSpot lets nobody read or set a private app's webhooks by API: say what to do."""
        return HookReport(
            0,
            note="HubSpot > Settings > Private apps > Webhooks: enter "
            f"{webhook_url} and subscribe to contacts (and deals). It works only if the app's "
            "client secret was filled in when this connection was made.",
        )

    async def push(self, ctx: Context, changes: Sequence[Change]) -> Sequence[Pushed]:
        """See pushing.py."""
        return await pushing.push(ctx, changes)

    async def erase(self, ctx: Context, identifiers: Sequence[Identifier]) -> Erased:
        """See erasing.py."""
        return await erasing.erase(ctx, identifiers)


def _streams(config: Mapping[str, str]) -> tuple[str, ...]:
    return ("customers", "orders") if config.get("deals") == "orders" else ("customers",)


async def _with_contacts(ctx: Context, rows: list[Raw]) -> list[Raw]:
    """The deals with the ids of their contacts, which a search does not give."""
    inputs = [{"id": row.get("id")} for row in rows if row.get("archived") is not True]
    if not inputs:
        return rows
    path = "/crm/v4/associations/deals/contacts/batch/read"
    data = await api.post(ctx, path, {"inputs": inputs})
    found = mapping.associated(data)
    return [{**row, "contacts": found.get(str(row.get("id")), [])} for row in rows]


def _mapped(
    stream: str, rows: list[Raw], shop: str, currency: str
) -> tuple[list[Sighting], list[Invalid]]:
    """Each row as a record beside its own JSON; a row that can not be read is put aside."""
    read: dict[str, Callable[[Raw], Record]] = {
        "customers": lambda row: mapping.customer(row, shop),
        "orders": lambda row: mapping.order(row, shop, currency),
    }
    sightings: list[Sighting] = []
    invalid: list[Invalid] = []
    for row in rows:
        try:
            sightings.append(Sighting(read[stream](row), row))
        except InvalidRecord as error:
            invalid.append(Invalid(str(row.get("id", "")), str(error), row))
    return sightings, invalid
