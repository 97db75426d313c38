"""device, consent, link: what a browser may say about itself."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
import orjson

from hub.clock import to_ms
from hub.core import Hub, SourceRow
from hub.flows.decide import EMPTY, node_of
from hub.ingest.limits import BadInput
from hub.sdk.records import Identifier, Link
from hub.store.database import Entry, StoreUnavailable
from hub.store.lanes import Overloaded

PURPOSES = ("analytics", "personalisation")
SOURCES = ("banner", "gcm", "api", "tcf", "wp", "shopify")


class ConsentChoice(msgspec.Struct):
    purposes: dict[str, bool]
    text_version: str = ""
    source: str = "api"


class DeviceRequest(msgspec.Struct):
    writeKey: str
    consent: ConsentChoice


class ConsentRequest(msgspec.Struct):
    writeKey: str
    token: str
    purposes: dict[str, bool]
    text_version: str = ""
    source: str = "api"


class LinkRequest(msgspec.Struct):
    """Proof of who uses this browser: `k` of a mail link, or `jwt`, a token the shop signed."""

    writeKey: str
    token: str
    k: str = ""
    jwt: str = ""


async def mint_device(hub: Hub, source: SourceRow, choice: ConsentChoice, earlier: str = "") -> str:
    """A token for a browser whose visitor agreed to something; "" when she agreed to nothing.

    The agreement is in the ledger before the token leaves the hub. A browser that still holds an
    `earlier` token gets that one back, unless its device was erased or said no since; a no here
    withdraws it.
    """
    known = hub.signer.device(earlier) if earlier else ""
    if known and await _agreed_still(hub, known):
        await hub.views.reached(await _record(hub, source, known, choice))
        return earlier if any(choice.purposes.values()) else ""
    if not any(choice.purposes.values()):
        return ""
    token = hub.signer.mint_device()
    await _record(hub, source, hub.signer.device(token), choice)
    return token


async def _agreed_still(hub: Hub, did: str) -> bool:
    if Identifier("", "device", did) in hub.suppressed:
        return False
    node_id = await node_of(hub, Identifier("", "device", did))
    state = await hub.views.own_state(node_id) if node_id else EMPTY
    return any(consent.state == "granted" for consent in state.consents.values())


async def change_consent(hub: Hub, source: SourceRow, request: ConsentRequest) -> bool:
    """Record the visitor's new choice; answer whether the token may be kept."""
    did = hub.signer.device(request.token)
    if not did:
        raise BadInput("token: not a device token of this hub")
    if Identifier("", "device", did) in hub.suppressed:
        return False  # erased: the browser is to drop the token, and may ask for a new one
    choice = ConsentChoice(request.purposes, request.text_version, request.source)
    seq = await _record(hub, source, did, choice)
    await hub.views.reached(seq)
    return any(choice.purposes.values())


async def link_device(hub: Hub, source: SourceRow, request: LinkRequest) -> bool:
    """A confirmed mail link was opened in this browser: the device is that person's, verified."""
    did = hub.signer.device(request.token)
    claims = hub.signer.open("link", request.k)
    now = to_ms(hub.clock.now())
    if Identifier("", "device", did) in hub.suppressed:
        return False
    if not did or claims is None or int(claims["exp"]) < now:
        return False
    email = await _confirmed_mailbox(hub, int(claims["seq"]))
    jti = str(claims["jti"])
    if email is None or not await use_once(hub, jti, now):
        return False
    entry = Entry(
        kind="link",
        name="mail link",
        subject=Identifier("", "device", did),
        links=(Link(email, "verified"),),
        at=now,
        received_at=now,
        source_id=source.id,
        body="{}",
    )
    await append_once(hub, entry, jti)
    return True


async def _confirmed_mailbox(hub: Hub, seq: int) -> Identifier | None:
    rows = await hub.database.get(
        "SELECT n.value FROM log l JOIN node n ON n.id = l.node_id "
        "WHERE l.seq = ? AND l.kind = 'consent' AND l.name = 'granted' AND n.type = 'email'",
        (seq,),
    )
    return Identifier("", "email", rows[0][0]) if rows else None


async def append_once(hub: Hub, entry: Entry, jti: str) -> int:
    """Store and project the entry that used up `jti`, and answer its seq; when it can not be
    stored, the id is free again, so that the person can press once more."""
    try:
        (stored,) = await hub.writer.append([entry])
    except (StoreUnavailable, Overloaded):
        await hub.database.write([("DELETE FROM used_token WHERE jti = ?", [(jti,)])])
        raise
    with contextlib.suppress(TimeoutError):  # it is on record, only not yet in every view
        await hub.views.reached(stored.seq)
    return stored.seq


async def use_once(hub: Hub, jti: str, now: int) -> bool:
    """True for the first caller with this id, and for nobody after."""
    async with hub.database.transaction() as transaction:
        return bool(
            await transaction.execute(
                "INSERT INTO used_token (jti, at) VALUES (?, ?) ON CONFLICT (jti) DO NOTHING",
                (jti, now),
            )
        )


async def _record(hub: Hub, source: SourceRow, did: str, choice: ConsentChoice) -> int:
    if not choice.purposes:
        raise BadInput(f"purposes: name at least one of {', '.join(PURPOSES)}")
    unknown = set(choice.purposes) - set(PURPOSES)
    if unknown:
        raise BadInput(f"purposes: '{sorted(unknown)[0][:40]}' is not one of {', '.join(PURPOSES)}")
    if choice.source not in SOURCES:
        raise BadInput(f"source: '{choice.source[:40]}' is not one of {', '.join(SOURCES)}")
    now = to_ms(hub.clock.now())
    entries = [
        consent_entry(
            source_id=source.id,
            subject=Identifier("", "device", did),
            state="granted" if granted else "withdrawn",
            at=now,
            body={"purpose": purpose, "channel": "site", "basis": "consent",
                  "text_version": choice.text_version[:64], "source": choice.source},
        )
        for purpose, granted in choice.purposes.items()
    ]  # fmt: skip
    stored = await hub.writer.append(entries)
    return stored[-1].seq if stored else 0


def consent_entry(
    *,
    source_id: int,
    subject: Identifier,
    state: str,
    at: int,
    body: dict[str, Any],
    links: tuple[Link, ...] = (),
) -> Entry:
    """One line for the consent ledger. Raises BadInput for text that no database takes."""
    text = orjson.dumps(body).decode()
    if "\\u0000" in text:
        raise BadInput("body: contains a NUL character (\\u0000)")
    return Entry("consent", state, subject, links, at, at, source_id, text)
