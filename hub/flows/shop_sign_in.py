"""shop_sign_in: a token of the shop proves whose browser this is."""

from __future__ import annotations

from hashlib import sha256

import msgspec

from hub.clock import to_ms
from hub.core import Hub, SourceRow
from hub.flows.decide import device_node
from hub.flows.device import PURPOSES, LinkRequest, consent_entry
from hub.flows.sources import load_sources
from hub.ingest.shop_tokens import BadToken, read_shop_token
from hub.sdk.records import Identifier, Link
from hub.store.database import Entry
from hub.store.models import Source


class SignedIn(msgspec.Struct, frozen=True, omit_defaults=True):
    """`token`: the device token to use from now on, where another customer signed in."""

    linked: bool = msgspec.field(default=False)
    reason: str = ""
    token: str = ""


def live_secrets(hub: Hub, source: SourceRow) -> list[str]:
    """The secrets that may sign tokens of this source, the newest first."""
    oldest, newest = source.token_keys
    numbers = range(newest, max(oldest, 1) - 1, -1)
    return [hub.signer.derive(f"shop token {source.id} {n}") for n in numbers]


async def new_secret(hub: Hub, source_id: int) -> None:
    """A further secret; the one before it stays in force until `drop_old_secret`."""
    _, newest = hub.sources[source_id].token_keys
    await Source.filter(id=source_id).update(token_oldest=max(newest, 1), token_newest=newest + 1)
    await load_sources(hub)


async def drop_old_secret(hub: Hub, source_id: int) -> None:
    """Only the newest secret is in force."""
    _, newest = hub.sources[source_id].token_keys
    await Source.filter(id=source_id).update(token_oldest=newest)
    await load_sources(hub)


async def sign_in(hub: Hub, source: SourceRow, request: LinkRequest) -> SignedIn:
    """Link the device with the customer that the shop's token names.

    A token counts in one browser only. A browser that is another customer's already gets a new
    device, so that neither sees what the other did.
    """
    did = hub.signer.device(request.token)
    if not did:
        return SignedIn(reason="token: not a device token of this hub")
    now = to_ms(hub.clock.now())
    try:
        said = read_shop_token(
            request.jwt, live_secrets(hub, source), audience=source.write_key, now_ms=now
        )
    except BadToken as error:
        return SignedIn(reason=str(error))
    customer = Identifier(source.shop, "customer", said.customer)
    device = Identifier("", "device", did)
    if device in hub.suppressed or customer in hub.suppressed:
        return SignedIn(reason="sub: erased here")
    others = await _customers(hub, request.token, source.shop)
    if said.customer in others:
        return SignedIn(linked=True)
    if not await _first_browser(hub, f"{source.id}.{said.jti}", did, now):
        return SignedIn(reason="jti: this token was used in another browser")
    if not others:
        await _append(hub, [_link(source, device, customer, now)])
        if said.customer in await _customers(hub, request.token, source.shop):
            return SignedIn(linked=True)
    fresh = hub.signer.mint_device()
    mine = Identifier("", "device", hub.signer.device(fresh))
    consents = await _consents(hub, source, request.token, mine, now)
    if not consents:
        return SignedIn(reason="consent: nothing was agreed to in this browser")
    await _append(hub, [*consents, _link(source, mine, customer, now)])
    return SignedIn(linked=True, token=fresh)


def _link(source: SourceRow, device: Identifier, customer: Identifier, now: int) -> Entry:
    return Entry(
        kind="link",
        name="shop token",
        subject=device,
        links=(Link(customer, "verified"),),
        at=now,
        received_at=now,
        source_id=source.id,
        body="{}",
    )


async def _append(hub: Hub, entries: list[Entry]) -> None:
    stored = await hub.writer.append(entries)
    await hub.views.reached(stored[-1].seq)


async def _customers(hub: Hub, token: str, shop: str) -> set[str]:
    """The accounts of this shop that the device is proved to be."""
    node = await device_node(hub, token)
    rows = await hub.database.get(
        "SELECT n.value FROM node_person d JOIN node_person p "
        "ON p.person_id = d.person_id AND p.core_id = d.core_id JOIN node n ON n.id = p.node_id "
        "WHERE d.node_id = ? AND n.type = 'customer' AND n.namespace = ?",
        (node or 0, shop),
    )
    return {row[0] for row in rows}


async def _first_browser(hub: Hub, jti: str, did: str, now: int) -> bool:
    """Whether no other browser showed this token before."""
    token = sha256(jti.encode()).hexdigest()[:32]
    here = sha256(f"{jti}\0{did}".encode()).hexdigest()[:32]
    sql = "INSERT INTO used_token (jti, at) VALUES (?, ?) ON CONFLICT (jti) DO NOTHING"
    async with hub.database.transaction() as transaction:
        if await transaction.execute(sql, (token, now)):
            await transaction.execute(sql, (here, now))
            return True
        return bool(await transaction.fetch("SELECT 1 FROM used_token WHERE jti = ?", (here,)))


async def _consents(
    hub: Hub, source: SourceRow, token: str, device: Identifier, now: int
) -> list[Entry]:
    """What was agreed to in this browser, for its new device."""
    node = await device_node(hub, token)
    if node is None:
        return []
    known = (await hub.views.own_state(node)).consents
    granted = {p: known[f"{p}/site"] for p in PURPOSES if f"{p}/site" in known}
    return [
        consent_entry(
            source_id=source.id,
            subject=device,
            state="granted",
            at=now,
            body={"purpose": purpose, "channel": "site", "basis": "consent",
                  "text_version": consent.text_version, "source": "api",
                  "proof": "agreed in this browser before another customer signed in"},
        )
        for purpose, consent in granted.items()
        if consent.state == "granted"
    ]  # fmt: skip
